/** Asks the rules of the policy pack again, about what is really there. */
import { checkStacks } from "../../policy/report/check.ts";
import type { ReportedFinding } from "../../policy/report/report.ts";
import type { StackReading } from "../../policy/siblings/index.ts";
import { mergeManifest } from "../../policy/siblings/merged-manifest.ts";
import { liveFacts } from "../engine/live-facts.ts";
import type { ScanOptions } from "./options.ts";
import type { LookedAt } from "./stack.ts";

/**
 * Rules about what was declared and deployed, from which a drift differs by nature: each would say of
 * every drift, and of the stacks beside it, once more that it is there.
 */
const ABOUT_DEPLOYMENTS: ReadonlySet<string> = new Set([
  "complete-manifest",
  "environment-parity",
  "readable-siblings",
  "valid-waivers",
]);

/** A rule that what is really there breaks. */
export interface BrokenRule extends ReportedFinding {
  /** It was broken by what is recorded already: no drift has done it. */
  readonly before: boolean;
}

/**
 * By a stack's label, what the rules say of what is really there. A stack without drift is judged too,
 * since another's drift may break its isolation.
 */
export async function brokenIsolation(
  looked: readonly LookedAt[],
  all: readonly StackReading[],
  options: ScanOptions,
): Promise<ReadonlyMap<string, readonly BrokenRule[]>> {
  const scanned = looked.filter(({ status }) => status === "scanned");
  if (scanned.length === 0) return new Map();
  const rules = options.rules.filter(({ name }) => !ABOUT_DEPLOYMENTS.has(name));
  const check = {
    project: options.projectName,
    rules,
    settings: options.settings,
    fingerprinter: options.fingerprinter,
    today: new Date(options.now).toISOString().slice(0, 10),
  };
  const isSubject = ({ name }: StackReading) => scanned.some((each) => each.name === name);
  const live = await Promise.all(all.map((each) => liveReading(each, looked, options)));
  const after = await checkStacks(live.filter(isSubject), live, check);
  if (after.stacks.every(({ findings }) => findings.length === 0)) return new Map();
  const before = await checkStacks(all.filter(isSubject), all, check);
  const known = new Set(
    before.stacks.flatMap(({ stack, findings }) => findings.map((each) => keyOf(stack, each))),
  );
  return new Map(
    after.stacks.map(({ stack, findings }) => [
      stack,
      findings.map((each) => ({ ...each, before: known.has(keyOf(stack, each)) })),
    ]),
  );
}

async function liveReading(
  reading: StackReading,
  looked: readonly LookedAt[],
  { settings, fingerprinter }: ScanOptions,
): Promise<StackReading> {
  const changed = looked.find(({ name }) => name === reading.name)?.changed ?? [];
  if (reading.problem !== undefined || changed.length === 0) return reading;
  const facts = liveFacts(reading.facts(), changed);
  const { manifest, gap } = await mergeManifest(facts, settings.salt, fingerprinter);
  return { ...reading, manifest, gap, facts: () => facts };
}

const keyOf = (stack: string, { rule, urn, path, identity, other }: ReportedFinding): string =>
  JSON.stringify([stack, rule, urn, path, identity, other]);
