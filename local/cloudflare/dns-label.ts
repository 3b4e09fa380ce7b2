import { createHash } from "node:crypto";

/** What an environment may be called: what Pulumi takes for a stack, but shorter. */
export const ENVIRONMENT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;

/** RFC 1035 allows 63 octets; a digest is added here, and a suffix by those who use the label. */
const MAX_LABEL_LENGTH = 40;
const DIGEST_LENGTH = 6;

/**
 * An environment's name as one label of a domain name, at most 47 characters. A name that is a label
 * already stays as it is; any other gets a digest of the original, so that `pr_1` and `pr-1` differ.
 */
export function dnsLabel(environment: string): string {
  const label = environment
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, MAX_LABEL_LENGTH);
  if (label === environment) return label;
  const digest = createHash("sha256").update(environment).digest("hex").slice(0, DIGEST_LENGTH);
  return label === "" ? digest : `${label}-${digest}`;
}
