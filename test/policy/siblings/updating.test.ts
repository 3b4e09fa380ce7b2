import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { manifestOf } from "../../../isolation/manifest/index.ts";
import { asSibling } from "../../../policy/siblings/stack-reading.ts";
import { isBeingUpdated } from "../../../policy/siblings/updating.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const STACK = { project: "shop", stack: "staging" };
const listed = (more = {}) => ({
  name: STACK,
  reference: "organization/shop/staging",
  lastUpdate: "2026-03-01T11:00:00Z",
  updating: false,
  resourceCount: 3,
  ...more,
});

/** A file backend in which a process holds the stack's lock. */
function backendLockedBy(pid: number): string {
  const folder = temporaryFolder();
  const locks = join(folder, ".pulumi", "locks", "organization", "shop", "staging");
  mkdirSync(locks, { recursive: true });
  const lock = { pid, username: "me", hostname: hostname(), timestamp: "2026-03-01T11:59:00Z" };
  writeFileSync(join(locks, "lock.json"), JSON.stringify(lock));
  return `file://${folder}`;
}

describe("a stack is being updated", () => {
  it("when Pulumi Cloud says so", () => {
    expect(isBeingUpdated(listed({ updating: true }), "https://api.pulumi.com", NOW)).toBe(true);
    expect(isBeingUpdated(listed(), "https://api.pulumi.com", NOW)).toBe(false);
  });

  it("when a process that runs holds its lock in a folder, and not when that was killed", () => {
    expect(isBeingUpdated(listed(), backendLockedBy(process.pid), NOW)).toBe(true);
    expect(isBeingUpdated(listed(), backendLockedBy(2 ** 22 + 1), NOW)).toBe(false);
    expect(isBeingUpdated(listed(), `file://${temporaryFolder()}`, NOW)).toBe(false);
  });

  it("when its state in a bucket was written a moment ago", () => {
    const recent = listed({ lastUpdate: "2026-03-01T11:59:00Z" });
    expect(isBeingUpdated(recent, "s3://states", NOW)).toBe(true);
    expect(isBeingUpdated(listed(), "s3://states", NOW)).toBe(false);
  });
});

describe("secrets that the manifest does not list yet", () => {
  const reading = (updating: boolean) => ({
    name: STACK,
    problem: undefined,
    tier: "staging" as const,
    empty: false,
    updating,
    manifest: manifestOf(STACK, "salt", {}),
    gap: "Its manifest does not list a secret. Run `pulumi up` on it.",
    interrupted: [],
    facts: () => {
      throw new Error("Nobody asks.");
    },
  });

  it("make a stack unreadable that nobody is updating", () => {
    expect(asSibling(reading(false))).toMatchObject({
      status: "unreadable",
      problem: expect.stringContaining("does not list a secret"),
    });
  });

  it("are those of an update that will compare itself with this stack at its end", () => {
    expect(asSibling(reading(true))).toMatchObject({ status: "deployed", updating: true });
  });
});
