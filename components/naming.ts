import { createHash } from "node:crypto";
import { InputError } from "./input-error.ts";

/** What a vendor accepts as a name. */
export interface NameRule {
  /** The thing that is named, as the error calls it. */
  readonly thing: string;
  readonly pattern: RegExp;
  /** Characters. */
  readonly maxLength: number;
  /** The pattern in words. */
  readonly allows: string;
}

/** Leaves room for the system's and the resource's name within the vendors' 63 characters. */
const MAX_LABEL_LENGTH = 28;
const DIGEST_LENGTH = 6;

/** A name's words in lower case: `PR_123.eu` has `pr`, `123` and `eu`. */
export function tokensOf(name: string): string[] {
  return name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((token) => token !== "");
}

/**
 * A stack's name as part of vendor names: lower-case letters, digits and hyphens, at most 28
 * characters. A name that is so already stays as it is; any other gets a digest of the original,
 * so that `pr_1` and `pr-1` never end up in the same bucket.
 */
export function environmentLabel(stack: string): string {
  const label = tokensOf(stack).join("-");
  if (label === stack && label.length <= MAX_LABEL_LENGTH) {
    return label;
  }
  const digest = createHash("sha256").update(stack).digest("hex").slice(0, DIGEST_LENGTH);
  const kept = label.slice(0, MAX_LABEL_LENGTH - DIGEST_LENGTH - 1).replace(/-$/, "");
  return kept === "" ? digest : `${kept}-${digest}`;
}

/** `name` with the system in front, unless it carries it already. */
export function qualifiedName(system: string, name: string): string {
  return name === system || name.startsWith(`${system}-`) ? name : `${system}-${name}`;
}

/**
 * Returns `name`, once it is known to be one that the vendor accepts.
 *
 * @param field the argument a user would change, as the error names it.
 * @throws InputError naming the field, the value and the rule.
 */
export function validName(rule: NameRule, field: string, name: string): string {
  if (name.length > rule.maxLength) {
    throw new InputError(
      `${field} "${name}" has ${name.length} characters; a ${rule.thing} has at most ` +
        `${rule.maxLength}. Give ${field} a shorter value.`,
    );
  }
  if (!rule.pattern.test(name)) {
    throw new InputError(
      `${field} "${name}" is not a valid name for a ${rule.thing}. Use ${rule.allows}.`,
    );
  }
  return name;
}
