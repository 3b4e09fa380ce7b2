import { tiersSpelledBy } from "../../components/tier.ts";
import { isDeclared } from "../expectations.ts";
import type { Rule } from "../rule.ts";
import { DATA_RESOURCES } from "../vendor-types.ts";

export const productionProtected: Rule = {
  name: "production-protected",
  title: "Checks whether production's data is protected from deletion",
  severity: "high",
  level: "mandatory",
  why: "A renamed or removed declaration deletes what it stood for, and production's data does not come back.",
  remedy:
    "Give the resource protect: true and retainOnDelete: true; a Scope of tier production does so.",
  violation: "A D1 database of the stack production without protect.",
  passes: "The same database in staging, or a Worker of production, which holds no data.",
  *resource({ resource }, { tier, subject }) {
    // A slip in the tier must not unprotect a stack that is called production.
    const production =
      tier === "production" || tiersSpelledBy(subject.stack).includes("production");
    if (!production || !isDeclared(resource) || !DATA_RESOURCES.has(resource.type)) return;
    // Not every source tells retainOnDelete: the engine does not before the resource exists.
    const missing = [
      ...(resource.protect ? [] : ["protect"]),
      ...(resource.retainOnDelete === false ? ["retainOnDelete"] : []),
    ];
    if (missing.length === 0) return;
    yield {
      status: "violation",
      urn: resource.urn,
      message: `It holds data of production and has no ${missing.join(" and no ")}.`,
    };
  },
};
