/** What every probe is given and answers. A probe finds what a refresh cannot see. */
import type { Tier } from "../../components/tier.ts";
import type { StackFacts, StackName } from "../../isolation/facts.ts";
import type { ChangedResource } from "../engine/live-facts.ts";
import type { PreviewTarget } from "../engine/preview.ts";
import type { OpenResource } from "../engine/secrets.ts";
import type { Difference } from "../finding.ts";
import type { Redactor } from "../redact/redact.ts";
import type { VendorAccounts } from "../vendors/accounts.ts";

export interface ProbeInput {
  readonly stack: StackName;
  readonly tier: Tier;
  /** As the stack's state records it. */
  readonly recorded: StackFacts;
  /** As it really is. */
  readonly live: StackFacts;
  readonly changed: readonly ChangedResource[];
  /** The state with its secrets; read once, at the first call. */
  readonly secrets: () => Promise<readonly OpenResource[]>;
  /** The stack's accounts at the vendors, by the credentials in its state. */
  readonly accounts: () => Promise<VendorAccounts>;
  /** Whether a stack of this backend owns a thing, by Pulumi's type token and the vendor's id. */
  readonly isOwned: (type: string, id: string) => boolean;
  readonly preview: PreviewTarget;
  readonly redactor: Redactor;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Says what a reader is to know, and what is neither a finding nor a problem; a whole sentence. */
  readonly note: (text: string) => void;
}

export interface Probe {
  /** For reports and `--only`, `--skip`: `logins`. */
  readonly name: string;
  /** What it looks at: a few words after "could not look at …". */
  readonly looksAt: string;
  /**
   * What differs. A probe that has nothing to look at in a stack answers nothing.
   *
   * @throws any error when it could not tell: the run then says so, and goes on. What it could tell all
   * the same is in a {@link PartlyUnknown}.
   */
  run(input: ProbeInput): Promise<readonly Difference[]>;
}

/** Some of what a probe looks at could not be looked at; the message says what. */
export class PartlyUnknown extends Error {
  override readonly name = "PartlyUnknown";
  /** What differs in the rest. */
  readonly differences: readonly Difference[];

  constructor(message: string, differences: readonly Difference[]) {
    super(message);
    this.differences = differences;
  }
}
