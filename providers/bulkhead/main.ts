/** Entry point of the executable `pulumi-resource-bulkhead`. */
import { runBundled } from "../sdk/run-bundled.ts";

await runBundled(new URL("./plugin.ts", import.meta.url), ["providers"]);
