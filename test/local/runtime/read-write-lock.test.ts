import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { LockTimeoutError, ReadWriteLock } from "../../../local/runtime/read-write-lock.ts";

const PATIENT = { leaveAfterMs: 5000, giveUpAfterMs: 5000 };
const HASTY = { leaveAfterMs: 10, giveUpAfterMs: 5000 };

it("never lets a writer run beside a reader or another writer, and lets readers run together", async () => {
  let sawReadersTogether = false;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 2, maxLength: 12 }), async (kinds) => {
      const lock = new ReadWriteLock();
      let readers = 0;
      let writers = 0;
      const read = async () => {
        const { release } = await lock.acquireRead();
        readers += 1;
        expect(writers).toBe(0);
        if (readers > 1) sawReadersTogether = true;
        await sleep(0);
        readers -= 1;
        release();
      };
      const write = () =>
        lock.write(PATIENT, async () => {
          writers += 1;
          expect(readers).toBe(0);
          expect(writers).toBe(1);
          await sleep(0);
          writers -= 1;
        });
      await Promise.all(kinds.map((isRead) => (isRead ? read() : write())));
    }),
    { numRuns: 50 },
  );
  expect(sawReadersTogether).toBe(true);
});

it("lets a writer go on without a reader that may be left behind, whose late release then counts for nothing", async () => {
  const lock = new ReadWriteLock();
  const left = await lock.acquireRead();
  left.mayBeLeft();
  await lock.write(HASTY, async () => undefined);

  const next = await lock.acquireRead();
  left.release();
  let wrote = false;
  const writing = lock.write(PATIENT, async () => {
    wrote = true;
  });
  left.release();
  await sleep(20);
  expect(wrote).toBe(false);
  next.release();
  await writing;
  expect(wrote).toBe(true);
});

it("waits for a reader that may not be left behind, however impatient the writer is", async () => {
  const lock = new ReadWriteLock();
  const reader = await lock.acquireRead();
  let wrote = false;
  const writing = lock.write(HASTY, async () => {
    wrote = true;
  });
  await sleep(50);
  expect(wrote).toBe(false);
  reader.mayBeLeft();
  await writing;
  expect(wrote).toBe(true);
});

it("gives up on readers that never end, and serves those that wait behind the writer", async () => {
  const lock = new ReadWriteLock();
  const endless = await lock.acquireRead();
  const writing = lock.write({ leaveAfterMs: 1, giveUpAfterMs: 20 }, async () => undefined);
  const behind = lock.acquireRead();
  await expect(writing).rejects.toBeInstanceOf(LockTimeoutError);
  (await behind).release();
  endless.release();
  await lock.write(PATIENT, async () => undefined);
});

it("serves the next one after a writer that throws", async () => {
  const lock = new ReadWriteLock();
  await expect(lock.write(PATIENT, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  const { release } = await lock.acquireRead();
  release();
});
