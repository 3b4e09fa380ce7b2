import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineProcesses } from "../../support/engine-processes.ts";
import type { TestEstate } from "../../support/estate.ts";
import {
  expectClean,
  HARMED,
  look,
  onlyProblem,
  openDriftEstate,
  SOUND,
  stateFile,
  toLook,
  waitFor,
  withState,
} from "./drifting.ts";

/* What the program declares takes the longest, and says nothing of these faults. */
const QUICKLY = ["--skip", "program"];

let estate: TestEstate;
beforeAll(async () => {
  estate = await openDriftEstate();
});
afterAll(() => estate.close());

const backend = () => join(estate.stateDir, "pulumi/backend/.pulumi");
const lockFolder = (stack: string) => join(backend(), "locks/organization/bulkhead", stack);
const locks = (stack: string): string[] =>
  existsSync(lockFolder(stack)) ? readdirSync(lockFolder(stack)) : [];

describe("a locked stack", () => {
  it("is reported while a real `up` of it runs, and looked at again when that has ended", async () => {
    const up = estate.startBulkhead("up", HARMED, "--yes");
    await waitFor("The lock", () => heldBy(HARMED) !== undefined);
    const pid = heldBy(HARMED) ?? 0;
    process.kill(pid, "SIGSTOP");
    const found = await look(estate, ...QUICKLY).finally(() => process.kill(pid, "SIGCONT"));
    expect(onlyProblem(found)).toMatch(/changing bulkhead\/dev now.*Run again when it has ended/);
    expect(locks(SOUND)).toEqual([]);
    expect((await up.done).exitCode).toBe(0);
    expectClean(await look(estate, ...QUICKLY));
  });

  it("is no obstacle when the process that had locked it runs no more, and its lock stays", async () => {
    mkdirSync(lockFolder(HARMED), { recursive: true });
    const file = join(lockFolder(HARMED), "00000000-0000-4000-8000-000000000000.json");
    const lock = { pid: 4_194_303, username: "somebody", hostname: hostname() };
    writeFileSync(file, JSON.stringify({ ...lock, timestamp: new Date().toISOString() }));
    expectClean(await look(estate, ...QUICKLY));
    expect(locks(HARMED)).toHaveLength(1);
    rmSync(file);
  });

  function heldBy(stack: string): number | undefined {
    const [file] = locks(stack).filter((name) => name.endsWith(".json"));
    if (file === undefined) return undefined;
    try {
      return JSON.parse(readFileSync(join(lockFolder(stack), file), "utf8")).pid;
    } catch {
      return undefined;
    }
  }
});

describe("a state", () => {
  it("that is damaged is told as such, and hides no other", async () => {
    const file = stateFile(estate);
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.slice(0, text.length / 2));
    const found = await look(estate, ...QUICKLY).finally(() => writeFileSync(file, text));
    expect(onlyProblem(found)).toMatch(
      /JSON input\. .*state is damaged: restore it from the backend's own backups/,
    );
    expect(found.of(HARMED)?.status).toBe("unreadable");
  });

  it("of a version that Pulumi does not know is told as such", async () => {
    const change = (state: { version: number }) => {
      state.version = 99;
    };
    const found = await withState(estate, change, () => look(estate, ...QUICKLY));
    expect(onlyProblem(found)).toMatch(
      /version 99\. A newer Pulumi has written.*update this Pulumi/,
    );
  });

  it("that holds an interrupted operation says that nobody knows, beside all that is known", async () => {
    const found = await withState(
      estate,
      ({ checkpoint: { latest } }) => {
        const at = latest.resources.findIndex(({ type }) => type.endsWith(":R2Bucket"));
        const [bucket] = latest.resources.slice(at);
        if (bucket === undefined) throw new Error("The system has no bucket.");
        const other = { ...bucket, inputs: { ...bucket.inputs, jurisdiction: "eu" } };
        latest.pending_operations = [{ type: "updating", resource: other }];
      },
      () => look(estate, ...QUICKLY),
    );
    expect(onlyProblem(found)).toMatch(
      /interrupted while it changed cutty-files.*npx bulkhead up dev/,
    );
    expect(found.of(HARMED)?.status).toBe("scanned");
    expect(found.of(HARMED)?.resources).toBeGreaterThan(5);
  });
});

describe("a passphrase that is not the stacks' own", () => {
  it("is told as such for each stack, though Pulumi says nothing of it", async () => {
    const file = join(estate.stateDir, "passphrase");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, "another passphrase");
    const found = await look(estate, ...QUICKLY).finally(() => writeFileSync(file, text));
    expect(found.exitCode, found.output).toBe(1);
    for (const stack of [HARMED, SOUND]) {
      const problems = found.of(stack)?.problems ?? [];
      expect(problems, found.output).toHaveLength(1);
      expect(problems[0]?.message).toMatch(
        /passphrase or key is another one\. Give the passphrase/,
      );
    }
    expect(found.output).not.toContain("another passphrase");
  });
});

describe("a backend", () => {
  it("whose folder is gone is no clean run of no stacks", async () => {
    const away = join(estate.stateDir, "away");
    renameSync(backend(), away);
    const back = () => {
      rmSync(backend(), { recursive: true, force: true });
      renameSync(away, backend());
    };
    const run = await estate.bulkhead("drift", "--json", ...QUICKLY).finally(back);
    expect(run.exitCode, run.output).toBe(1);
    const { report } = toLook(run);
    expect(report.verdict).toBe("incomplete");
    expect(report.stacks[0]?.problems[0]?.message).toMatch(
      /backend file:\/\/.*has none of the configured stacks.*name the backend that has them/,
    );
  });

  it.skipIf(process.getuid?.() === 0)("that may not be read is told as such", async () => {
    chmodSync(backend(), 0);
    const run = await estate
      .bulkhead("drift", "--json", ...QUICKLY)
      .finally(() => chmodSync(backend(), 0o700));
    expect(run.exitCode, run.output).toBe(1);
  });

  it("that goes away half-way makes a run fail that could not tell", async () => {
    const away = join(estate.stateDir, "away");
    const run = estate.startBulkhead("drift", HARMED, SOUND, "--json", "--parallel", "1");
    await waitFor("The first preview", () => previews() > 0);
    renameSync(backend(), away);
    const result = await run.done.finally(() => {
      rmSync(backend(), { recursive: true, force: true });
      renameSync(away, backend());
    });
    const found = toLook(result);
    expect(found.exitCode, found.output).toBe(1);
    // Whichever it met: the first may have been read before.
    const problems = found.report.stacks.flatMap((stack) => stack.problems);
    expect(problems, found.output).not.toEqual([]);
    for (const { message } of problems) expect(message).toMatch(/\. .*(run|Run|Deploy|Check|Try)/);
    expect(found.report.stacks.flatMap(({ findings }) => findings)).toEqual([]);
    expectClean(await look(estate, ...QUICKLY));
  });

  const previews = () =>
    engineProcesses(estate.stateDir).filter(({ command }) => command.includes("--preview-only"))
      .length;
});
