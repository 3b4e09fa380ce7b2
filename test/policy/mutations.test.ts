import { describe, expect, test } from "vitest";
import { formatFinding, type RuleFinding } from "../../policy/evaluate.ts";
import { rules } from "../../policy/rules/index.ts";
import { baseEstate } from "./estate/program.ts";
import { MOMENTS, type Run, run, secretsOf, undecided, violations } from "./estate/run.ts";
import { corpora } from "./mutations/index.ts";
import type { Mutation } from "./mutations/mutation.ts";

const DEFAULT_SUBJECT = "staging";

/** Everything said in a run, as users see it. */
const shown = (result: Run): string[] =>
  MOMENTS.flatMap((moment) => violations(result, moment)).map(formatFinding);

const byRule = (rule: string) => (finding: RuleFinding) => finding.rule.name === rule;

async function mutated({
  change,
  subject = DEFAULT_SUBJECT,
}: Pick<Mutation, "change" | "subject">) {
  const estate = baseEstate();
  change(estate);
  return { estate, result: await run(estate, subject, rules) };
}

describe("the pack", () => {
  test.each(baseEstate().stacks.map(({ stack }) => stack))(
    "finds nothing in the estate as it is, for %s",
    async (subject) => {
      const result = await run(baseEstate(), subject, rules);
      expect(shown(result)).toEqual([]);
      expect(undecided(result, "update stack")).toEqual([]);
    },
  );
});

describe.each(Object.entries(corpora))("by %s", (rule, { mutations, nearMisses }) => {
  test.each([...mutations])("the pack notices $name", async (mutation) => {
    const { knownAt, also = [] } = mutation;
    const { estate, result } = await mutated(mutation);
    const noticed = MOMENTS.filter((moment) => violations(result, moment).some(byRule(rule)));
    expect(noticed[0]).toBe(knownAt);
    // What only an update knows does not pass the preview in silence.
    if (knownAt.startsWith("update"))
      expect(undecided(result, "preview stack").some(byRule(rule))).toBe(true);
    // What was known once is known at the end.
    expect(noticed.at(-1)).toBe("update stack");
    const all = MOMENTS.flatMap((moment) => violations(result, moment));
    const others = new Set(all.map((finding) => finding.rule.name).filter((name) => name !== rule));
    expect([...others].sort()).toEqual([...also].sort());
    for (const text of shown(result))
      for (const secret of secretsOf(estate)) expect(text).not.toContain(secret);
  });

  test.each([...nearMisses])("the pack allows $name", async (nearMiss) => {
    const { result } = await mutated(nearMiss);
    expect(shown(result)).toEqual([]);
  });

  test("the pack does not notice everything without this rule", async () => {
    const [only] = mutations.filter(({ also }) => also === undefined);
    if (only === undefined) throw new Error(`Every mutation of ${rule} breaks another rule, too.`);
    const estate = baseEstate();
    only.change(estate);
    const rest = rules.filter(({ name }) => name !== rule);
    expect(shown(await run(estate, only.subject ?? DEFAULT_SUBJECT, rest))).toEqual([]);
  });
});

test("the corpus is large, and has a file for every rule", () => {
  const all = Object.values(corpora);
  expect(all.flatMap(({ mutations }) => mutations).length).toBeGreaterThanOrEqual(110);
  expect(all.flatMap(({ nearMisses }) => nearMisses).length).toBeGreaterThanOrEqual(80);
  expect(Object.keys(corpora).sort()).toEqual(rules.map(({ name }) => name).sort());
});
