/** The pack's process: it starts with every preview and update. */
import { runBundled } from "../providers/sdk/run-bundled.ts";

await runBundled(new URL("./plugin.ts", import.meta.url), [
  "policy",
  "isolation",
  "providers/sdk",
  "components",
]);
