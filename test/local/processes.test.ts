import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it, onTestFinished } from "vitest";
import {
  endOrphans,
  groupMemory,
  hasArgument,
  isAlive,
  ownerVariable,
  signal,
} from "../../local/processes.ts";

/** A group whose leader is killed and whose other process looks like a runtime. */
async function startGroup(env: Record<string, string>) {
  const leader = spawn(
    "sh",
    [
      "-c",
      `"${process.execPath}" -e 'console.log(process.pid);setInterval(()=>{},9e3)' workerd & wait`,
    ],
    { detached: true, stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, ...env } },
  );
  const [line] = await once(leader.stdout, "data");
  const orphan = Number(String(line));
  onTestFinished(() => signal(orphan, "SIGKILL"));
  const group = leader.pid ?? 0;
  leader.kill("SIGKILL");
  await once(leader, "exit");
  return { group, orphan };
}

it("ends the runtimes of a killed cloud and no other process that has its group's number by now", async () => {
  const own = await startGroup(ownerVariable("/data/mine"));
  const foreign = await startGroup(ownerVariable("/data/mine-too"));
  for (const { group } of [own, foreign]) await endOrphans(group, "/data/mine");
  await expect.poll(() => isAlive(own.orphan)).toBe(false);
  expect(isAlive(foreign.orphan)).toBe(true);
  expect(await groupMemory(foreign.group)).toBeGreaterThan(1_000_000);
});

it("knows a process by its argument, and takes one that has ended for none", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(()=>{},9e3)", "--", "--state=/a/b"]);
  const pid = child.pid ?? 0;
  await once(child, "spawn");
  await expect.poll(() => hasArgument(pid, "--state=/a/b")).toBe(true);
  expect(await hasArgument(pid, "--state=/a")).toBe(false);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(await hasArgument(pid, "--state=/a/b")).toBe(false);
  expect(() => signal(pid, "SIGTERM")).not.toThrow();
});
