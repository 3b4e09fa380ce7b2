import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Count, countVitest, summaryLine } from "./test-summary.ts";

/*
 * `npm test`: the checks of `npm run check`, then vitest, then one line with the real counts.
 * Arguments (`npm test -- PATTERN`) go to vitest, and the checks are left out.
 */

/** Scripts of package.json that each count as one test. */
const CHECKS = ["check:types", "check:lint", "check:dead", "check:layers"];

const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a program in the terminal. @returns Whether it ended well. */
function run(command: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", (error) => {
      console.error(`${command} cannot be started: ${error.message}. Run \`npm ci\`.`);
      resolve(false);
    });
    child.once("close", (code) => resolve(code === 0));
  });
}

async function runChecks(): Promise<Count> {
  let passed = 0;
  for (const check of CHECKS) {
    const started = performance.now();
    const good = await run("npm", ["run", "--silent", check]);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${good ? "PASS" : "FAIL"}  ${check} (${seconds} s)`);
    if (good) passed += 1;
  }
  return { passed, failed: CHECKS.length - passed };
}

async function runVitest(args: readonly string[]): Promise<Count> {
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-test-"));
  const report = join(folder, "report.json");
  try {
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const good = await run(process.execPath, [vitest, "run", ...reporters, ...args]);
    return countVitest(readReport(report), good);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

const patterns = process.argv.slice(2);
const checks = patterns.length === 0 ? await runChecks() : { passed: 0, failed: 0 };
const tests = await runVitest(patterns);
const total = { passed: checks.passed + tests.passed, failed: checks.failed + tests.failed };
console.log(summaryLine(total));
if (total.failed > 0) process.exitCode = 1;
