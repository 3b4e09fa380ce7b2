/** Entry point of the plugin `pulumi-resource-digitalocean`. */
import official from "@pulumi/digitalocean/package.json" with { type: "json" };
import { servePlugin } from "../../../providers/sdk/server.ts";
import { digitalOceanProvider } from "./provider.ts";

await servePlugin(digitalOceanProvider(official.version));
