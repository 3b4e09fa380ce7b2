import { describeIdentity } from "../../isolation/identity/kinds.ts";
import { isDeclared } from "../expectations.ts";
import type { Rule } from "../rule.ts";
import { elsewhere, resourceText } from "../wording.ts";

export const exclusiveOwnership: Rule = {
  name: "exclusive-ownership",
  title: "Checks whether what a stack owns is owned by nobody else",
  severity: "critical",
  level: "mandatory",
  why: "What two stacks own, each can change or delete under the other, data included.",
  remedy:
    "Give each stack, and each system in it, a thing of its own, and remove the other declaration from its state.",
  violation: "Two stacks that both import the D1 database 0b1f….",
  passes: "Two databases of the same name in two accounts.",
  *resource({ resource, claims, system }, { others, own, subject }) {
    const { urn } = resource;
    for (const { identity, path } of claims) {
      const found = { status: "violation", urn, path, identity } as const;
      for (const owner of others.ownersOf(identity))
        yield {
          ...found,
          other: owner,
          message: `It owns ${describeIdentity(identity)}, which ${elsewhere(owner.stack, owner.urn)} owns too.`,
        };
      const rival = own
        .ownersOf(identity)
        .find(
          ({ observation }) => (observation.system ?? system) !== (system ?? observation.system),
        );
      if (rival !== undefined)
        yield {
          ...found,
          message:
            `The system ${system} owns ${describeIdentity(identity)}, which ` +
            `${resourceText(rival.fact.urn)} of the system ${rival.observation.system} owns too.`,
        };
    }
    if (subject.phase === "preview" && isDeclared(resource) && resource.id === undefined)
      yield {
        status: "undecided",
        urn,
        path: "id",
        message: "What the vendor will call it is not known yet.",
      };
  },
};
