import { stackLabel } from "../../isolation/facts.ts";
import type { Finding, Rule, RuleView } from "../rule.ts";

export const readableSiblings: Rule = {
  name: "readable-siblings",
  title: "Checks whether every other stack could be read",
  severity: "critical",
  level: "mandatory",
  why: "What a stack that cannot be read owns and holds is not known, so that nothing can be said to be separate from it.",
  remedy:
    "Make the stack readable, remove it from the backend when it is no more, or waive it by its identity while it is repaired.",
  violation: "The state of production was written by a newer version of this pack.",
  passes: "A stack that exists and was never deployed.",
  *resource(observation, view) {
    // Said with the first resource, so that nothing is created before it.
    if (view.observations[0] === observation) yield* unreadable(view);
  },
  stack: unreadable,
};

function* unreadable({ siblings }: RuleView): Generator<Finding> {
  for (const { name, status, problem } of siblings)
    if (status === "unreadable")
      yield {
        status: "violation",
        identity: `stack:${stackLabel(name)}`,
        other: { stack: name },
        message: `The stack ${stackLabel(name)} cannot be read. ${problem ?? ""}`.trim(),
      };
}
