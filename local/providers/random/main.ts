/** Entry point of the plugin `pulumi-resource-random`. */
import official from "@pulumi/random/package.json" with { type: "json" };
import { servePlugin } from "../../../providers/sdk/server.ts";
import { randomProvider } from "./provider.ts";

await servePlugin(randomProvider(official.version));
