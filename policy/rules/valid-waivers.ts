import { type StackName, stackLabel } from "../../isolation/facts.ts";
import type { Finding, Rule, RuleView } from "../rule.ts";
import type { Waiver } from "../settings.ts";
import { entryLabel, exceptionsFor } from "../waivers.ts";

/** Rules whose findings name what two stacks have. */
const ABOUT_SHARING: ReadonlySet<string> = new Set([
  "exclusive-ownership",
  "no-foreign-reference",
  "no-shared-dependency",
  "separate-accounts",
]);

export const validWaivers: Rule = {
  name: "valid-waivers",
  title: "Checks whether every waiver is complete, in force and needed",
  severity: "high",
  level: "mandatory",
  why: "An exception that nobody owns, or that nobody needs any more, hides the next mistake.",
  remedy: "Correct or remove the entry in policy/settings.yaml.",
  violation: "A waiver without an owner, or one that expired yesterday.",
  passes:
    "A waiver with owner, reason and a date within a year, for something that is really shared.",
  *afterwards(view, use) {
    const { faulty, waivers } = exceptionsFor(view, view.rules);
    for (const { label, problems } of faulty)
      yield { status: "violation", message: `The entry ${label} ${problems.join(", ")}.` };
    yield* strangers(view);
    for (const waiver of waivers) {
      if (use.used.has(waiver) || !isNeedless(waiver, view)) continue;
      const entry = labelOf(waiver, view);
      yield use.settled
        ? {
            status: "violation",
            level: "advisory",
            message: `The entry ${entry} allows what no longer happens.`,
          }
        : {
            status: "undecided",
            message: `Whether the entry ${entry} is needed is not known yet.`,
          };
    }
  },
};

/** Entries for stacks that do not exist: a slip of the pen, or a stack that was removed. */
function* strangers({ settings, subject, siblings }: RuleView): Generator<Finding> {
  const known = new Set([subject, ...siblings.map(({ name }) => name)].map(({ stack }) => stack));
  for (const list of ["waivers", "levels"] as const)
    for (const [index, entry] of settings[list].entries()) {
      const unknown = (entry.stacks ?? []).filter((stack) => !known.has(stack));
      if (unknown.length > 0)
        yield {
          status: "violation",
          // The first stack of a new backend is deployed before the others exist.
          level: "advisory",
          message: `The entry ${entryLabel(list, index, entry)} is for ${unknown.join(", ")}, which does not exist.`,
        };
    }
}

/**
 * Whether nobody can need the waiver, as nothing here does. One that names stacks is needless to this one
 * when nothing here needs it; one for all stacks may be needed by another, unless it is about
 * something that fewer than two stacks have.
 */
function isNeedless(waiver: Waiver, { others, own, siblings }: RuleView): boolean {
  const concerned = siblings.filter(({ name }) => waiver.stacks?.includes(name.stack) ?? true);
  if (concerned.some(({ status }) => status !== "deployed")) return false;
  if (waiver.stacks !== undefined) return true;
  const { identity, rule } = waiver;
  if (identity === undefined || !ABOUT_SHARING.has(rule)) return false;
  const sharers = new Set<string>(
    [...others.ownersOf(identity), ...others.usersOf(identity)].map(
      ({ stack }: { readonly stack: StackName }) => stackLabel(stack),
    ),
  );
  const mine = own.ownersOf(identity).length + own.usersOf(identity).length > 0;
  return sharers.size + (mine ? 1 : 0) < 2;
}

const labelOf = (waiver: Waiver, { settings }: RuleView): string =>
  entryLabel("waivers", settings.waivers.indexOf(waiver), waiver);
