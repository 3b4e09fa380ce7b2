import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished } from "vitest";
import {
  endOrphans,
  groupMemory,
  hasArgument,
  isAlive,
  ownerVariable,
  signal,
} from "../../local/processes.ts";

/** A program that tells its id, starts another one in a session of its own, which tells its id, and stays. */
const SERVER = `
  const { spawn } = require("node:child_process");
  const stay = "console.log(process.pid); setInterval(() => {}, 9e3)";
  // Without its parent's environment, as a backend that has overwritten it.
  spawn(process.execPath, ["-e", stay], { detached: true, env: {}, stdio: "inherit" });
  eval(stay);
`;

/** A group whose leader is killed, and what that had started. */
async function startGroup(env: Record<string, string>) {
  const leader = spawn("sh", ["-c", `"$NODE" -e "$SERVER" & wait`], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, NODE: process.execPath, SERVER, ...env },
  });
  const orphans: number[] = [];
  onTestFinished(() => {
    for (const orphan of orphans) signal(orphan, "SIGKILL");
  });
  for await (const line of createInterface({ input: leader.stdout })) {
    if (orphans.push(Number(line)) === 2) break;
  }
  leader.kill("SIGKILL");
  await once(leader, "exit");
  return { group: leader.pid ?? 0, orphans };
}

it("ends all that a killed cloud has started, and nothing of another folder's cloud", async () => {
  const own = await startGroup(ownerVariable("/data/mine"));
  const foreign = await startGroup(ownerVariable("/data/mine-too"));
  await endOrphans("/data/mine");
  await expect.poll(() => own.orphans.filter(isAlive)).toEqual([]);
  expect(foreign.orphans.filter(isAlive)).toHaveLength(2);
  expect(await groupMemory(foreign.group)).toBeGreaterThan(10_000_000);
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
