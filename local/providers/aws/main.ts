/** Entry point of the plugin `pulumi-resource-aws`. */
import { devNull } from "node:os";
import official from "@pulumi/aws/package.json" with { type: "json" };
import { servePlugin } from "../../../providers/sdk/server.ts";
import { awsProvider } from "./provider.ts";

// Settings come from the provider's configuration and from environment variables. What a person keeps
// in files for other work must not decide which account this stack talks to.
process.env.AWS_CONFIG_FILE = devNull;
process.env.AWS_SHARED_CREDENTIALS_FILE = devNull;

await servePlugin(awsProvider(official.version));
