import { afterEach, describe, expect, test, vi } from "vitest";
import type { NearMiss } from "./mutations/mutation.ts";

/** Rules that look at what the extractors find. */
const RULES: ReadonlySet<string> = new Set([
  "exclusive-ownership",
  "no-foreign-reference",
  "no-shared-dependency",
  "separate-accounts",
]);

const NOTHING = { types: {} };

/** Each extractor's file, and exports of it with which it finds nothing by itself. */
const EXTRACTORS: readonly (readonly [file: string, silent: Record<string, unknown>])[] = [
  ["aws", { AWS: NOTHING }],
  ["bulkhead", { BULKHEAD: NOTHING }],
  ["cloudflare", { CLOUDFLARE: NOTHING }],
  ["cloudflare-bindings", { BINDING_RULES: [] }],
  ["digitalocean", { DIGITALOCEAN: NOTHING }],
  ["generic", { GENERIC_CLAIMS: [] }],
  ["mine", { mine: () => [] }],
  ["pulumi", { PULUMI: NOTHING }],
  ["random", { RANDOM: NOTHING }],
];

const fileOf = (name: string): string => `../../isolation/extract/${name}.ts`;

afterEach(() => {
  for (const [name] of EXTRACTORS) vi.doUnmock(fileOf(name));
  vi.resetModules();
});

/** Whether every case of the corpus turns out as it says. */
async function holds(): Promise<boolean> {
  const [{ rules }, { baseEstate }, { run, violations }, { corpora }] = await Promise.all([
    import("../../policy/rules/index.ts"),
    import("./estate/program.ts"),
    import("./estate/run.ts"),
    import("./mutations/index.ts"),
  ]);
  const looking = rules.filter(({ name }) => RULES.has(name));
  const notices = async ({ change, subject = "staging" }: NearMiss, rule: string) => {
    const estate = baseEstate();
    change(estate);
    const found = violations(await run(estate, subject, looking, ["update stack"]), "update stack");
    return found.some((finding) => finding.rule.name === rule);
  };
  for (const { name } of looking) {
    for (const nearMiss of corpora[name]?.nearMisses ?? [])
      if (await notices(nearMiss, name)) return false;
    for (const mutation of corpora[name]?.mutations ?? [])
      if (!(await notices(mutation, name))) return false;
  }
  return true;
}

/** The whole corpus, on a machine that does other things too. */
const WHOLE_CORPUS_MS = 120_000;

describe("the corpus", () => {
  test(
    "turns out as it says with every extractor",
    async () => {
      expect(await holds()).toBe(true);
    },
    WHOLE_CORPUS_MS,
  );

  test.each(EXTRACTORS)("tells when the extractor %s finds nothing", async (name, silent) => {
    vi.doMock(fileOf(name), async (original) => ({ ...(await original<object>()), ...silent }));
    expect(await holds()).toBe(false);
  });
});
