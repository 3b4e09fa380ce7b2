import { describe, expect, test } from "vitest";
import type { Rule, RuleContext } from "../../policy/rule.ts";
import type { LevelChange, Waiver } from "../../policy/settings.ts";
import { exceptionsFor } from "../../policy/waivers.ts";

const RULES = [
  { name: "rule-a", level: "mandatory" },
  { name: "rule-b", level: "advisory" },
  { name: "valid-waivers", level: "mandatory" },
] as unknown as readonly Rule[];

const WAIVER: Waiver = {
  rule: "rule-a",
  identity: "id:1",
  owner: "jane@example.com",
  reason: "For a while.",
  expires: "2026-12-31",
};

function judged(waivers: readonly Partial<Waiver>[], levels: readonly LevelChange[] = []) {
  return exceptionsFor(
    {
      subject: { project: "shop", stack: "staging" },
      siblings: [{ name: { project: "shop", stack: "production" } }],
      settings: {
        salt: "",
        projects: [],
        waivers: waivers.map((each) => ({ ...WAIVER, ...each })),
        levels,
      },
      today: "2026-11-21",
    } as unknown as RuleContext,
    RULES,
  );
}

const problemOf = (waiver: Partial<Waiver>): string | undefined =>
  judged([waiver]).faulty[0]?.problems.join(", ");

describe("a waiver", () => {
  test("counts when it is complete", () => {
    expect(judged([{}])).toMatchObject({ waivers: [WAIVER], faulty: [] });
  });

  test("counts on its last day, and a year ahead", () => {
    for (const expires of ["2026-11-21", "2027-11-21"])
      expect(problemOf({ expires })).toBeUndefined();
  });

  test.each<[string, Partial<Waiver>]>([
    ["names no rule", { rule: "" }],
    ["names the rule rule-c, which does not exist", { rule: "rule-c" }],
    ["is for valid-waivers, which allows no exception", { rule: "valid-waivers" }],
    ["has no owner", { owner: "" }],
    ["has no reason", { reason: "" }],
    ["has no expires", { expires: "" }],
    ['expires on "soon", which is no date like 2026-03-31', { expires: "soon" }],
    ['expires on "2027-02-30", which is no date like 2026-03-31', { expires: "2027-02-30" }],
    ["has expired on 2026-11-20", { expires: "2026-11-20" }],
    ["expires on 2027-12-01, more than a year ahead", { expires: "2027-12-01" }],
    ["has no owner, has no reason", { owner: "", reason: "" }],
  ])("does not count when it %s", (problem, waiver) => {
    expect(problemOf(waiver)).toBe(problem);
    expect(judged([waiver]).waivers).toEqual([]);
  });

  test("of another stack is that one's business", () => {
    expect(judged([{ stacks: ["production"], owner: "" }])).toMatchObject({
      waivers: [],
      faulty: [],
    });
  });

  test.each([
    "*",
    "urn:*",
    "urn:pulumi:staging::*",
    "urn:pulumi:*::shop::*",
    "urn:pulumi:production::shop::bulkhead:index:Scope$*",
    "*::*",
  ])("for every resource by %s does not count", (urn) => {
    expect(problemOf({ identity: undefined, urn })).toMatch(/every resource of a stack/);
    expect(problemOf({ identity: undefined, urn, path: "*" })).toMatch(/every resource/);
  });

  test.each<Partial<Waiver>>([
    { urn: "urn:pulumi:*::shop::*D1Database::main" },
    { urn: "*::main" },
    { urn: "*", path: "bindings[*].text" },
    { urn: "*", identity: "id:1" },
    { path: "version" },
  ])("for a part of them by %j counts", (scope) => {
    expect(problemOf({ identity: undefined, ...scope })).toBeUndefined();
  });

  test("that names nothing is for everything", () => {
    expect(problemOf({ identity: undefined })).toMatch(/neither identity, urn nor path/);
  });
});

describe("a level", () => {
  const CHANGE: LevelChange = {
    rule: "rule-a",
    level: "advisory",
    owner: "",
    reason: "",
    expires: "",
  };

  test("that is lowered needs an owner, a reason and a date", () => {
    expect(judged([], [CHANGE]).faulty[0]?.problems).toEqual([
      "has no owner",
      "has no reason",
      "has no expires",
    ]);
  });

  test("that is raised, or stays, needs nothing", () => {
    const changes: LevelChange[] = [
      { ...CHANGE, rule: "rule-b", level: "mandatory" },
      { ...CHANGE, rule: "rule-b" },
    ];
    expect(judged([], changes)).toMatchObject({ levels: changes, faulty: [] });
  });
});
