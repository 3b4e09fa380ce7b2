import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { withFileLock } from "../../local/file-lock.ts";
import { specifier, startModule } from "../support/node-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** A process that holds the lock until it is killed. */
async function startHolder(file: string) {
  const holder = startModule(`
    import { withFileLock } from ${specifier("local/file-lock.ts")};
    await withFileLock(${JSON.stringify(file)}, () => new Promise(() => {
      console.log("held");
      setInterval(() => {}, 1000);
    }));`);
  if (holder.stdout === null) throw new Error("The holder has no output.");
  await once(holder.stdout, "data");
  return holder;
}

it("lets in one at a time, in this process and across processes", async () => {
  const file = join(temporaryFolder(), "state", "lock");
  const holder = await startHolder(file);
  let inside = 0;
  let most = 0;
  const waiting = Promise.all(
    Array.from({ length: 5 }, () =>
      withFileLock(file, async () => {
        most = Math.max(most, ++inside);
        await sleep(5);
        inside -= 1;
      }),
    ),
  );
  await sleep(200);
  expect(most).toBe(0);
  holder.kill("SIGKILL");
  await waiting;
  expect(most).toBe(1);
  expect(existsSync(file)).toBe(false);
});

it("goes on at once after a holder was killed, although several find its lock", async () => {
  const file = join(temporaryFolder(), "lock");
  const holder = await startHolder(file);
  const gone = once(holder, "exit");
  holder.kill("SIGKILL");
  await gone;
  const started = Date.now();
  let inside = 0;
  const results = await Promise.all(
    Array.from({ length: 20 }, () =>
      withFileLock(file, async () => {
        inside += 1;
        await sleep(1);
        return inside--;
      }),
    ),
  );
  expect(results).toEqual(Array(20).fill(1));
  expect(Date.now() - started).toBeLessThan(5000);
  expect(readdirSync(join(file, ".."))).toEqual([]);
});

it("is released when the work fails", async () => {
  const file = join(temporaryFolder(), "lock");
  await expect(withFileLock(file, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await withFileLock(file, async () => "yes")).toBe("yes");
});
