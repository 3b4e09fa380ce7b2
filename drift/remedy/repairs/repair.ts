/** What ends a drift that lies beside every resource: by the vendor's API, or on the server itself. */
import type { OpenResource } from "../../engine/secrets.ts";
import type { Subject } from "../../finding.ts";
import type { VendorAccounts } from "../../vendors/accounts.ts";

/** Where a repair is done. */
export interface RepairSite {
  readonly accounts: VendorAccounts;
  /** The stack's resources with their secrets. */
  readonly resources: readonly OpenResource[];
}

export interface Repair {
  /** One sentence: what is done, with the statement where there is one. */
  readonly effect: string;
  /** What may be lost by it, in a few words: `the table users`; undefined: nothing. */
  readonly loses?: string;
  /** @throws Error with what the vendor or the server says. */
  readonly apply: (site: RepairSite) => Promise<unknown>;
}

/** One line of a table of repairs. */
export interface RepairRule {
  /** Type tokens of the subjects that it is for. */
  readonly types: readonly string[];
  /** What the difference's key is like. */
  readonly key: RegExp;
  /** @param rest what the expression's first group has caught. */
  readonly repair: (subject: Subject, rest: string) => Repair | undefined;
}

/** The resource that a finding is about. @throws Error when the stack no longer has it. */
export function resourceOf({ resources }: RepairSite, { urn, name }: Subject): OpenResource {
  const found = resources.find((each) => each.urn === urn);
  if (found === undefined) throw new Error(`The stack no longer has ${name}. Run the scan again.`);
  return found;
}
