/** What a drift run finds, in the words that every report uses. */
import { createHash } from "node:crypto";
import type { Tier } from "../components/tier.ts";

/**
 * How bad a drift is, worst first. `critical`: an environment's isolation is broken. `high`: production
 * is weaker than declared, or something is lost. `medium`: it does not do what was declared. `low`: all else.
 */
export const GRADES = ["critical", "high", "medium", "low"] as const;
export type Grade = (typeof GRADES)[number];

/** What kind of difference it is. */
export const KINDS = [
  /** A resource has other properties than recorded. */
  "changed",
  /** A resource is recorded, and gone at the vendor. */
  "deleted",
  /** Something at the vendor that no stack owns. */
  "unmanaged",
  /** The same, and made for this environment once: its name or tags say so. */
  "orphaned",
  /** A secret's value was changed in place. */
  "secret",
  /** What runs is not what was built. */
  "code",
  /** A database's schema is not what its migrations make. */
  "schema",
  /** Somebody may do what was not declared: users, grants, object permissions. */
  "access",
  /** The program declares something else than what is deployed. */
  "undeployed",
  /** A rule of the policy pack is broken by what is really there. */
  "isolation",
] as const;
export type Kind = (typeof KINDS)[number];

/** What a finding is about. */
export interface Subject {
  /** URN; null for what no stack owns. */
  readonly urn: string | null;
  /** Type token, for example `cloudflare:index/d1Database:D1Database`. */
  readonly type: string;
  /** Logical name, or the name at the vendor of what no stack owns. */
  readonly name: string;
  /** The vendor's id; null where there is none. */
  readonly id: string | null;
}

/**
 * One property that differs. Values are JSON texts, cut to a readable length; null: there is none. A
 * secret's value is `[secret]`.
 */
export interface PropertyChange {
  /** For example `rules[203.0.113.0/24].type`. */
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Who changed it and when, as the vendor's log tells. */
export interface Trace {
  /** Null where the vendor does not name anybody. */
  readonly actor: string | null;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Which log, for example `Cloudflare deployments`. */
  readonly source: string;
}

/** A way to end a drift. `import` and `delete` are for what no stack owns. */
export const ACTIONS = ["restore", "accept", "import", "delete"] as const;
export type Action = (typeof ACTIONS)[number];

export interface Remedy {
  readonly action: Action;
  /** One sentence: what it does. */
  readonly effect: string;
  /** The command line that does it. */
  readonly command: string;
  /** The change of code that belongs to it; null where none does. */
  readonly code: CodeChange | null;
}

/** A change of code, as a person is to make it. */
export interface CodeChange {
  /** `systems/qhub.ts:13`; null where the program does not tell. */
  readonly place: string | null;
  /** Lines to write, or what to change, in the program's language. */
  readonly text: string;
}

/** A finding before it is graded: what probes answer. */
export interface Difference {
  readonly kind: Kind;
  readonly subject: Subject;
  /** One sentence: what is there instead of what. No secret is in it. */
  readonly message: string;
  readonly changes: readonly PropertyChange[];
  readonly trace: Trace | null;
  /** Names of the policy rules that it breaks; empty for most. */
  readonly rules: readonly string[];
  /**
   * What tells this difference from another of the same subject, kind and properties; most have none.
   */
  readonly key?: string;
  /** What `pulumi import` takes for a thing that no stack owns; undefined where the vendor did not tell. */
  readonly importId?: string;
}

export interface Finding extends Difference {
  /** Twelve hexadecimal digits: the same as long as the same thing has drifted to the same values. */
  readonly id: string;
  /** `project/stack`. */
  readonly stack: string;
  readonly tier: Tier;
  readonly grade: Grade;
  /** Why it has that grade: one sentence. */
  readonly because: string;
  /** The first is what is advised. */
  readonly remedies: readonly Remedy[];
  /** Who accepted it for a time; null: nobody. */
  readonly acknowledged: Acknowledgement | null;
  /** The first of the runs that have seen it without a break: ISO 8601, UTC; left out without a history. */
  readonly firstSeen?: string;
}

/** A finding that somebody has taken note of, in the baseline. */
export interface Acknowledgement {
  readonly owner: string;
  readonly reason: string;
  /** ISO date, UTC: the last day on which it holds. */
  readonly expires: string;
}

/** A name for a finding, by which it is acknowledged and fixed. */
export function findingId(stack: string, difference: Difference): string {
  const { kind, subject, changes, rules, key, message } = difference;
  // Without properties the sentence alone tells what has become of it.
  const values = changes.length > 0 ? changes.map(({ path, after }) => [path, after]) : message;
  const parts = [stack, kind, subject.urn, subject.type, subject.id, subject.name, values];
  return createHash("sha256")
    .update(JSON.stringify([...parts, rules, key ?? null]))
    .digest("hex")
    .slice(0, 12);
}

/** Whether a grade is at least as bad as another one. */
export const atLeast = (grade: Grade, limit: Grade): boolean =>
  GRADES.indexOf(grade) <= GRADES.indexOf(limit);
