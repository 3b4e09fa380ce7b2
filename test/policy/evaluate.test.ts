import { describe, expect, test } from "vitest";
import {
  type Evaluation,
  evaluateResource,
  evaluateStack,
  formatFinding,
} from "../../policy/evaluate.ts";
import type { Finding, Rule, RuleContext } from "../../policy/rule.ts";
import type { Waiver } from "../../policy/settings.ts";
import { baseEstate } from "./estate/program.ts";
import { contextOf } from "./estate/run.ts";
import { randomText } from "./estate/values.ts";

const URN = "urn:pulumi:staging::bulkhead::bulkhead:index:Scope$a:b/c:C::thing";

/** A rule that finds what it is given, once for each resource of that URN or once for the stack. */
function finder(
  name: string,
  findings: readonly Partial<Finding>[],
  rest: Partial<Rule> = {},
): Rule {
  return {
    name,
    title: "Checks whether things are as they should be",
    severity: "high",
    level: "mandatory",
    why: "They should be.",
    remedy: "Put it right.",
    violation: "A thing.",
    passes: "Another thing.",
    stack: () =>
      findings.map((finding) => ({ status: "violation", message: "It is wrong.", ...finding })),
    ...rest,
  };
}

const WAIVER: Waiver = {
  rule: "rule-a",
  owner: "jane@example.com",
  reason: "For a while.",
  expires: "2027-01-01",
};

async function evaluate(
  rules: readonly Rule[],
  change: (context: RuleContext) => Partial<RuleContext> = () => ({}),
): Promise<Evaluation> {
  const context = await contextOf(baseEstate(), "staging", "update");
  return evaluateStack(rules, { ...context, ...change(context) });
}

const waived = (waiver: Partial<Waiver>) => (context: RuleContext) => ({
  settings: { ...context.settings, waivers: [{ ...WAIVER, ...waiver }] },
});

const names = ({ findings }: Evaluation): string[] => findings.map(({ rule }) => rule.name);

describe("an evaluation", () => {
  test("says each finding once, in the order of resources, then of rules, then of paths", async () => {
    const context = await contextOf(baseEstate(), "staging", "update");
    const [first, second] = context.observations.map(({ resource }) => resource.urn);
    const rules = [
      finder("rule-b", [
        { urn: second },
        { message: "About the stack." },
        { urn: first, path: "b" },
      ]),
      finder("rule-a", [
        { urn: first, path: "b" },
        { urn: first, path: "a" },
        { urn: first, path: "a" },
      ]),
    ];
    const { findings } = await evaluateStack(rules, context);
    expect(findings.map(({ rule, urn, path }) => [rule.name, urn, path])).toEqual([
      ["rule-b", first, "b"],
      ["rule-a", first, "a"],
      ["rule-a", first, "b"],
      ["rule-b", second, undefined],
      ["rule-b", undefined, undefined],
    ]);
  });

  test("of a resource asks the rules for resources alone", async () => {
    const context = await contextOf(baseEstate(), "staging", "update");
    const [observation] = context.observations;
    const rules = [
      finder("rule-a", [{}]),
      finder("rule-b", [], {
        *resource({ resource }) {
          yield { status: "violation", urn: resource.urn, message: "It is wrong." };
        },
      }),
    ];
    if (observation === undefined) throw new Error("The estate has no resource.");
    expect(names(await evaluateResource(rules, observation, context))).toEqual(["rule-b"]);
  });

  test("keeps what is undecided apart, and drops it where the rule has found a violation", async () => {
    const rules = [
      finder("rule-a", [
        { status: "undecided", urn: URN, path: "a" },
        { status: "undecided", urn: URN, path: "b" },
        { urn: URN, path: "b" },
      ]),
    ];
    const result = await evaluate(rules, ({ subject }) => ({
      subject: { ...subject, phase: "preview" },
    }));
    expect(result.undecided.map(({ path }) => path)).toEqual(["a"]);
    expect(result.findings.map(({ path }) => path)).toEqual(["b"]);
  });

  test("takes what is undecided for a violation when the update is over", async () => {
    const { findings, undecided } = await evaluate([
      finder("rule-a", [{ status: "undecided", message: "It is not known." }]),
    ]);
    expect(undecided).toEqual([]);
    expect(findings[0]).toMatchObject({
      status: "violation",
      message: "It is not known. It could not be decided although the update is over.",
    });
  });

  test("never shows what is also a secret", async () => {
    const secret = randomText(40, "told");
    const told = finder("rule-a", [
      { message: `It names ${secret}.` },
      { identity: `id:${secret}`, message: "It names an id." },
    ]);
    const { findings } = await evaluate([told], (context) => ({
      observations: context.observations.map((observation, index) => ({
        ...observation,
        secrets:
          index > 0
            ? []
            : [
                {
                  urn: URN,
                  path: "x",
                  length: 40,
                  bits: 200,
                  fingerprints: context.fingerprinter.text(secret),
                },
              ],
      })),
    }));
    expect(JSON.stringify(findings)).not.toContain(secret);
    expect(findings[0]?.message).toBe(
      "What is wrong here cannot be said without showing a secret.",
    );
  });
});

describe("a waiver", () => {
  const finding = { urn: URN, path: "bindings[2].text", identity: "id:1" };

  test.each<[string, Partial<Waiver>]>([
    ["its identity", { identity: "id:1" }],
    ["its identity in another case", { identity: "ID:1" }],
    ["its URN", { urn: URN }],
    ["a pattern of its URN", { urn: "urn:*::thing" }],
    ["a pattern of its path", { path: "bindings[*].text" }],
    ["several, when all are right", { urn: URN, path: "bindings[2].text", identity: "id:1" }],
    ["its stack", { urn: URN, stacks: ["production", "staging"] }],
  ])("covers a finding by %s", async (_, waiver) => {
    const result = await evaluate([finder("rule-a", [finding])], waived(waiver));
    expect(result.findings).toEqual([]);
    expect(result.waived).toMatchObject([{ finding, waiver: { ...WAIVER, ...waiver } }]);
    expect(result.unusedWaivers).toEqual([]);
  });

  test.each<[string, Partial<Waiver>]>([
    ["another rule", { rule: "rule-b", identity: "id:1" }],
    ["another identity", { identity: "id:2" }],
    ["another path", { path: "bindings[2]" }],
    ["the right URN and another path", { urn: URN, path: "id" }],
    ["another stack", { urn: URN, stacks: ["production"] }],
  ])("for %s covers nothing", async (_, waiver) => {
    const rules = [finder("rule-a", [finding]), finder("rule-b", [])];
    expect(names(await evaluate(rules, waived(waiver)))).toEqual(["rule-a"]);
  });

  test("covers a finding by the other side's URN, so that one waiver is for both", async () => {
    const other = { stack: { project: "bulkhead", stack: "production" }, urn: "urn:pulumi:x" };
    const result = await evaluate(
      [finder("rule-a", [{ ...finding, other }])],
      waived({ urn: "urn:pulumi:x" }),
    );
    expect(result.findings).toEqual([]);
  });

  test("that nothing needed is told", async () => {
    const { unusedWaivers } = await evaluate([finder("rule-a", [])], waived({ identity: "id:1" }));
    expect(unusedWaivers).toMatchObject([{ identity: "id:1" }]);
  });
});

describe("a level", () => {
  const levels = (level: "mandatory" | "advisory", reason: string) => (context: RuleContext) => ({
    settings: {
      ...context.settings,
      levels: [{ rule: "rule-a", level, owner: "jane", reason, expires: "2027-01-01" }],
    },
  });

  test("of the settings wins over the finding's, and that over the rule's", async () => {
    const rules = [finder("rule-a", [{}, { level: "advisory", message: "Less." }])];
    const levelsOf = ({ findings }: Evaluation) => findings.map(({ level }) => level);
    expect(levelsOf(await evaluate(rules))).toEqual(["mandatory", "advisory"]);
    expect(levelsOf(await evaluate(rules, levels("mandatory", "")))).toEqual([
      "mandatory",
      "mandatory",
    ]);
    expect(levelsOf(await evaluate(rules, levels("advisory", "Soon.")))).toEqual([
      "advisory",
      "advisory",
    ]);
  });

  test("that was lowered without a reason does not count", async () => {
    const { findings } = await evaluate([finder("rule-a", [{}])], levels("advisory", ""));
    expect(findings[0]?.level).toBe("mandatory");
  });
});

test("a finding is shown with its place, what to do, what a waiver would name, and where to read on", () => {
  const rule = finder("no-shared-thing", []);
  const shown = formatFinding({
    rule,
    level: "mandatory",
    status: "violation",
    urn: URN,
    path: "bindings[2].text",
    identity: "id:1",
    message: "It is wrong.",
  });
  expect(shown).toBe(
    "thing (a:b/c:C), bindings[2].text: It is wrong. (identity id:1) Put it right. " +
      "See docs/policies.md#no-shared-thing.",
  );
});

test("a finding in the configuration or about the stack is shown as such", () => {
  const rule = finder("no-shared-thing", []);
  const base = { rule, level: "mandatory", status: "violation", message: "It is wrong." } as const;
  expect(formatFinding({ ...base, urn: "config", path: "a" })).toMatch(
    /^the stack's configuration, a: It is wrong\. Put/,
  );
  expect(formatFinding(base)).toMatch(/^It is wrong\. Put/);
});
