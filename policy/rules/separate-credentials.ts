import { isProvider } from "../../isolation/facts.ts";
import { firstOf } from "../first-of.ts";
import type { Rule } from "../rule.ts";
import { isCommonWord } from "../secret-origins.ts";
import { elsewhere } from "../wording.ts";

export const separateCredentials: Rule = {
  name: "separate-credentials",
  title: "Checks whether providers work with credentials that no other stack holds",
  severity: "critical",
  level: "mandatory",
  why: "A credential that two stacks hold lets each create, change and delete what is the other's.",
  remedy:
    "Create a credential for this stack alone, with no rights outside of its account, and revoke the shared one.",
  violation: "Two stacks whose providers are given the same CLOUDFLARE_API_TOKEN.",
  passes: "Two providers of one stack with the same token.",
  *resource(observation, { others }) {
    if (!isProvider(observation.resource)) return;
    for (const secret of observation.secrets) {
      if (isCommonWord(observation, secret)) continue;
      const { urn, path, fingerprints } = secret;
      const [holder] = firstOf(fingerprints, (each) => others.holdersOf(each));
      if (holder === undefined) continue;
      yield {
        status: "violation",
        urn,
        path,
        other: holder,
        message: `Its credential is also held by ${elsewhere(holder.stack, holder.urn, holder.path)}.`,
      };
    }
  },
};
