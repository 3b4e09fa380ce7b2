import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { awsProvider } from "../../../local/providers/aws/provider.ts";
import { cloudflareProvider } from "../../../local/providers/cloudflare/provider.ts";
import { digitalOceanProvider } from "../../../local/providers/digitalocean/provider.ts";
import { randomProvider } from "../../../local/providers/random/provider.ts";
import type { ProviderDefinition } from "../../../providers/sdk/definition.ts";
import { packageSchema } from "../../../providers/sdk/package-schema.ts";
import type { Properties } from "../../../providers/sdk/properties.ts";

const require = createRequire(import.meta.url);

/** Inputs, outputs and always-secret outputs of the installed package's class for a token. */
function official(npm: string, token: string) {
  const [, module = "", name = ""] = /^[^:]+:(\w+)\/(\w+):/.exec(token) ?? [];
  const root = dirname(require.resolve(`${npm}/package.json`));
  const folder = module === "index" ? root : join(root, module);
  const entry = readFileSync(join(folder, "index.js"), "utf8");
  const files = [...entry.matchAll(/require\("\.\/(\w+)"\)/g)].map((match) => match[1] ?? "");
  const file = files.find((each) => each.toLowerCase() === name.toLowerCase());
  const source = readFileSync(join(folder, `${file}.js`), "utf8");
  const names = (pattern: RegExp) => [...source.matchAll(pattern)].map((match) => match[1] ?? "");
  const secrets = /additionalSecretOutputs: \[([^\]]*)\]/.exec(source)?.[1] ?? "";
  return {
    type: names(/__pulumiType = '([^']+)'/g)[0],
    inputs: names(/resourceInputs\["(\w+)"\] = \(?args\?/g),
    required: names(/Missing required property '(\w+)'/g),
    outputs: names(/resourceInputs\["(\w+)"\] = undefined \/\*out\*\//g),
    secrets: [...secrets.matchAll(/"(\w+)"/g)].map((match) => match[1] ?? ""),
  };
}

const byMode = (properties: Properties, ...modes: string[]) =>
  Object.keys(properties).filter((name) => modes.includes(properties[name]?.mode ?? ""));

standsIn("@pulumi/aws", awsProvider("1.0.0"));
standsIn("@pulumi/cloudflare", cloudflareProvider("1.0.0"));
standsIn("@pulumi/digitalocean", digitalOceanProvider("1.0.0"));
standsIn("@pulumi/random", randomProvider("1.0.0"));

function standsIn<Client>(npm: string, provider: ProviderDefinition<Client>): void {
  describe(`the local stand-in for ${npm}`, () => {
    for (const { token, properties } of provider.resources)
      test(`${token} has only names of the official resource, in the same roles`, () => {
        const real = official(npm, token);
        expect(real.type).toBe(token);
        expect(real.inputs).toEqual(
          expect.arrayContaining(byMode(properties, "required", "optional", "inherited")),
        );
        expect(byMode(properties, "required")).toEqual(expect.arrayContaining(real.required));
        expect(real.outputs).toEqual(expect.arrayContaining(byMode(properties, "output")));
        const secrets = Object.keys(properties).filter((name) => properties[name]?.secret);
        const supported = real.secrets.filter((name) => name in properties);
        expect(secrets.sort()).toEqual(supported.sort());
      });

    test("has a schema in which every reference resolves", () => {
      const schema = JSON.stringify(packageSchema(provider));
      const { types } = JSON.parse(schema) as { types: object };
      for (const [, reference = ""] of schema.matchAll(/"#\/types\/([^"]+)"/g))
        expect(types).toHaveProperty([reference]);
    });
  });
}
