import { describe, expect, it } from "vitest";
import {
  readState,
  refreshedIn,
  type StateFile,
  unsettledIn,
} from "../../../policy/state/index.ts";

const URN = "urn:pulumi:staging::shop::cloudflare:index/workersScript:WorkersScript::";

/** A state of a Worker for each time of its last change. */
const state = (...modified: (string | undefined)[]) =>
  readState({
    version: 3,
    deployment: {
      resources: modified.map((time, index) => ({
        urn: `${URN}${index}`,
        type: "cloudflare:index/workersScript:WorkersScript",
        ...(time === undefined ? {} : { modified: time }),
      })),
    },
  });

it("what was changed after the last update that ended well is newer than the manifest", () => {
  const changed = state("2026-03-01T11:59:30.2Z", "2026-03-01T12:00:00.9Z", "2026-03-01T12:07:00Z");
  const settled = { ...changed, settledAt: "2026-03-01T12:00:00.000Z" };
  // Pulumi's history has whole seconds: 12:00:00.9 may belong to that very update.
  expect([...unsettledIn(settled)]).toEqual([`${URN}2`]);
});

it("without an update that ended well nothing is settled, except what tells no time", () => {
  expect([...unsettledIn(state("2026-03-01T11:59:30Z", undefined))]).toEqual([`${URN}0`]);
});

describe("of what is newer than the manifest", () => {
  const settledAt = "2026-03-01T12:00:00.000Z";
  const refresh = {
    kind: "refresh",
    startTime: "2026-03-01T12:05:00.000Z",
    endTime: "2026-03-01T12:05:09.000Z",
  };
  const during = "2026-03-01T12:05:09.7Z";
  const refreshed = (since: NonNullable<StateFile["since"]>, time = during) => [
    ...refreshedIn({ ...state(time), settledAt, since }),
  ];

  it("a refresh has changed what is of its time", () => {
    expect(refreshed([refresh])).toEqual([`${URN}0`]);
    expect(refreshed([{ ...refresh, kind: "update" }, refresh], "2026-03-01T12:06:00Z")).toEqual(
      [],
    );
    expect(refreshed([refresh], "2026-03-01T12:04:59.9Z")).toEqual([]);
    expect(refreshed([refresh], "2026-03-01T12:05:10Z")).toEqual([]);
  });

  it.each(["update", "destroy", "import", "resource-import"])(
    "nothing is a refresh's alone where %s ran in the same second",
    (kind) => {
      const failed = { kind, startTime: "2026-03-01T12:04:00.000Z", endTime: refresh.startTime };
      expect(refreshed([refresh, failed], "2026-03-01T12:05:00.4Z")).toEqual([]);
    },
  );

  it.each(["update", "destroy", "resource-import"])(
    "nothing is a refresh's alone that %s, which did not end well, may have changed before it",
    (kind) => {
      const failed = {
        kind,
        startTime: "2026-03-01T12:03:00.000Z",
        endTime: "2026-03-01T12:03:09Z",
      };
      expect(refreshed([refresh, failed])).toEqual([]);
      const later = { kind, startTime: "2026-03-01T12:06:00Z", endTime: "2026-03-01T12:06:09Z" };
      expect(refreshed([later, refresh])).toEqual([`${URN}0`]);
    },
  );

  it("nothing is a refresh's without an end of it, without a history, or without an update", () => {
    const { endTime: _, ...endless } = refresh;
    expect(refreshed([endless])).toEqual([]);
    expect(refreshed([])).toEqual([]);
    expect([...refreshedIn({ ...state(during), since: [refresh] })]).toEqual([]);
  });

  it("a resource that is there twice is a refresh's only with both", () => {
    const both = state(during, "2026-03-01T12:07:00Z");
    for (const each of both.deployment?.resources ?? []) each.urn = URN;
    expect([...refreshedIn({ ...both, settledAt, since: [refresh] })]).toEqual([]);
  });
});
