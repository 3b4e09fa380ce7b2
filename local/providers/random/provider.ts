/** The `random` provider: the official package's resources over node:crypto. */
import type { ProviderDefinition } from "../../../providers/sdk/definition.ts";
import { randomBytes } from "./resources/random-bytes.ts";
import { randomId } from "./resources/random-id.ts";
import { randomPassword } from "./resources/random-password.ts";
import { randomString } from "./resources/random-string.ts";
import { randomUuid } from "./resources/random-uuid.ts";

/** The provider at the version of the installed npm package, so that programs find it. */
export function randomProvider(version: string): ProviderDefinition<undefined> {
  return {
    name: "random",
    version,
    doc: "Random values that are generated once and kept in the state.",
    npmPackage: "@pulumi/random",
    config: {},
    resources: [randomBytes, randomId, randomPassword, randomString, randomUuid],
    functions: [],
    connect: () => undefined,
    endpoint: () => "",
    toFault: () => undefined,
  };
}
