import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ReadWriteLock } from "../../../local/runtime/read-write-lock.ts";

const PATIENCE_MS = 5000;

it("never lets a writer run beside a reader or another writer, and lets readers run together", async () => {
  let sawReadersTogether = false;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 2, maxLength: 12 }), async (kinds) => {
      const lock = new ReadWriteLock();
      let readers = 0;
      let writers = 0;
      const read = async () => {
        const release = await lock.acquireRead();
        readers += 1;
        expect(writers).toBe(0);
        if (readers > 1) sawReadersTogether = true;
        await sleep(0);
        readers -= 1;
        release();
      };
      const write = () =>
        lock.write(PATIENCE_MS, async () => {
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

it("lets a writer go on without a reader that outlives its patience", async () => {
  const lock = new ReadWriteLock();
  const release = await lock.acquireRead();
  let wrote = false;
  await lock.write(10, async () => {
    wrote = true;
  });
  expect(wrote).toBe(true);
  release();
  const again = await lock.acquireRead();
  again();
});

it("serves the next one after a writer that throws", async () => {
  const lock = new ReadWriteLock();
  await expect(lock.write(PATIENCE_MS, () => Promise.reject(new Error("no")))).rejects.toThrow(
    "no",
  );
  const release = await lock.acquireRead();
  release();
});
