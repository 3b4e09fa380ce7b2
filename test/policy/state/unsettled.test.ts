import { expect, it } from "vitest";
import { readState, unsettledIn } from "../../../policy/state/index.ts";

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
