import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { XMLValidator } from "fast-xml-parser";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type CommandResult, openTestEstate, type TestEstate } from "../support/estate.ts";

/*
 * The verb as a user runs it, over states that a real Pulumi reads from a real file backend. The
 * states were exported from real stacks; that two of them hold one database is made up.
 */

const EXPORTED = readFileSync(
  new URL("../policy/state/exported-stack.json", import.meta.url),
  "utf8",
);
const DATABASE = "0b74cffb-f867-45c7-9c26-c4e5ede9948e";

let estate: TestEstate;
beforeAll(async () => {
  estate = openTestEstate();
  const up = await estate.bulkhead("local", "up");
  expect(up.exitCode, up.output).toBe(0);
});
afterAll(() => estate.close());

const stacksFolder = () => join(estate.stateDir, "pulumi", "backend", ".pulumi", "stacks");

/** Puts a stack into the backend: the exported one under another name, with another database. */
function deploy(stack: string, database: string, project = "bulkhead"): void {
  const text = EXPORTED.replaceAll(
    "urn:pulumi:dev::bulkhead::",
    `urn:pulumi:${stack}::${project}::`,
  )
    .replaceAll(DATABASE, database)
    .replaceAll('"cutty-files-dev"', `"cutty-files-${stack}"`)
    .replaceAll('"qhub-api-dev"', `"qhub-api-${stack}"`);
  const folder = join(stacksFolder(), project);
  mkdirSync(folder, { recursive: true });
  const { version, deployment } = JSON.parse(text);
  writeFileSync(
    join(folder, `${stack}.json`),
    JSON.stringify({
      version,
      checkpoint: { stack: `organization/${project}/${stack}`, latest: deployment },
    }),
  );
}

const check = (...args: string[]): Promise<CommandResult> => estate.bulkhead("check", ...args);
const NEW_ID = "11111111-2222-4333-8444-555555555555";

it("of nothing deployed finds nothing", async () => {
  const { exitCode, stdout } = await check();
  expect(stdout).toMatch(/^0 stacks, 0 findings, 0 waived$/m);
  expect(exitCode).toBe(0);
});

it("finds in every format what two deployed stacks share, and exits with 1", async () => {
  deploy("dev", DATABASE);
  deploy("staging", DATABASE);
  const file = join(estate.stateDir, "report.sarif");
  const [text, json, sarif, junit] = await Promise.all([
    check(),
    check("dev", "--json"),
    check("--sarif", "--output", file),
    check("--junit"),
  ]);
  for (const { exitCode, output } of [text, json, sarif, junit]) expect(exitCode, output).toBe(1);

  expect(text.stdout).toMatch(
    /^ {2}FAIL exclusive-ownership \(critical\): qhub .*bulkhead\/staging/m,
  );
  expect(text.stdout.trimEnd()).toMatch(/\n2 stacks, \d+ findings, 0 waived, \d+ undecided$/);
  const report = JSON.parse(json.stdout);
  expect(report).toMatchObject({ version: 1, passed: false, stacks: [{ stack: "bulkhead/dev" }] });
  expect(report.stacks[0].findings).toContainEqual(
    expect.objectContaining({
      rule: "exclusive-ownership",
      identity: `id:${DATABASE}`,
      other: expect.objectContaining({ stack: "bulkhead/staging" }),
    }),
  );
  expect(sarif.stdout).toMatch(/^2 stacks, \d+ findings, 0 waived/m);
  const [run] = JSON.parse(readFileSync(file, "utf8")).runs;
  expect(run.results.map(({ ruleId }: { ruleId: string }) => ruleId)).toContain(
    "exclusive-ownership",
  );
  expect(XMLValidator.validate(junit.stdout)).toBe(true);
  expect(junit.stdout).toContain('<testsuite name="bulkhead/staging"');
});

it("finds no shared database where each stack has one of its own", async () => {
  deploy("staging", NEW_ID);
  const { stdout } = await check("--json");
  const findings = JSON.parse(stdout).stacks.flatMap(
    (stack: { findings: object[] }) => stack.findings,
  );
  expect(findings).not.toContainEqual(expect.objectContaining({ identity: `id:${DATABASE}` }));
  // These states were exported before there was a manifest, which is a finding of its own.
  expect(findings).toContainEqual(expect.objectContaining({ rule: "readable-siblings" }));
});

it("looks with --all at other projects of the backend too", async () => {
  deploy("dev", DATABASE, "other");
  const { stdout } = await check("--all", "--json");
  const { stacks } = JSON.parse(stdout);
  expect(stacks.map(({ stack }: { stack: string }) => stack)).toEqual([
    "bulkhead/dev",
    "bulkhead/staging",
    "other/dev",
  ]);
  expect(stacks[2].findings).toContainEqual(
    expect.objectContaining({ identity: `id:${DATABASE}`, rule: "exclusive-ownership" }),
  );
  rmSync(join(stacksFolder(), "other"), { recursive: true });
});

it("names a stack whose state cannot be read, and judges the others", async () => {
  writeFileSync(join(stacksFolder(), "bulkhead", "staging.json"), "{");
  const { exitCode, stdout } = await check();
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(
    /^bulkhead\/staging \(staging\): could not be read\. `pulumi stack export/m,
  );
  expect(stdout).toMatch(/^bulkhead\/dev \(development\): \d+ finding/m);
});

it.each<[string[], number, RegExp]>([
  [["--json", "--sarif"], 64, /cannot be used with option/],
  [["dev", "--all"], 1, /^error: --all was given together with dev\. Name the stacks/],
  [["production"], 1, /^error: The stack production has not been deployed to this cloud yet\./],
  [["nonsense"], 1, /^error: The stack "nonsense" is not known/],
  [["--output", "/nowhere/x"], 1, /^error: The report cannot be written to \/nowhere\/x: .* Give/],
])("refuses %j with one line", async (args, exitCode, message) => {
  const result = await check(...args);
  expect(result.stderr).toMatch(message);
  expect(result.exitCode).toBe(exitCode);
  expect(result.stdout).toBe("");
});

it("says what is wrong with the settings", async () => {
  const settings = join(estate.stateDir, "settings.yaml");
  writeFileSync(settings, "salt: short\n");
  process.env.BULKHEAD_POLICY_SETTINGS = settings;
  const broken = openTestEstate(estate.stateDir);
  delete process.env.BULKHEAD_POLICY_SETTINGS;
  const { exitCode, stderr } = await broken.bulkhead("check");
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^error: .*settings\.yaml has no usable salt: .* Make one: node/);
});
