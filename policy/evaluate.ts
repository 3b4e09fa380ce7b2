import type { Observation } from "../isolation/observation.ts";
import { OwnIndex } from "./own-index.ts";
import type { Finding, Level, Rule, RuleContext, RuleView } from "./rule.ts";
import type { Waiver } from "./settings.ts";
import { TextFingerprints } from "./text-fingerprints.ts";
import { type Exceptions, exceptionsFor, levelOf, waives } from "./waivers.ts";
import { placeOf } from "./wording.ts";

/** A finding with the rule that made it, at the level that counts for this stack. */
export interface RuleFinding extends Finding {
  readonly rule: Rule;
  readonly level: Level;
}

/** A finding that is allowed for a time. */
export interface WaivedFinding {
  readonly finding: RuleFinding;
  readonly waiver: Waiver;
}

/** What the rules say of a resource or of a stack. Every list is in a fixed order, without repeats. */
export interface Evaluation {
  /** Violations that no waiver covers. */
  readonly findings: readonly RuleFinding[];
  /** What could not be told, because values are not known yet. */
  readonly undecided: readonly RuleFinding[];
  readonly waived: readonly WaivedFinding[];
  /** Waivers for this stack that nothing needed. Empty for a resource alone. */
  readonly unusedWaivers: readonly Waiver[];
}

/** What the rules say of one resource by itself, so that it can be stopped before it is created. */
export async function evaluateResource(
  rules: readonly Rule[],
  observation: Observation,
  context: RuleContext,
): Promise<Evaluation> {
  const view = await viewOf(rules, context);
  const exceptions = exceptionsFor(context, rules);
  const found = resourceFindings(rules, observation, view);
  return { ...sort(found, view, exceptions), unusedWaivers: [] };
}

/**
 * What the rules say of the whole stack: of each resource again, now that all are known, and of all
 * together. After an update nothing may be left undecided.
 */
export async function evaluateStack(
  rules: readonly Rule[],
  context: RuleContext,
): Promise<Evaluation> {
  const view = await viewOf(rules, context);
  const exceptions = exceptionsFor(context, rules);
  const found = [
    ...context.observations.flatMap((each) => resourceFindings(rules, each, view)),
    ...rules.flatMap((rule) => raise(rule, rule.stack?.(view))),
  ].map((finding) => (context.subject.phase === "update" ? decided(finding) : finding));
  const first = sort(found, view, exceptions);
  const used = new Set(first.waived.map(({ waiver }) => waiver));
  const use = { used, settled: first.undecided.length === 0 };
  const last = rules.flatMap((rule) => raise(rule, rule.afterwards?.(view, use)));
  return {
    ...sort([...found, ...last], view, exceptions),
    unusedWaivers: exceptions.waivers.filter((waiver) => !used.has(waiver)),
  };
}

/**
 * The message that users see: where, what is wrong and with whom, what to do, where to read on. It
 * is made of names, paths and identities alone.
 */
export function formatFinding({ rule, message, urn, path, identity }: RuleFinding): string {
  const place = placeOf(urn, path);
  const what = `${place === undefined ? "" : `${place}: `}${message}`;
  const handle = identity === undefined ? "" : ` (identity ${identity})`;
  return `${what}${handle} ${rule.remedy} See docs/policies.md#${rule.name}.`;
}

async function viewOf(rules: readonly Rule[], context: RuleContext): Promise<RuleView> {
  const { observations, fingerprinter } = context;
  return {
    ...context,
    own: OwnIndex.of(observations),
    texts: await TextFingerprints.for(observations, fingerprinter),
    rules,
  };
}

const resourceFindings = (
  rules: readonly Rule[],
  observation: Observation,
  view: RuleView,
): RuleFinding[] => rules.flatMap((rule) => raise(rule, rule.resource?.(observation, view)));

/** A rule's findings with the rule; their level is settled by {@link sort}. */
const raise = (rule: Rule, findings: Iterable<Finding> = []): RuleFinding[] =>
  [...findings].map((finding) => ({ ...finding, rule, level: finding.level ?? rule.level }));

/** When everything has been done, what is still unknown will stay so, and must not pass. */
const decided = (finding: RuleFinding): RuleFinding =>
  finding.status === "violation"
    ? finding
    : {
        ...finding,
        status: "violation",
        message: `${finding.message} It could not be decided although the update is over.`,
      };

function sort(
  found: readonly RuleFinding[],
  view: RuleView,
  { waivers, levels }: Exceptions,
): Omit<Evaluation, "unusedWaivers"> {
  const findings: RuleFinding[] = [];
  const undecided: RuleFinding[] = [];
  const waived: WaivedFinding[] = [];
  for (const each of inOrder(withoutRepeats(found), view)) {
    const waiver = waivers.find((candidate) => waives(candidate, each.rule, each));
    const finding = { ...discreet(each, view), level: levelOf(each.rule, each, levels) };
    if (waiver !== undefined) waived.push({ finding, waiver });
    else if (finding.status === "violation") findings.push(finding);
    else undecided.push(finding);
  }
  return { findings, undecided, waived };
}

/**
 * What a finding names is no secret by its place: a name, an id, a host. Should it be the value of a
 * secret all the same, it is not shown.
 */
function discreet(finding: RuleFinding, { own, others, texts }: RuleView): RuleFinding {
  const fingerprints = texts.of(`${finding.message} ${finding.identity ?? ""}`);
  const told =
    own.holdersOf(fingerprints).length > 0 ||
    fingerprints.some((fingerprint) => others.holdersOf(fingerprint).length > 0);
  if (!told) return finding;
  const { identity: _, ...rest } = finding;
  return { ...rest, message: "What is wrong here cannot be said without showing a secret." };
}

/** Each once; where a rule has found a violation, nothing is left to be decided by it. */
function withoutRepeats(found: readonly RuleFinding[]): RuleFinding[] {
  const place = ({ rule, urn, path }: RuleFinding) => JSON.stringify([rule.name, urn, path]);
  const violated = new Set(found.filter(({ status }) => status === "violation").map(place));
  const byKey = new Map(
    found
      .filter((each) => each.status === "violation" || !violated.has(place(each)))
      .map((each) => [JSON.stringify([place(each), each.identity, each.message]), each]),
  );
  return [...byKey.values()];
}

/** As the resources were declared, then by rule, path and message; what is about no resource comes last. */
function inOrder(
  findings: readonly RuleFinding[],
  { observations, rules }: RuleView,
): RuleFinding[] {
  const resources = new Map(observations.map(({ resource }, at) => [resource.urn, at]));
  const ranks = new Map(rules.map(({ name }, at) => [name, at]));
  const rank = ({ urn, rule, path = "", message }: RuleFinding) =>
    [
      (urn === undefined ? undefined : resources.get(urn)) ?? observations.length,
      ranks.get(rule.name) ?? rules.length,
      path,
      message,
    ] as const;
  return findings
    .map((finding) => ({ finding, rank: rank(finding) }))
    .sort((a, b) => compareRanks(a.rank, b.rank))
    .map(({ finding }) => finding);
}

function compareRanks(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) < (b[at] ?? 0) ? -1 : 1;
}
