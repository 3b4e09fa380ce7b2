import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createFingerprinter } from "../../../isolation/secrets/index.ts";
import type { Sibling } from "../../../policy/rule.ts";
import { type BackendView, openBackend } from "../../../policy/siblings/index.ts";
import {
  openTestEstate,
  type TestEstate,
  TOOLS_FILE,
  writeScratchProgram,
  writeScratchProject,
} from "../../support/estate.ts";

/*
 * Real stacks in a real backend, read by the real Pulumi as the policy pack reads them. The tests
 * build on each other: a deployment takes seconds.
 */

const PROJECT = "siblings";
const SALT = "c2FsdC1mb3ItdGVzdHMtb2YtdGhlLXNpYmxpbmdz";
const fingerprinter = createFingerprinter(SALT);
const PASSWORD = "correct-horse-battery-staple-4711";

const program = (manifest: string) => `
  import * as pulumi from "@pulumi/pulumi";
  import { RandomPassword } from "@pulumi/random/randomPassword.js";
  import { cloudflareCredentials, connectCloudflareAccount } from "@/components/cloudflare-account.ts";
  import { Bucket } from "@/components/bucket.ts";
  import { Scope } from "@/components/scope.ts";
  import { ManifestCollector } from "@/components/stack-manifest.ts";
  const collector = new ManifestCollector("${SALT}");
  const stack = pulumi.getStack();
  const account = connectCloudflareAccount(
    cloudflareCredentials(stack, { accountId: undefined, apiToken: undefined }, process.env));
  const scope = new Scope("shop", { tier: "development", account });
  new Bucket("files", { scope });
  const password = new RandomPassword("generated", { length: 40 });
  export const tier = "staging";
  export const copy = password.result;
  ${manifest}
`;
const WITH_MANIFEST = program("export const isolation = collector.manifest();");

let estate: TestEstate;
let folder: string;
beforeAll(async () => {
  estate = openTestEstate();
  const up = await estate.bulkhead("local", "up");
  expect(up.exitCode, up.output).toBe(0);
  folder = join(estate.stateDir, PROJECT);
  writeScratchProject(folder, PROJECT, WITH_MANIFEST);
  await estate.openEnvironment("two");
  await shell(
    ...["one", "two", "three"].map((stack) => `pulumi stack init ${stack} --no-select`),
    `pulumi config set --secret password ${PASSWORD} -s two`,
    UP,
  );
});
afterAll(() => estate.close());

const UP = "pulumi up --yes --skip-preview -s two";

/** Runs commands one after the other in the project's folder, with the credentials of the stack `two`. */
async function shell(...lines: string[]): Promise<void> {
  const { exitCode, output } = await estate.shell(lines.join(" && "), {
    cwd: folder,
    stack: "two",
  });
  expect(exitCode, output).toBe(0);
}

const stateFile = (stack: string) =>
  join(estate.stateDir, "pulumi", "backend", ".pulumi", "stacks", PROJECT, `${stack}.json`);

/** As the stack `one` sees the backend, without any passphrase and outside of the project's folder. */
function read(): Promise<BackendView> {
  const { pulumi } = JSON.parse(readFileSync(TOOLS_FILE, "utf8"));
  return openBackend({
    pulumi: pulumi.pulumi,
    env: {
      PATH: "/usr/bin:/bin",
      HOME: estate.stateDir,
      PULUMI_BACKEND_URL: `file://${join(estate.stateDir, "pulumi", "backend")}`,
    },
    cache: join(estate.stateDir, "cache"),
    salt: SALT,
    fingerprinter,
    projects: ["no-such-project"],
    subject: { project: PROJECT, stack: "one" },
  }).read();
}

const sibling = ({ siblings }: BackendView, stack: string): Sibling => {
  const found = siblings.find(({ name }) => name.stack === stack);
  if (found === undefined) throw new Error(`The backend has no stack ${stack}.`);
  return found;
};

it("reads what a stack owns from its state, and what it keeps secret from its manifest", async () => {
  const view = await read();
  expect(view.own).toMatchObject({ name: { stack: "one" }, status: "empty" });
  expect(view.siblings).toHaveLength(2);
  expect(sibling(view, "three")).toMatchObject({ status: "empty", tier: "preview" });
  const two = sibling(view, "two");
  expect(two.problem).toBeUndefined();
  expect(two).toMatchObject({ status: "deployed", tier: "staging" });

  const { resources = {} } = view.manifestOf(two) ?? {};
  const bucket = two.facts?.resources.find(({ type }) => type.endsWith(":R2Bucket"));
  expect(resources[bucket?.urn ?? ""]?.claims).toEqual([
    `r2:${bucket?.inputs.accountId}/shop-files-two`,
  ]);
  const held = resources.config?.secrets?.flatMap(({ fingerprints }) => fingerprints) ?? [];
  const [fingerprint] = await fingerprinter.secret(PASSWORD);
  expect(held).toContain(fingerprint);
});

it("reads each stack once until it changes, from files that hold no secret", async () => {
  const cache = join(estate.stateDir, "cache");
  const files = () =>
    readdirSync(cache).map((file) => [file, statSync(join(cache, file)).mtimeMs] as const);
  const before = files();
  expect(before).toHaveLength(3);
  await read();
  expect(files()).toEqual(before);
  for (const [file] of before) {
    const text = readFileSync(join(cache, file), "utf8");
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toMatch(/ciphertext|v1:/);
  }
});

it("sees an edit of a state that leaves the time of the last update as it was", async () => {
  const password = ({ facts }: Sibling) =>
    facts?.resources.find(({ type }) => type.endsWith(":RandomPassword"))?.urn;
  const urn = password(sibling(await read(), "two"));
  const updated = () =>
    JSON.parse(readFileSync(stateFile("two"), "utf8")).checkpoint.latest.manifest;
  const before = updated();
  await shell(`pulumi state delete -s two --yes '${urn}'`);
  expect(updated()).toEqual(before);
  expect(password(sibling(await read(), "two"))).toBeUndefined();
});

/** A Worker with a secret of a resource, which the vendor never tells again. */
const WITH_WORKER = WITH_MANIFEST.replace(
  "export const tier",
  `new WorkersScript("keeper", {
    accountId: account.id, scriptName: "keeper", mainModule: "index.js",
    content: "export default { fetch() { return new Response() } }",
    bindings: [{ type: "secret_text", name: "KEY", text: password.result }],
  }, { provider: account.cloudflare });
  export const tier`,
).replace(
  "import * as pulumi",
  'import { WorkersScript } from "@pulumi/cloudflare/workersScript.js"; import * as pulumi',
);

it("compares with a stack whose Worker a refresh found changed, not with one that was edited", async () => {
  writeScratchProgram(folder, WITH_WORKER);
  await shell(UP);
  const worker = () => sibling(view, "two").facts?.resources.find(({ name }) => name === "keeper");
  let view = await read();
  expect(sibling(view, "two")).toMatchObject({ status: "deployed" });
  expect(worker()?.outputs.logpush).toBe(false);

  const { client, account_id } = await estate.client("two");
  await client.workers.scripts.settings.edit("keeper", { account_id, logpush: true });
  await shell("pulumi refresh --yes -s two");
  view = await read();
  expect(sibling(view, "two")).toMatchObject({ status: "deployed" });
  expect(worker()?.outputs.logpush).toBe(true);

  // The same change at a time at which no command ran.
  const file = stateFile("two");
  const state = JSON.parse(readFileSync(file, "utf8"));
  for (const each of state.checkpoint.latest.resources)
    if (each.urn.endsWith("::keeper")) each.modified = new Date(Date.now() + 60_000).toISOString();
  writeFileSync(file, JSON.stringify(state));
  expect(sibling(await read(), "two")).toMatchObject({
    status: "unreadable",
    problem: expect.stringMatching(/keeper .* may have changed since its last update/),
  });
});

it("does not compare with one whose Worker got a new secret from an update that failed, and was refreshed", async () => {
  writeScratchProgram(folder, WITH_WORKER);
  await shell(UP);
  expect(sibling(await read(), "two")).toMatchObject({ status: "deployed" });
  // Nothing but the Worker changes: what else an update has changed, no refresh touches.
  const failing = WITH_WORKER.replace("text: password.result", "text: password.bcryptHash")
    .replace("new WorkersScript(", "const keeper = new WorkersScript(")
    .concat('keeper.id.apply(() => { throw new Error("unfinished"); });');
  writeScratchProgram(folder, failing);
  const { exitCode, output } = await estate.shell(UP, { cwd: folder, stack: "two" });
  expect(exitCode, output).not.toBe(0);
  expect(output).toContain("unfinished");

  const { client, account_id } = await estate.client("two");
  await client.workers.scripts.settings.edit("keeper", { account_id, logpush: true });
  await shell("pulumi refresh --yes -s two");
  expect(sibling(await read(), "two")).toMatchObject({
    status: "unreadable",
    problem: expect.stringMatching(/of keeper .* may have changed since its last update/),
  });
});

it("cannot compare with a stack that was deployed without its manifest", async () => {
  writeScratchProgram(folder, program(""));
  await shell(UP);
  expect(sibling(await read(), "two")).toMatchObject({
    status: "unreadable",
    problem: expect.stringMatching(/^It was deployed without the isolation manifest,/),
  });
});

it("names the stack whose state is damaged, and reads the others", async () => {
  writeFileSync(stateFile("two"), "{");
  const view = await read();
  expect(view.own?.status).toBe("empty");
  expect(sibling(view, "two")).toMatchObject({
    status: "unreadable",
    problem: expect.stringMatching(/^`pulumi stack export .*` failed: .*JSON/),
  });
  expect(sibling(view, "three").status).toBe("empty");
});
