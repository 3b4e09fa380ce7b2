import { stackLabel, Unknown } from "../../isolation/facts.ts";
import { type Aspect, type Aspects, aspectsOf, predecessorOf } from "../parity.ts";
import type { Finding, Level, Rule, RuleView, Sibling } from "../rule.ts";

export const environmentParity: Rule = {
  name: "environment-parity",
  title: "Checks whether an environment has what the one before it in promotion has",
  severity: "medium",
  level: "mandatory",
  why: "What was tried in staging says something about production only where both are made alike.",
  remedy:
    "Deploy the release to the environment before this one first, or write down in policy/settings.yaml why they differ.",
  violation:
    "A Worker of production has a binding that staging's has not. What production lacks or has in another version is advice.",
  passes:
    "Another value of a secret, another version of it, or a previous value during its rotation.",
  *stack(view) {
    const { subject, tier, siblings } = view;
    const predecessor = predecessorOf(subject, tier, siblings);
    if (predecessor === undefined) return;
    const mine = aspectsOf(subject.stack, subject.resources);
    const theirs = aspectsOf(predecessor.name.stack, predecessor.facts?.resources ?? []);
    yield* lacking(mine, theirs, predecessor);
    yield* differing(mine, theirs, predecessor, view);
  },
};

function* lacking(mine: Aspects, theirs: Aspects, { name: stack }: Sibling): Generator<Finding> {
  for (const [key, aspect] of missing(theirs, mine))
    yield {
      ...ADVICE,
      urn: aspect.within === undefined ? undefined : mine.get(aspect.within)?.urn,
      other: { stack, urn: aspect.urn },
      message: `${sentence(aspect.what)} is in ${stackLabel(stack)} and not here.`,
      identity: identityOf(key),
    };
}

function* differing(
  mine: Aspects,
  theirs: Aspects,
  { name: stack }: Sibling,
  view: RuleView,
): Generator<Finding> {
  const extra = new Map(missing(mine, theirs));
  for (const [key, { urn, path, what, value }] of mine) {
    const at = { ...ADVICE, urn, path, identity: identityOf(key) };
    const before = theirs.get(key);
    if (value instanceof Unknown)
      yield { ...at, status: "undecided", message: `${sentence(what)} is not known yet.` };
    else if (extra.has(key))
      yield {
        ...at,
        level: levelOfExtra(view),
        other: { stack },
        message: `${sentence(what)} is here and not in ${stackLabel(stack)}.`,
      };
    else if (before !== undefined && !(before.value instanceof Unknown) && before.value !== value)
      yield {
        ...at,
        other: { stack, urn: before.urn },
        message: `${sentence(what)} is ${value} here and ${before.value} in ${stackLabel(stack)}.`,
      };
  }
}

/** What one side has and the other has not; of what is missing as a whole, the parts are not named. */
const missing = (from: Aspects, to: Aspects): [string, Aspect][] =>
  [...from].filter(
    ([key, { within }]) =>
      !to.has(key) && (within === undefined || !from.has(within) || to.has(within)),
  );

/** Between two releases the one before is ahead: that is said, and stops no urgent correction. */
const ADVICE = { status: "violation", level: "advisory" } as const;

/** What production has and staging has not was never tried; elsewhere it is what is being tried. */
const levelOfExtra = ({ tier }: RuleView): Level =>
  tier === "production" ? "mandatory" : "advisory";

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Differences have no resource of their own at times, so that a waiver needs another handle. */
const identityOf = (key: string): string => `difference:${key}`;
