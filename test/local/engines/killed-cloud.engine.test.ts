import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished } from "vitest";
import type { Endpoint, KeyPair } from "../../../local/engines/engines.ts";
import { openEngines } from "../../../local/engines/index.ts";
import {
  endOrphans,
  groupMemory,
  isAlive,
  ownerVariable,
  signal,
} from "../../../local/processes.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { SUPERUSER } from "./support.ts";

const PATIENT = { timeout: 60_000 };

interface Report {
  readonly pids: number[];
  readonly authority: KeyPair;
  readonly endpoints: [Endpoint, Endpoint, Endpoint];
}

/** The parent's id is the second field after the program's name, which is in parentheses. */
const parentOf = (pid: number): number => {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[1]);
  } catch {
    return 0;
  }
};

/** A cloud that leads a process group of its own, with a server of each kind. */
async function startCloud(dataDir: string): Promise<{ pid: number; report: Report }> {
  const cloud = spawn(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      join(import.meta.dirname, "start-and-wait.ts"),
      dataDir,
    ],
    {
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, ...ownerVariable(dataDir) },
    },
  );
  const pid = cloud.pid ?? 0;
  onTestFinished(() => endOrphans(dataDir));
  onTestFinished(() => signal(pid, "SIGKILL"));
  const [line] = await once(createInterface({ input: cloud.stdout }), "line");
  return { pid, report: JSON.parse(line) };
}

it("leaves servers that are ended with all their processes before the next cloud starts", async () => {
  const dataDir = temporaryFolder();
  const { pid, report } = await startCloud(dataDir);
  expect(await groupMemory(pid)).toBeGreaterThan(50_000_000);
  const backends = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => report.pids.includes(parentOf(each)));
  expect(backends.length).toBeGreaterThan(3);

  signal(pid, "SIGKILL");
  await expect.poll(() => isAlive(pid), PATIENT).toBe(false);
  expect(report.pids.filter(isAlive)).toEqual(report.pids);
  await endOrphans(dataDir);
  await expect.poll(() => [...report.pids, ...backends].filter(isAlive), PATIENT).toEqual([]);
});

it("hands its data to the next cloud, even if its servers were not ended yet", async () => {
  const dataDir = temporaryFolder();
  const { pid, report } = await startCloud(dataDir);
  signal(pid, "SIGKILL");
  const engines = openEngines({ dataDir, log: () => undefined });
  onTestFinished(() => engines.dispose());
  const { authority } = report;
  const [endpoint] = report.endpoints;
  const spec = { id: "a", endpoint, authority, superuser: SUPERUSER, access: [] };
  await engines.postgres.ensure(spec);
  expect(engines.postgres.pid("a")).not.toBe(report.pids[0]);
  const answer = await engines.postgres.as(spec, "postgres", async (client) => {
    const { rows } = await client.query("SELECT 1 AS one");
    return rows;
  });
  expect(answer).toEqual([{ one: 1 }]);
});
