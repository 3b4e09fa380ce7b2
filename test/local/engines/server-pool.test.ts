import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { type PreparedServer, ServerPool } from "../../../local/engines/server-pool.ts";
import { isAlive, signal } from "../../../local/processes.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const PATIENT = { timeout: 10_000 };

/** A server that is a shell script; it answers once its folder has the file `up`. */
interface ScriptSpec {
  readonly id: string;
  readonly endpoint: { host: string; port: number };
  readonly script: string;
  readonly reloadable?: string;
  readonly prepare?: (signal: AbortSignal) => void | Promise<void>;
  readonly probe?: () => Promise<void>;
}

const ENDPOINT = { host: "127.0.0.1", port: 1 };
const UP = "touch up; while :; do sleep 0.05; done";
const spec = (script: string, rest: Partial<ScriptSpec> = {}): ScriptSpec => ({
  id: "a",
  endpoint: ENDPOINT,
  script,
  ...rest,
});

function openPool() {
  const dataDir = temporaryFolder();
  const log: string[] = [];
  const reloads: string[] = [];
  const prepare = async (
    { script, reloadable = "", prepare, probe }: ScriptSpec,
    folder: string,
    signal: AbortSignal,
  ): Promise<PreparedServer> => {
    await prepare?.(signal);
    return {
      plan: {
        command: { program: "/bin/sh", args: ["-c", `cd '${folder}'; ${script}`] },
        stopSignal: "SIGTERM",
        probe:
          probe ??
          (async () => {
            if (!existsSync(join(folder, "up"))) throw new Error("It is not up.");
          }),
      },
      fixed: script,
      reloadable,
      reload: async () => {
        if (reloadable === "bad") throw new Error("It is bad.");
        reloads.push(reloadable);
      },
    };
  };
  const pool = new ServerPool<ScriptSpec>(
    { name: "script", prepare },
    {
      dataDir,
      env: { PATH: process.env.PATH ?? "" },
      log: (line) => log.push(line),
      programPath: () => "",
      claim: () => undefined,
    },
  );
  onTestFinished(() => pool.dispose());
  return { pool, log, reloads, folder: join(dataDir, "engines", "script", "a") };
}

it("starts one process, however many ask for it at once", async () => {
  const { pool, folder } = openPool();
  expect(pool.state("a")).toBe("absent");
  const server = spec(`echo started >> starts; sleep 1; ${UP}`);
  const ensuring = [pool.ensure(server), pool.ensure(server), pool.ensure(server)];
  await expect.poll(() => pool.state("a"), PATIENT).toBe("starting");
  await Promise.all(ensuring);
  expect(pool.state("a")).toBe("running");
  expect(readFileSync(join(folder, "starts"), "utf8")).toBe("started\n");
});

it("starts a process that ended again, and tells why it ended", async () => {
  const { pool, log } = openPool();
  await pool.ensure(spec(`echo "the last words" >&2; ${UP}`));
  const before = pool.pid("a") ?? 0;
  signal(before, "SIGKILL");
  await expect.poll(() => pool.pid("a") !== before && pool.state("a"), PATIENT).toBe("running");
  expect(log).toContain(
    "script a: It ended by itself (SIGKILL). It said: the last words Starting it again.",
  );
});

it("leaves a process alone that ends again and again, until it is asked for anew", async () => {
  const { pool, log, folder } = openPool();
  const server = spec(`[ -e repaired ] || { echo start >> starts; echo broken; exit 3; }; ${UP}`);
  const message =
    "The script server a does not run as asked. It ended by itself (exit code 3). It said: broken";
  await expect(pool.ensure(server)).rejects.toThrow(message);
  expect(pool.state("a")).toBe("failed");
  expect(pool.pid("a")).toBeUndefined();
  expect(readFileSync(join(folder, "starts"), "utf8")).toBe("start\n".repeat(5));
  expect(log.at(-1)).toMatch(/It is not started again\.$/);
  writeFileSync(join(folder, "repaired"), "");
  await pool.ensure(server);
  expect(pool.state("a")).toBe("running");
});

it("stops a process that has not answered yet", async () => {
  const { pool } = openPool();
  const ensuring = pool.ensure(spec("exec sleep 30"));
  ensuring.catch(() => undefined);
  await expect.poll(() => pool.pid("a"), PATIENT).toBeDefined();
  const pid = pool.pid("a") ?? 0;
  await pool.dispose();
  await expect(ensuring).rejects.toThrow("It was stopped meanwhile.");
  expect(isAlive(pid)).toBe(false);
});

it("stops at once what hangs: a process that takes no signal, a probe without an end, a preparation", async () => {
  const { pool, folder } = openPool();
  const hang = "trap '' TERM; touch hangs; while :; do sleep 0.05; done";
  const never = () => new Promise<void>(() => undefined);
  let isPreparing = false;
  const untilAborted = (signal: AbortSignal) =>
    new Promise<void>((_, reject) => {
      isPreparing = true;
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  const starts = [
    pool.ensure(spec(hang, { probe: never })),
    pool.ensure(spec(UP, { id: "b", prepare: untilAborted })),
  ];
  const settled = Promise.allSettled(starts);
  await expect.poll(() => existsSync(join(folder, "hangs")) && isPreparing, PATIENT).toBe(true);
  const pid = pool.pid("a") ?? 0;
  const before = performance.now();
  await pool.dispose();
  expect(performance.now() - before).toBeLessThan(4000);
  expect(isAlive(pid)).toBe(false);
  expect((await settled).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});

it("starts nothing any more once the cloud stops, whatever is under way", async () => {
  const { pool, folder } = openPool();
  const server = spec(`echo started >> starts; ${UP}`);
  await pool.ensure(server);
  const asking = Promise.allSettled(Array.from({ length: 5 }, () => pool.ensure(server)));
  await pool.dispose();
  await asking;
  await expect(pool.ensure(server)).rejects.toThrow("The local cloud is stopping.");
  expect(readFileSync(join(folder, "starts"), "utf8")).toBe("started\n");
  expect(pool.pid("a")).toBeUndefined();
});

it("reloads what is reloadable, and asks again for what it could not", async () => {
  const { pool, reloads } = openPool();
  await pool.ensure(spec(UP, { reloadable: "one" }));
  const pid = pool.pid("a");
  await expect(pool.ensure(spec(UP, { reloadable: "bad" }))).rejects.toThrow("It is bad.");
  await pool.ensure(spec(UP, { reloadable: "two" }));
  await pool.ensure(spec(UP, { reloadable: "two" }));
  expect(reloads).toEqual(["two"]);
  expect(pool.pid("a")).toBe(pid);
  await pool.ensure(spec(`: changed; ${UP}`, { reloadable: "two" }));
  expect(pool.pid("a")).not.toBe(pid);
});

it("removes a server with its folder, and makes no server out of a connection's need", async () => {
  const { pool, folder } = openPool();
  await pool.ensure(spec(UP));
  await pool.remove("a");
  expect(existsSync(folder)).toBe(false);
  expect(pool.state("a")).toBe("absent");
  await expect(pool.ready(spec(UP))).rejects.toThrow("There is no script server a.");
});

it("says that the disk is full, in whatever words that is reported", async () => {
  const { pool } = openPool();
  const full = /^The disk that holds .* is full \(no space left on device\)\. Free some space/;
  const prepare = () => {
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  };
  await expect(pool.ensure(spec(UP, { prepare }))).rejects.toThrow(full);
  const script = 'echo "PANIC: could not write: No space left on device"; exit 1';
  await expect(pool.ensure(spec(script))).rejects.toThrow(full);
});

it("refuses an id that would leave its folder", async () => {
  const { pool } = openPool();
  await expect(pool.ensure(spec(UP, { id: "../a" }))).rejects.toThrow("cannot be a server's id");
});
