import { stackLabel } from "../../isolation/facts.ts";
import { describeIdentity } from "../../isolation/identity/kinds.ts";
import type { Reference } from "../../isolation/observation.ts";
import { aliasesOf } from "../aliases.ts";
import type { Finding, Rule, RuleView } from "../rule.ts";
import { undecidedPaths } from "../undecided.ts";
import { elsewhere } from "../wording.ts";

export const noForeignReference: Rule = {
  name: "no-foreign-reference",
  title: "Checks whether a stack uses nothing that another stack owns",
  severity: "critical",
  level: "mandatory",
  why: "A binding, a URL or an id of another environment lets code of this one read and change that one's data.",
  remedy: "Use this stack's own resource instead, by its component and not by its id.",
  violation: "A Worker of staging bound to production's database, or its address in a variable.",
  passes: "A reference to the stack of the same name of another project.",
  *resource(observation, view) {
    for (const reference of observation.references) {
      if (reference.kind === "account") continue;
      if (reference.identity.startsWith("stack:")) yield* foreignStack(reference, view);
      else yield* foreignThing(reference, view);
    }
    yield* undecidedPaths(observation, observation.unknown, "What it uses");
  },
};

function* foreignThing(reference: Reference, { own, others }: RuleView): Generator<Finding> {
  const { identity, urn, path } = reference;
  const names = aliasesOf(identity);
  // What this stack claims as well is the business of exclusive-ownership.
  if (names.some((name) => own.ownersOf(name).length > 0)) return;
  for (const owner of names.flatMap((name) => others.ownersOf(name)))
    yield {
      status: "violation",
      urn,
      path,
      identity,
      other: owner,
      message: `It names ${describeIdentity(identity)}, which ${elsewhere(owner.stack, owner.urn)} owns.`,
    };
}

/** Projects may build upon each other within one environment, so its name must be the same. */
function* foreignStack(reference: Reference, { subject }: RuleView): Generator<Finding> {
  const { identity, urn, path } = reference;
  const [project = "", stack = ""] = identity.slice("stack:".length).split("/");
  if (stack === subject.stack) return;
  yield {
    status: "violation",
    urn,
    path,
    identity,
    other: { stack: { project, stack } },
    message:
      `It reads the outputs of ${stackLabel({ project, stack })}, which is another environment ` +
      `than ${subject.stack}.`,
  };
}
