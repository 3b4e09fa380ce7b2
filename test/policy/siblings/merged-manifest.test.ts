import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type FactValue, isFactMap, type StackFacts } from "../../../isolation/facts.ts";
import { type Manifest, manifestOf } from "../../../isolation/manifest/index.ts";
import { createFingerprinter } from "../../../isolation/secrets/index.ts";
import { mergeManifest } from "../../../policy/siblings/merged-manifest.ts";
import { stateFacts } from "../../../policy/state/index.ts";

const EXPORTED = JSON.parse(
  readFileSync(new URL("../state/exported-stack.json", import.meta.url), "utf8"),
);
const NAME = { project: "bulkhead", stack: "dev" };
const SALT = "c2FsdC1mb3ItdGVzdHMtb2YtdGhlLXNpYmxpbmdz";
const fingerprinter = createFingerprinter(SALT);

const facts = stateFacts(EXPORTED, NAME);
const urnOf = (type: string): string =>
  facts.resources.find((each) => each.type.endsWith(type))?.urn ?? "";
const PROVIDER = urnOf("providers:cloudflare");
const PASSWORD = urnOf(":RandomPassword");
const WORKER = urnOf(":WorkersScript");
const DATABASE = urnOf(":D1Database");
const DATABASE_ID = "id:0b74cffb-f867-45c7-9c26-c4e5ede9948e";

const entry = (...paths: string[]): Manifest["resources"][string] => ({
  type: "t",
  secrets: paths.map((path) => ({ path, fingerprints: ["A".repeat(22)], length: 64, bits: 300 })),
});

/** Every secret that the state seals. */
const LISTED = {
  [PROVIDER]: entry("apiToken"),
  [PASSWORD]: entry("bcryptHash", "result"),
  [WORKER]: entry("bindings[3].text"),
};

const withOutput = (isolation: FactValue | undefined, from: StackFacts = facts): StackFacts => ({
  ...from,
  outputs: { ...from.outputs, ...(isolation === undefined ? {} : { isolation }) },
});
const manifest = (resources: Manifest["resources"] = LISTED, name = NAME, salt = SALT) =>
  manifestOf(name, salt, resources) as unknown as FactValue;
const merge = (isolation: FactValue | undefined, from?: StackFacts) =>
  mergeManifest(withOutput(isolation, from), SALT, fingerprinter);
const mergeWhile = (
  newer: Parameters<typeof mergeManifest>[3],
  isolation = manifest(),
  from?: StackFacts,
) => mergeManifest(withOutput(isolation, from), SALT, fingerprinter, newer);
const gapOf = async (isolation: FactValue | undefined, from?: StackFacts) =>
  (await merge(isolation, from)).gap;

describe("what a stack owns and uses", () => {
  it("is seen in its state, although its manifest says nothing of it", async () => {
    const { manifest: seen } = await merge(manifest());
    expect(seen.resources[DATABASE]?.claims).toContain(DATABASE_ID);
    expect(seen.resources[WORKER]?.references?.map(([identity]) => identity)).toContain(
      DATABASE_ID,
    );
  });

  it("is seen without any manifest, and so is that other stacks may refer to it", async () => {
    const { manifest: seen } = await merge(undefined);
    expect(seen.resources[DATABASE]?.claims).toContain(DATABASE_ID);
    const claims = Object.values(seen.resources).flatMap((each) => each.claims ?? []);
    expect(claims).toContain("stack:bulkhead/dev");
  });

  it("includes what only the manifest knows: references in secrets, and claims of its own", async () => {
    const { manifest: seen } = await merge(
      manifest({
        ...LISTED,
        config: { type: "c", references: [["server:db.example.com", "url", "url"]] },
        [DATABASE]: { type: "d", claims: ["id:forged"] },
      }),
    );
    expect(seen.resources.config?.references).toEqual([["server:db.example.com", "url", "url"]]);
    expect(seen.resources[DATABASE]?.claims).toEqual(["id:forged", DATABASE_ID]);
  });

  it("includes a resource that still waits for its deletion beside its successor", async () => {
    const twin = (uuid: string, more: object = {}) => ({
      ...EXPORTED.deployment.resources.find(({ urn }: { urn: string }) => urn === DATABASE),
      id: uuid,
      outputs: { uuid },
      ...more,
    });
    const old = "11111111-2222-4333-8444-555555555555";
    const { id } = twin("");
    const state = {
      version: 3,
      deployment: { resources: [twin(id), twin(old, { delete: true })] },
    };
    const { manifest: seen } = await merge(undefined, stateFacts(state, NAME));
    expect(seen.resources[DATABASE]?.claims).toContain(`id:${old}`);
  });

  it("has the fingerprints of the manifest alone", async () => {
    const { manifest: seen } = await merge(manifest());
    expect(seen.resources[PASSWORD]?.secrets).toEqual(LISTED[PASSWORD]?.secrets);
  });
});

describe("a stack can be compared with", () => {
  it("when its manifest lists every secret of its state", async () => {
    expect(await gapOf(manifest())).toBeUndefined();
  });

  it("not while a secret may be newer than the manifest", async () => {
    const unsettled = new Set([WORKER]);
    const { gap } = await mergeWhile({ unsettled, refreshed: new Set() });
    expect(gap).toMatch(/bindings\[3\]\.text.*may have changed.*Run `pulumi up` on it\./);
  });

  it("when what is newer than the manifest is no secret", async () => {
    const unsettled = new Set(["urn:pulumi:dev::bulkhead::a:b:C::newer"]);
    const { gap } = await mergeWhile({ unsettled, refreshed: new Set() });
    expect(gap).toBeUndefined();
  });

  it("when a refresh alone was at a secret that no vendor tells", async () => {
    const urns = new Set([WORKER, PASSWORD]);
    expect((await mergeWhile({ unsettled: urns, refreshed: urns })).gap).toBeUndefined();
    const { gap } = await mergeWhile({ unsettled: urns, refreshed: new Set([WORKER]) });
    expect(gap).toMatch(/bcryptHash.*may have changed/);
  });

  it("without a manifest, when it has no secret", async () => {
    const plain = facts.resources.filter(({ urn }) => !(urn in LISTED));
    expect(await gapOf(undefined, { ...facts, resources: plain })).toBeUndefined();
  });

  const D = { outputs: facts.outputs, ...NAME, phase: "state", config: {} } as const;
  const secretAt = (path: string, fields: object = {}) => {
    const sealed = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
    const urn = "urn:pulumi:dev::bulkhead::a:b:C::x";
    const resource = { urn, type: "a:b:C", custom: true, inputs: { [path]: sealed }, ...fields };
    const { resources } = stateFacts({ version: 3, deployment: { resources: [resource] } }, NAME);
    return { urn, from: { ...D, resources } };
  };

  it.each([
    ["digitalocean:index/spacesKey:SpacesKey", "secretKey", true],
    ["digitalocean:index/databaseUser:DatabaseUser", "password", false],
    ["cloudflare:index/hyperdriveConfig:HyperdriveConfig", "secretKey", false],
    ["cloudflare:index/workersScript:WorkersScript", "content", false],
    ["cloudflare:index/workersScript:WorkersScript", "bindings", false],
  ])("or not, after a refresh, by what a vendor tells: %s %s", async (type, path, isKept) => {
    const { urn, from } = secretAt(path, { type });
    const urns = new Set([urn]);
    const known = manifest({ [urn]: entry(path) });
    const { gap } = await mergeWhile({ unsettled: urns, refreshed: urns }, known, from);
    expect(gap === undefined).toBe(isKept);
  });

  it("not after a refresh that found another kind of binding at a secret's place", async () => {
    const [worker] = facts.resources.filter(({ urn }) => urn === WORKER);
    if (worker === undefined) throw new Error("The state has no Worker.");
    const bindings = (worker.inputs.bindings as FactValue[]).map((each) =>
      isFactMap(each) && each.type === "secret_text" ? { ...each, type: "plain_text" } : each,
    );
    const read = { ...worker, outputs: { ...worker.outputs, bindings } };
    const from = { ...facts, resources: facts.resources.map((e) => (e === worker ? read : e)) };
    const urns = new Set([WORKER]);
    const { gap } = await mergeWhile({ unsettled: urns, refreshed: urns }, manifest(), from);
    expect(gap).toMatch(/bindings\[3\]\.text.*may have changed/);
  });

  it("when the state shows a secret object as one, and the manifest lists what is in it", async () => {
    const { urn, from } = secretAt("settings");
    for (const path of ["settings", "settings.token", "settings[0]"])
      expect(await gapOf(manifest({ [urn]: entry(path) }), from), path).toBeUndefined();
    for (const path of ["settingsOther", "other.settings", "setting"])
      expect(await gapOf(manifest({ [urn]: entry(path) }), from), path).toMatch(/secret settings/);
  });

  it("when a default provider's secret is in the configuration that it is made of", async () => {
    const urn = "urn:pulumi:dev::bulkhead::pulumi:providers:cloudflare::default_6_22_1";
    const { from } = secretAt("apiToken", { urn, type: "pulumi:providers:cloudflare" });
    const config = (path: string) => manifest({ config: entry(path) });
    expect(await gapOf(config('["cloudflare:apiToken"]'), from)).toBeUndefined();
    expect(await gapOf(config('["aws:apiToken"]'), from)).toMatch(/does not list the secret/);
  });

  it("when only a component or the stack's outputs hold a secret: both are copies", async () => {
    const { from } = secretAt("password", { custom: false });
    expect(await gapOf(undefined, from)).toBeUndefined();
  });
});

describe("a stack cannot be compared with", () => {
  it("when it was deployed without a manifest and has secrets", async () => {
    expect(await gapOf(undefined)).toBe(
      "It was deployed without the isolation manifest, so that its secrets cannot be compared. Run `pulumi up` on it.",
    );
  });

  it.each([
    [PROVIDER, "apiToken of cloudflare (pulumi:providers:cloudflare)"],
    [WORKER, "bindings[3].text of qhub-api (cloudflare:index/workersScript:WorkersScript)"],
  ])("when its manifest lacks a secret of its state: %s", async (urn, place) => {
    const { [urn]: _, ...others } = LISTED;
    expect(await gapOf(manifest(others))).toBe(
      `Its isolation manifest does not list the secret ${place}, so that its secrets cannot be compared. Run \`pulumi up\` on it.`,
    );
  });

  it("when its manifest lists a secret that was not known when it was made", async () => {
    const unknown = { type: "t", secrets: [{ path: "apiToken", fingerprints: [] }] };
    expect(await gapOf(manifest({ ...LISTED, [PROVIDER]: unknown }))).toMatch(
      /does not list the secret apiToken/,
    );
  });

  it("when a secret is listed for another path of the resource only", async () => {
    expect(await gapOf(manifest({ ...LISTED, [PASSWORD]: entry("result") }))).toMatch(
      /does not list the secret bcryptHash/,
    );
  });

  it.each<[string, FactValue, RegExp]>([
    [
      "another salt",
      manifest(LISTED, NAME, SALT.replace("c2", "c3")),
      /^.* another salt .*\. Give/,
    ],
    [
      "another stack's manifest",
      manifest(LISTED, { project: "bulkhead", stack: "production" }),
      /^Its isolation manifest is that of bulkhead\/production\. Export its own/,
    ],
    ["a newer form", { format: "bulkhead.isolation/2" }, /has the format bulkhead\.isolation\/2/],
    ["no manifest at all", "hello", /^The value is not an isolation manifest\. Deploy/],
  ])("when its output holds %s", async (_, isolation, message) => {
    expect(await gapOf(isolation)).toMatch(message);
  });

  it("when its manifest was exported as a secret", async () => {
    const sealed = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
    const root = {
      urn: "urn:pulumi:dev::bulkhead::pulumi:pulumi:Stack::s",
      type: "pulumi:pulumi:Stack",
    };
    const state = { deployment: { resources: [{ ...root, outputs: { isolation: sealed } }] } };
    expect((await mergeManifest(stateFacts(state, NAME), SALT, fingerprinter)).gap).toMatch(
      /^Its isolation manifest is encrypted/,
    );
  });

  it("and what its state shows is compared even so", async () => {
    const { manifest: seen } = await merge("hello");
    expect(seen.resources[DATABASE]?.claims).toContain(DATABASE_ID);
  });
});
