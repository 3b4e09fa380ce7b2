import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createFingerprinter } from "../../../isolation/secrets/index.ts";
import { BackendReader, openBackend } from "../../../policy/siblings/index.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { scriptedPulumi } from "./scripted-pulumi.ts";

const SALT = "c2FsdC1mb3ItdGVzdHMtb2YtdGhlLXNpYmxpbmdz";
const fingerprinter = createFingerprinter(SALT);
const SUBJECT = { organization: "acme", project: "shop", stack: "dev" };
const UPDATED = "2026-01-01T00:00:00.000Z";

const bucket = (name: string) => ({
  urn: `urn:pulumi:${name}::shop::aws:s3/bucket:Bucket::files`,
  type: "aws:s3/bucket:Bucket",
  custom: true,
  id: name,
  inputs: { bucket: name },
  outputs: { bucket: name },
});
const state = (...resources: object[]) => ({ version: 3, deployment: { resources } });
const root = (outputs: object) => ({
  urn: "urn:pulumi:x::shop::pulumi:pulumi:Stack::x",
  type: "pulumi:pulumi:Stack",
  outputs,
});
const listed = (name: string, fields: object = {}) => ({
  name: `acme/shop/${name}`,
  lastUpdate: UPDATED,
  resourceCount: 1,
  ...fields,
});

/** A backend with the stacks dev and production, each with a bucket of its name. */
function shop(backendUrl?: string) {
  const pulumi = scriptedPulumi(backendUrl);
  pulumi.list([listed("dev"), listed("production")]);
  for (const name of ["dev", "production"]) pulumi.export(`acme/shop/${name}`, state(bucket(name)));
  const { env, cache } = pulumi;
  const options = { pulumi: pulumi.pulumi, env, cache, salt: SALT, fingerprinter };
  const open = (projects: readonly string[] = []) =>
    openBackend({ ...options, projects, subject: SUBJECT });
  return { pulumi, options, open, read: () => open().read() };
}
const exported = (calls: readonly string[]) =>
  calls.filter((call) => call.startsWith("stack export")).length;

describe("what a stack sees of its backend", () => {
  it("is itself, the others with their facts, and what these own", async () => {
    const { read } = shop();
    const { own, siblings, manifestOf } = await read();
    expect(own).toMatchObject({ name: SUBJECT, status: "deployed" });
    expect(own?.facts?.resources.map(({ id }) => id)).toEqual(["dev"]);
    const [production] = siblings;
    expect(siblings).toHaveLength(1);
    expect(production).toMatchObject({
      name: { organization: "acme", project: "shop", stack: "production" },
      tier: "production",
      status: "deployed",
      facts: { phase: "state", resources: [{ id: "production" }] },
    });
    const entries = production && manifestOf(production)?.resources;
    expect(Object.values(entries ?? {}).flatMap(({ claims }) => claims)).toContain("s3:production");
  });

  it("asks for its organisation's stacks, project by project, each project once", async () => {
    const { pulumi, open } = shop();
    await open(["billing", "shop"]).read();
    const lists = pulumi.calls().filter((call) => call.startsWith("stack ls"));
    expect(lists.sort()).toEqual([
      "stack ls --json --project billing --organization acme",
      "stack ls --json --project shop --organization acme",
    ]);
  });

  it("has a tier by output, else by name; of several spelled the one that matters most", async () => {
    const { pulumi, read } = shop();
    pulumi.list(["dev", "a", "eu-staging", "staging-production", "x"].map((name) => listed(name)));
    pulumi.export("acme/shop/a", state(root({ tier: "production" }), bucket("a")));
    for (const name of ["eu-staging", "staging-production", "x"])
      pulumi.export(`acme/shop/${name}`, state(root({ tier: "huge" }), bucket(name)));
    const { siblings } = await read();
    expect(siblings.map(({ name, tier }) => [name.stack, tier])).toEqual([
      ["a", "production"],
      ["eu-staging", "staging"],
      ["staging-production", "production"],
      ["x", "preview"],
    ]);
  });

  it("has an empty stack as empty, and one whose first creation was interrupted as deployed", async () => {
    const { pulumi, read } = shop();
    pulumi.export("acme/shop/production", state(root({})));
    expect((await read()).siblings).toMatchObject([{ status: "empty" }]);
    pulumi.list([listed("dev"), listed("production", { lastUpdate: "2026-01-01T00:00:01.000Z" })]);
    const pending = { pending_operations: [{ type: "creating", resource: bucket("half") }] };
    pulumi.export("acme/shop/production", { version: 3, deployment: pending });
    expect((await read()).siblings).toMatchObject([{ status: "deployed" }]);
  });

  it("does not mind that its own state lacks the manifest: this very run will export it", async () => {
    const { pulumi, read } = shop();
    const sealed = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
    for (const name of ["dev", "production"])
      pulumi.export(`acme/shop/${name}`, state({ ...bucket(name), inputs: { password: sealed } }));
    const { own, siblings, manifestOf } = await read();
    expect(own).toMatchObject({ status: "deployed", facts: expect.anything() });
    expect(siblings).toMatchObject([
      { status: "unreadable", problem: expect.stringMatching(/without the isolation manifest/) },
    ]);
    expect(siblings[0]?.facts).toBeUndefined();
    // What its state shows is compared all the same.
    expect(siblings[0] && manifestOf(siblings[0])).toBeDefined();
  });
});

describe("what cannot be read", () => {
  it.each<[string, string | object, RegExp]>([
    ["is no JSON", "{", /^Its state cannot be understood: the document is not/],
    ["is no state", [1], /^Its state cannot be understood/],
    ["is of a newer Pulumi", { version: 9, deployment: {} }, /version 9.*Update Bulkhead\.$/],
  ])("is unreadable by name when its state %s, and the others are read", async (_, text, words) => {
    const { pulumi, read } = shop();
    pulumi.list(["dev", "production", "staging"].map((name) => listed(name)));
    pulumi.export("acme/shop/staging", text);
    expect((await read()).siblings).toMatchObject([
      { name: { stack: "production" }, status: "deployed" },
      { name: { stack: "staging" }, status: "unreadable", problem: expect.stringMatching(words) },
    ]);
  });

  it("is unreadable by name when its export fails", async () => {
    const { pulumi, read } = shop();
    pulumi.failExport("acme/shop/production", "disk full");
    expect((await read()).siblings).toMatchObject([
      {
        name: { stack: "production" },
        tier: "production",
        status: "unreadable",
        problem: expect.stringMatching(/--stack acme\/shop\/production` failed: disk full\. Try/),
      },
    ]);
    expect(exported(pulumi.calls())).toBe(3);
  });

  it("is one unreadable sibling when the backend cannot be listed", async () => {
    const { pulumi, options, read } = shop();
    pulumi.failList("PULUMI_ACCESS_TOKEN must be set for login");
    const view = await read();
    expect(view.own).toBeUndefined();
    expect(view.siblings).toMatchObject([
      {
        name: { project: "shop", stack: "*" },
        status: "unreadable",
        problem: expect.stringMatching(/^Pulumi is not logged in/),
      },
    ]);
    const missing = openBackend({
      ...options,
      pulumi: "/nowhere/pulumi",
      projects: [],
      subject: SUBJECT,
    });
    expect((await missing.read()).siblings).toMatchObject([
      { status: "unreadable", problem: expect.stringMatching(/cannot be started/) },
    ]);
  });

  it("is one unreadable sibling when the list is none", async () => {
    const { pulumi, read } = shop();
    writeFileSync(join(pulumi.folder, "list.json"), '{"stacks":[]}');
    expect((await read()).siblings).toMatchObject([
      { status: "unreadable", problem: expect.stringMatching(/printed no list of stacks\. Check/) },
    ]);
  });

  it("is a backend that does not have the stack itself: it is another than the engine's", async () => {
    const { pulumi, read } = shop();
    pulumi.list([listed("production")]);
    expect((await read()).siblings).toMatchObject([
      { name: { stack: "production" }, status: "deployed" },
      {
        name: { stack: "*" },
        status: "unreadable",
        problem: expect.stringMatching(/has no stack shop\/dev, so it is not the one/),
      },
    ]);
  });

  it("is one unreadable sibling without Pulumi, also where a folder tells the stacks' names", async () => {
    const folder = temporaryFolder();
    const stacks = join(folder, ".pulumi", "stacks", "shop");
    mkdirSync(stacks, { recursive: true });
    writeFileSync(join(stacks, "production.json"), "{}");
    const { options } = shop(`file://${folder}`);
    const view = await openBackend({
      ...options,
      pulumi: "/nowhere/pulumi",
      projects: [],
      subject: SUBJECT,
    }).read();
    expect(view.siblings.map(({ name }) => name.stack)).toEqual(["*"]);
  });

  it("a damaged state in a folder hides no other stack, although Pulumi then lists none", async () => {
    const folder = temporaryFolder();
    const stacks = join(folder, ".pulumi", "stacks", "shop");
    mkdirSync(stacks, { recursive: true });
    for (const file of ["dev.json", "production.json", "production.json.bak"])
      writeFileSync(join(stacks, file), "{");
    const { pulumi, options } = shop(`file://${folder}`);
    pulumi.failList("unexpected end of JSON input");
    pulumi.export("organization/shop/dev", state(bucket("dev")));
    pulumi.failExport("organization/shop/production", "unexpected end of JSON input");
    const backend = openBackend({
      ...options,
      projects: [],
      subject: { project: "shop", stack: "dev" },
    });
    const { own, siblings } = await backend.read();
    expect(own).toMatchObject({ status: "deployed" });
    expect(siblings).toMatchObject([
      {
        name: { stack: "production" },
        status: "unreadable",
        problem: expect.stringMatching(/JSON/),
      },
    ]);
  });
});

describe("the cache", () => {
  it("leaves a second reading with one listing", async () => {
    const { pulumi, read } = shop();
    const first = await read();
    expect(exported(pulumi.calls())).toBe(2);
    const second = await read();
    expect(pulumi.calls()).toEqual(["stack ls --json --project shop --organization acme"]);
    const facts = (view: typeof first) => [
      view.own?.facts,
      view.siblings.map((each) => each.facts),
    ];
    expect(facts(second)).toEqual(facts(first));
    const manifests = (view: typeof first) => view.siblings.map(view.manifestOf);
    expect(manifests(second)).toEqual(manifests(first));
  });

  it("is passed over for a stack that was updated since, and for no other", async () => {
    const { pulumi, read } = shop();
    await read();
    pulumi.calls();
    pulumi.list([listed("dev"), listed("production", { lastUpdate: "2026-01-01T00:00:00.001Z" })]);
    pulumi.export("acme/shop/production", state(bucket("changed")));
    const { siblings } = await read();
    expect(siblings[0]?.facts?.resources[0]?.id).toBe("changed");
    expect(exported(pulumi.calls())).toBe(1);
    expect(readdirSync(pulumi.cache)).toHaveLength(2);
  });

  it.each<[string, object]>([
    ["is being updated", { updateInProgress: true }],
    ["was never updated", { lastUpdate: undefined }],
    // Pulumi Cloud counts whole seconds, so that a second update may bear the same time.
    ["was updated just now", { lastUpdate: new Date().toISOString() }],
  ])("does not keep a stack that %s", async (_, fields) => {
    const { pulumi, read } = shop();
    pulumi.list([listed("dev"), listed("production", fields)]);
    await read();
    pulumi.calls();
    await read();
    expect(exported(pulumi.calls())).toBe(1);
  });

  it("notices that a state was edited without an update, by its number of resources", async () => {
    const { pulumi, read } = shop();
    await read();
    pulumi.calls();
    pulumi.list([listed("dev"), listed("production", { resourceCount: 2 })]);
    await read();
    expect(exported(pulumi.calls())).toBe(1);
  });

  it("notices in a folder that a state was edited without an update, by its file", async () => {
    const folder = temporaryFolder();
    const stacks = join(folder, ".pulumi", "stacks", "shop");
    mkdirSync(stacks, { recursive: true });
    for (const name of ["dev", "production"]) writeFileSync(join(stacks, `${name}.json`), "{}");
    const { pulumi, read } = shop(`file://${folder}`);
    await read();
    pulumi.calls();
    await read();
    expect(exported(pulumi.calls())).toBe(0);
    writeFileSync(join(stacks, "production.json"), "{ }");
    await read();
    expect(exported(pulumi.calls())).toBe(1);
  });

  it("keeps nothing of a backend in a bucket, where nothing tells of such an edit", async () => {
    const { pulumi, read } = shop("s3://states");
    await read();
    await read();
    expect(exported(pulumi.calls())).toBe(4);
  });

  it("keeps nothing that could not be read", async () => {
    const { pulumi, read } = shop();
    pulumi.export("acme/shop/production", "{");
    expect((await read()).siblings).toMatchObject([{ status: "unreadable" }]);
    pulumi.export("acme/shop/production", state(bucket("production")));
    expect((await read()).siblings).toMatchObject([{ status: "deployed" }]);
  });

  it("is not shared by two backends, nor by two salts", async () => {
    const { pulumi, options, read } = shop();
    await read();
    pulumi.calls();
    const elsewhere = { ...options.env, PULUMI_BACKEND_URL: "https://other.example.com" };
    const other = new BackendReader({ ...options, env: elsewhere });
    await other.readAll();
    expect(exported(pulumi.calls())).toBe(2);
    const salt = SALT.replace("c2", "c3");
    const [first] = await new BackendReader({ ...options, salt }).readAll();
    // The state is at hand; only what depends on the salt is worked out anew.
    expect(exported(pulumi.calls())).toBe(0);
    const before = (await new BackendReader(options).readAll())[0];
    const saltOf = (reading: typeof first) =>
      reading?.problem === undefined ? reading?.manifest.salt : undefined;
    expect(saltOf(first)).not.toBe(saltOf(before));
  });

  it("keeps a state, and works it out anew for another version of the code", async () => {
    const { pulumi, read } = shop();
    await read();
    pulumi.calls();
    /** Replaces what was worked out from the states, and says which code has done so. */
    const replaceDigests = (change: object) => {
      for (const name of readdirSync(pulumi.cache)) {
        const file = join(pulumi.cache, name);
        const [title, , small = "", large = ""] = readFileSync(file, "utf8").split("\n");
        const changed = JSON.stringify({ ...JSON.parse(small), ...change });
        const digest = createHash("sha256").update(`${changed}\n${large}`).digest("hex");
        writeFileSync(file, [title, digest, changed, large].join("\n"));
      }
    };
    const tierOf = async () => (await read()).siblings[0]?.tier;
    replaceDigests({ tier: "preview" });
    expect(await tierOf()).toBe("preview");
    replaceDigests({ edition: "another" });
    expect(await tierOf()).toBe("production");
    expect(exported(pulumi.calls())).toBe(0);
  });

  it("asks where a login leads when no variable says it", async () => {
    const { pulumi, options } = shop();
    const { PULUMI_BACKEND_URL: _, ...env } = options.env;
    for (let run = 0; run < 2; run++)
      await openBackend({ ...options, env, projects: [], subject: SUBJECT }).read();
    const calls = pulumi.calls();
    expect(calls.filter((call) => call.startsWith("whoami"))).toHaveLength(2);
    expect(exported(calls)).toBe(2);
  });

  it("holds no secret, encrypted or not", async () => {
    const { pulumi, read } = shop();
    const mark = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
    const inputs = {
      a: { ...mark, ciphertext: "v1:canary" },
      b: [{ ...mark, plaintext: '"canary"' }],
    };
    pulumi.export("acme/shop/production", state({ ...bucket("production"), inputs }));
    await read();
    const files = readdirSync(pulumi.cache).map((file) => join(pulumi.cache, file));
    expect(files).toHaveLength(2);
    for (const file of files) expect(readFileSync(file, "utf8")).not.toContain("canary");
  });
});
