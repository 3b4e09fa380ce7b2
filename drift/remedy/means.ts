/** By what a remedy is carried out: what `bulkhead drift fix` does for it. */
import type { Repair } from "./repairs/repair.ts";

export type Means =
  /** Pulumi deploys. */
  | {
      readonly by: "up";
      /** URNs; empty: the whole program. */
      readonly targets: readonly string[];
      /** Also what takes its values from the targets. */
      readonly dependents: boolean;
      /** Whether Pulumi looks at the vendor first: without it, it trusts what it has recorded. */
      readonly refresh: boolean;
      /** URNs of what is made anew before the old one goes. */
      readonly replaces: readonly string[];
    }
  /**
   * Pulumi sends all of it once more. What a refresh cannot see looks unchanged to it, so a property is
   * taken out of the record first.
   */
  | { readonly by: "resend"; readonly urn: string; readonly property: string }
  /** Pulumi records what is there. */
  | { readonly by: "refresh"; readonly urn: string }
  /** Pulumi records a thing that no stack owns. */
  | {
      readonly by: "import";
      readonly name: string;
      readonly parent: string | undefined;
      readonly provider: string | undefined;
    }
  /** The vendor deletes a thing that no stack owns. */
  | { readonly by: "removal" }
  /** The vendor or the server is told to undo it. */
  | { readonly by: "repair"; readonly repair: Repair }
  /** A person. */
  | { readonly by: "hand" };
