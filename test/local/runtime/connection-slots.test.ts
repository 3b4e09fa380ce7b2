import { describe, expect, it } from "vitest";
import { ConnectionSlots } from "../../../local/runtime/connection-slots.ts";

const PATIENCE_MS = 10_000;

describe("connection slots", () => {
  it("give out as many as there are, and one that is given back goes to who has waited longest", async () => {
    const slots = new ConnectionSlots(2);
    const first = await slots.take(PATIENCE_MS);
    await slots.take(PATIENCE_MS);
    const served: string[] = [];
    const waiting = ["third", "fourth"].map(async (name) => {
      const release = await slots.take(PATIENCE_MS);
      served.push(name);
      release?.();
    });
    expect(await slots.take(5)).toBeUndefined();
    expect(served).toEqual([]);
    first?.();
    await Promise.all(waiting);
    expect(served).toEqual(["third", "fourth"]);
  });

  it("count a slot once, however often it is given back", async () => {
    const slots = new ConnectionSlots(1);
    const release = await slots.take(PATIENCE_MS);
    release?.();
    release?.();
    await slots.take(PATIENCE_MS);
    expect(await slots.take(5)).toBeUndefined();
  });

  it("follow a limit that changes", async () => {
    const slots = new ConnectionSlots(1);
    await slots.take(PATIENCE_MS);
    slots.limit = 2;
    expect(await slots.take(5)).toBeDefined();
  });
});
