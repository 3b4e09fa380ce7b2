import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { cloudflareProvider } from "../../../local/providers/cloudflare/provider.ts";
import { randomProvider } from "../../../local/providers/random/provider.ts";
import { packageSchema } from "../../../providers/sdk/package-schema.ts";
import type { Properties } from "../../../providers/sdk/properties.ts";

const require = createRequire(import.meta.url);

/** Inputs, outputs and always-secret outputs of the installed package's class for a token. */
function official(npm: string, token: string) {
  const module = token.split("/")[1]?.split(":")[0] ?? "";
  const folder = dirname(require.resolve(`${npm}/package.json`));
  const entry = readFileSync(join(folder, "index.js"), "utf8");
  const files = [...entry.matchAll(/require\("\.\/(\w+)"\)/g)].map((match) => match[1] ?? "");
  const file = files.find((each) => each.toLowerCase() === module.toLowerCase());
  const source = readFileSync(join(folder, `${file}.js`), "utf8");
  const names = (pattern: RegExp) => [...source.matchAll(pattern)].map((match) => match[1] ?? "");
  const secrets = /additionalSecretOutputs: \[([^\]]*)\]/.exec(source)?.[1] ?? "";
  return {
    type: names(/__pulumiType = '([^']+)'/g)[0],
    inputs: names(/resourceInputs\["(\w+)"\] = args\?/g),
    required: names(/Missing required property '(\w+)'/g),
    outputs: names(/resourceInputs\["(\w+)"\] = undefined \/\*out\*\//g),
    secrets: [...secrets.matchAll(/"(\w+)"/g)].map((match) => match[1] ?? ""),
  };
}

const byMode = (properties: Properties, ...modes: string[]) =>
  Object.keys(properties).filter((name) => modes.includes(properties[name]?.mode ?? ""));

for (const [npm, provider] of [
  ["@pulumi/cloudflare", cloudflareProvider("1.0.0")],
  ["@pulumi/random", randomProvider("1.0.0")],
] as const)
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
        expect(secrets.sort()).toEqual(real.secrets.sort());
      });

    test("has a schema in which every reference resolves", () => {
      const schema = JSON.stringify(packageSchema(provider));
      const { types } = JSON.parse(schema) as { types: object };
      for (const [, reference = ""] of schema.matchAll(/"#\/types\/([^"]+)"/g))
        expect(types).toHaveProperty([reference]);
    });
  });
