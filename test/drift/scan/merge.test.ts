import { expect, test } from "vitest";
import type { Difference } from "../../../drift/finding.ts";
import { merged } from "../../../drift/scan/merge.ts";

const trace = { actor: "who@example.com", at: "2026-01-01T00:00:00.000Z", source: "log" };

const difference = (kind: Difference["kind"], more: Partial<Difference> = {}): Difference => ({
  kind,
  subject: {
    urn: "urn:api",
    type: "cloudflare:index/workersScript:WorkersScript",
    name: "api",
    id: "api",
  },
  message: `It is ${kind}.`,
  changes: [],
  trace: null,
  rules: [],
  ...more,
});

const change = { path: "content", before: "a", after: "b" };

test("what a refresh sees of a Worker, and a probe explains, is one difference", () => {
  const code = difference("code", { trace });
  expect(merged([difference("changed", { changes: [change] })], [code])).toEqual([
    difference("code", { trace, changes: [change], message: "It is code. It is changed." }),
  ]);
});

test("code explains more than a secret, which stays beside it", () => {
  const all = merged([difference("changed")], [difference("secret"), difference("code")]);
  expect(all.map(({ kind }) => kind)).toEqual(["code", "secret"]);
});

test.for<[string, Difference]>([
  [
    "of another resource",
    difference("code", { subject: { urn: "urn:web", type: "", name: "web", id: null } }),
  ],
  ["beside what a refresh compares", difference("code", { key: "cron" })],
  ["of another kind", difference("access")],
])("a difference %s stays one of its own", ([, other]) => {
  const refreshed = difference("changed");
  expect(merged([refreshed], [other])).toEqual([refreshed, other]);
});

test("what is gone stays gone", () => {
  const gone = difference("deleted");
  expect(merged([gone], [difference("code")])).toEqual([gone, difference("code")]);
});
