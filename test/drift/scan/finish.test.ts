import { expect, test } from "vitest";
import { type Difference, findingId } from "../../../drift/finding.ts";
import { finish } from "../../../drift/scan/finish.ts";
import type { BrokenRule } from "../../../drift/scan/isolation.ts";
import type { LookedAt } from "../../../drift/scan/stack.ts";

const URN = "urn:pulumi:staging::shop::cloudflare:index/workersScript:WorkersScript::api";

const difference = (changes: Partial<Difference> = {}): Difference => ({
  kind: "changed",
  subject: {
    urn: URN,
    type: "cloudflare:index/workersScript:WorkersScript",
    name: "api",
    id: "api-staging",
  },
  message: "api has other bindings[DB] than recorded.",
  changes: [{ path: "bindings[DB].id", before: '"a"', after: '"b"' }],
  trace: null,
  rules: [],
  ...changes,
});

const looked = (differences: readonly Difference[]): LookedAt => ({
  label: "shop/staging",
  name: { project: "shop", stack: "staging" },
  tier: "staging",
  status: "scanned",
  resources: 3,
  durationSeconds: 1,
  problems: [],
  differences,
  filtered: [],
  changed: [],
  recorded: () => [],
});

const broken = (changes: Partial<BrokenRule> = {}): BrokenRule => ({
  rule: "no-foreign-reference",
  severity: "critical",
  level: "mandatory",
  message: "The binding DB leads to shop/production's database.",
  remedy: "Bind the stack's own.",
  urn: URN,
  path: "bindings[0].id",
  identity: "id:b",
  other: { stack: "shop/production", urn: null },
  before: false,
  ...changes,
});

const nobody = { acknowledgementOf: () => undefined };

test("a drift that breaks the isolation is one critical finding that says so", () => {
  const { findings } = finish(looked([difference()]), [broken()], nobody);
  expect(findings).toMatchObject([
    { kind: "changed", grade: "critical", rules: ["no-foreign-reference"] },
  ]);
  expect(findings[0]?.message).toBe(
    "api has other bindings[DB] than recorded. The binding DB leads to shop/production's database.",
  );
});

test("a rule that was broken before the drift, or by another resource, is a finding of its own", () => {
  for (const rule of [broken({ before: true }), broken({ urn: `${URN}2` })]) {
    const { findings } = finish(looked([difference()]), [rule], nobody);
    expect(findings.map(({ kind, grade }) => [kind, grade])).toEqual([
      ["isolation", "critical"],
      ["changed", expect.not.stringMatching("critical")],
    ]);
  }
  const [first] = finish(looked([]), [broken({ before: true })], nobody).findings;
  expect(first?.message).toMatch(/ It is so in what the stack records, too\.$/);
});

test("the worst come first", () => {
  const { findings } = finish(
    looked([difference(), difference({ kind: "deleted", changes: [] })]),
    [broken({ urn: null })],
    nobody,
  );
  expect(findings[0]?.kind).toBe("isolation");
});

test("an acknowledged finding says by whom", () => {
  const jane = { owner: "jane", reason: "Known.", expires: "2026-12-31" };
  const id = findingId("shop/staging", difference());
  const { findings } = finish(looked([difference(), difference({ kind: "code" })]), [], {
    acknowledgementOf: (each) => (each === id ? jane : undefined),
  });
  expect(findings.map(({ kind, acknowledged }) => [kind, acknowledged])).toEqual(
    expect.arrayContaining([
      ["changed", jane],
      ["code", null],
    ]),
  );
});

test("a finding keeps its id while the same thing has drifted to the same values", () => {
  const id = (changes: Partial<Difference> = {}, stack = "shop/staging") =>
    findingId(stack, difference(changes));
  expect(id()).toMatch(/^[0-9a-f]{12}$/);
  // Who did it is known later than what was done, and words may get better.
  expect(id({ trace: { actor: "eve", at: "2026-01-01T00:00:00Z", source: "log" } })).toBe(id());
  expect(id({ message: "Other words." })).toBe(id());
  expect(id({}, "shop/production")).not.toBe(id());
  expect(id({ kind: "code" })).not.toBe(id());
  expect(id({ changes: [{ path: "bindings[DB].id", before: '"a"', after: '"c"' }] })).not.toBe(
    id(),
  );
});
