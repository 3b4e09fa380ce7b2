import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { rules } from "../../policy/rules/index.ts";
import { parseSettings, readSettings } from "../../policy/settings.ts";
import { baseEstate } from "./estate/program.ts";
import { run, violations } from "./estate/run.ts";
import { add, resourceOf, stackOf, type Value } from "./estate/spec.ts";

const SALT = "salt: b5cV2-xGmDYjZ0RjY9iYvA7Zt1Qw3LhKp4N8eRuTfSg\n";
const parse = (text: string) => parseSettings(text, "policy/settings.yaml");

describe("the project's own settings", () => {
  test("can be read, share nothing on purpose, and waive what development lacks of handled", () => {
    const file = fileURLToPath(new URL("../../policy/settings.yaml", import.meta.url));
    const { salt, projects, waivers, levels } = readSettings(file);
    expect(salt.length).toBeGreaterThanOrEqual(22);
    expect({ projects, levels }).toEqual({ projects: [], levels: [] });
    expect(
      waivers.map(({ rule, stacks, urn, identity }) => [rule, stacks, urn ?? identity]),
    ).toEqual([
      ["environment-parity", ["staging"], "*::handled-data*"],
      [
        "environment-parity",
        ["staging"],
        "difference:cloudflare:index/workersScript:WorkersScript handled-api bindings DATA",
      ],
    ]);
  });

  test("let staging have handled's second server, and nothing else, before development", async () => {
    const file = fileURLToPath(new URL("../../policy/settings.yaml", import.meta.url));
    const { waivers } = readSettings(file);
    const found = async (lacking: RegExp, given: typeof waivers) => {
      const estate = baseEstate();
      estate.settings = { ...estate.settings, waivers: given };
      for (const stack of estate.stacks) {
        const { inputs } = resourceOf(estate, stack.stack, "api script");
        const id = resourceOf(estate, stack.stack, "data hyperdrive").id ?? "";
        const bindings: Value[] =
          stack.stack === "dev" ? [] : [{ name: "DATA", type: "hyperdrive", id }];
        add(stack, {
          ...resourceOf(estate, stack.stack, "api script"),
          key: "handled script",
          name: "handled-api",
          parent: "handled",
          inputs: { ...inputs, scriptName: `handled-api-${stack.stack}`, bindings },
          id: `handled-api-${stack.stack}`,
        });
      }
      const dev = stackOf(estate, "dev");
      dev.resources = dev.resources.filter(({ name }) => !lacking.test(name));
      const result = await run(estate, "staging", rules, ["update stack"]);
      return new Set(violations(result, "update stack").map(({ rule }) => rule.name));
    };
    expect(await found(/^handled-data/, [])).toEqual(new Set(["environment-parity"]));
    expect(await found(/^handled-data/, waivers)).toEqual(new Set());
    expect([...(await found(/^(?:handled-data|instainstru-exports)/, waivers))]).toEqual([
      "environment-parity",
    ]);
  });
});

describe("settings", () => {
  test("need nothing but a salt", () => {
    expect(parse(SALT)).toMatchObject({ projects: [], waivers: [], levels: [] });
  });

  test("keep a waiver as it was written, with what is left out empty", () => {
    const text = `${SALT}waivers:\n  - rule: separate-accounts\n    identity: account:aws/1\n    expires: 2027-01-01\n`;
    expect(parse(text).waivers).toEqual([
      {
        rule: "separate-accounts",
        identity: "account:aws/1",
        owner: "",
        reason: "",
        expires: "2027-01-01",
      },
    ]);
  });

  test("take a year for an expiry without stopping the check", () => {
    const text = `${SALT}waivers:\n  - { rule: tls-required, urn: "*x*", expires: 2027, owner: null }\n`;
    expect(parse(text).waivers[0]).toMatchObject({ expires: "2027", owner: "" });
  });

  test.each([
    [
      "an unknown key, naming it and the known ones",
      `${SALT}waiver: []\n`,
      "policy/settings.yaml has the unknown key waiver. Use salt, projects, waivers, levels.",
    ],
    [
      "an unknown key of a waiver, naming its place",
      `${SALT}waivers:\n  - rule: x\n    until: 2027-01-01\n`,
      "policy/settings.yaml has the unknown key until in waivers[0]. Use rule, identity, urn, path, stacks, owner, reason, expires.",
    ],
    [
      "a level that is none",
      `${SALT}levels:\n  - rule: x\n    level: off\n`,
      /^policy\/settings\.yaml has a wrong value at levels\[0\]\.level .*mandatory.*advisory/,
    ],
    ["a list that is none", `${SALT}projects: shop\n`, /wrong value at projects .* Correct it/],
    ["no salt", "projects: []\n", /has no usable salt: it is missing\. Make one: node -p/],
    ["a short salt", "salt: abc\n", /has no usable salt: it is not base64url of at least 22/],
    ["an empty file", "", /has no usable salt|wrong value/],
    [
      "an alias without its anchor",
      `${SALT}projects: [*shop]\n`,
      /has an alias that cannot be resolved \(.*\)\. Write the value out, or quote/,
    ],
    ["what is no YAML", "salt: [\n", /is not YAML: .*\. Correct the line\.$/],
  ])("refuse %s", (_, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  test("that are missing are an error with the way to new ones", () => {
    expect(() => readSettings("/nowhere/settings.yaml")).toThrow(
      /cannot be read .*ENOENT.* Restore \/nowhere\/settings\.yaml; a new one needs only a salt/,
    );
  });
});
