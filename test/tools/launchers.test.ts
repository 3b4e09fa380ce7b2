import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { writeLaunchers } from "../../tools/bootstrap/pulumi-launchers.mjs";
import { temporaryFolder } from "./support.ts";

const NAME = "pulumi-analyzer-policy";

function launcher(): string {
  const folder = temporaryFolder();
  writeLaunchers(folder, [NAME]);
  return join(folder, NAME);
}

/** A program's folder whose own SDK prints the arguments that it gets. */
function program(): string {
  const folder = temporaryFolder();
  const entry = join(
    folder,
    "node_modules",
    "@pulumi",
    "pulumi",
    "cmd",
    "run-policy-pack",
    "index.js",
  );
  mkdirSync(dirname(entry), { recursive: true });
  writeFileSync(
    entry,
    "console.log(JSON.stringify(process.argv.slice(2)), require.main === undefined);",
  );
  return folder;
}

const run = (file: string, args: string[], cwd: string) =>
  spawnSync(process.execPath, [file, ...args], { cwd, encoding: "utf8" });

test("it runs the module of the program's own folder with the engine's arguments", () => {
  const { stdout, status } = run(launcher(), ["127.0.0.1:1", "."], program());
  expect(status).toBe(0);
  expect(stdout).toContain('["127.0.0.1:1","."]');
});

test("it finds the module of a policy pack that is given as an argument", () => {
  const { stdout } = run(launcher(), ["127.0.0.1:1", program()], temporaryFolder());
  expect(stdout).toContain("127.0.0.1:1");
});

test("without the SDK it says which command installs it", () => {
  const { status, stderr } = run(launcher(), [], temporaryFolder());
  expect(status).toBe(1);
  expect(stderr).toMatch(/run-policy-pack was not found from .*npm ci/);
});
