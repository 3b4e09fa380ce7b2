/** Entry point of the plugin `pulumi-resource-cloudflare`. */
import official from "@pulumi/cloudflare/package.json" with { type: "json" };
import { servePlugin } from "../../../providers/sdk/server.ts";
import { cloudflareProvider } from "./provider.ts";

await servePlugin(cloudflareProvider(official.version));
