import { stackLabel } from "../../isolation/facts.ts";
import { describeIdentity } from "../../isolation/identity/kinds.ts";
import type { Rule } from "../rule.ts";
import { elsewhere } from "../wording.ts";

export const separateAccounts: Rule = {
  name: "separate-accounts",
  title: "Checks whether each stack has a vendor account of its own",
  severity: "high",
  level: "mandatory",
  why: "Within one account a token, a limit or an outage of one environment reaches the others.",
  remedy:
    "Give each environment an account of its own (docs/decisions/0001-one-account-per-environment.md).",
  violation: "The stacks dev and staging deploy to the same Cloudflare account.",
  passes: "Each stack names an account that no other stack names.",
  *resource(observation, { own, others }) {
    for (const reference of observation.references) {
      const { identity, urn, path } = reference;
      if (!identity.startsWith("account:")) continue;
      // Every resource names its account: the first one speaks for all.
      if (own.usersOf(identity)[0]?.fact !== reference) continue;
      const stacks = new Map(
        others.usersOf(identity).map((user) => [stackLabel(user.stack), user]),
      );
      for (const user of stacks.values())
        yield {
          status: "violation",
          urn,
          path,
          identity,
          other: user,
          message: `It is in ${describeIdentity(identity)}, as is ${elsewhere(user.stack, user.urn)}.`,
        };
    }
  },
};
