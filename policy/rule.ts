import type { Tier } from "../components/tier.ts";
import type { IsolationIndex } from "../isolation/compare/index.ts";
import type { StackFacts, StackName } from "../isolation/facts.ts";
import type { Manifest } from "../isolation/manifest/index.ts";
import type { Identity, Observation } from "../isolation/observation.ts";
import type { Fingerprinter } from "../isolation/secrets/index.ts";
import type { OwnIndex } from "./own-index.ts";
import type { PolicySettings, Waiver } from "./settings.ts";
import type { TextFingerprints } from "./text-fingerprints.ts";

/** How bad it is when the rule is broken; see docs/policies.md. */
export type Severity = "critical" | "high" | "medium" | "low";

/** CrossGuard's levels: a mandatory rule fails the preview and the update, an advisory one warns. */
export type Level = "mandatory" | "advisory";

/** What a rule has found. It never holds a secret's value, nor a part of one. */
export interface Finding {
  /** Undecided: a value that the rule needs is not known yet; it decides at `up`. */
  readonly status: "violation" | "undecided";
  /** The resource; undefined for the stack as a whole. */
  readonly urn?: string | undefined;
  readonly path?: string | undefined;
  /** One sentence: what is wrong, with whom it is shared, where it was declared. */
  readonly message: string;
  /** What is shared; a waiver names it. */
  readonly identity?: Identity | undefined;
  /** The other side. */
  readonly other?: { readonly stack: StackName; readonly urn?: string | undefined } | undefined;
  /** Default: the rule's. */
  readonly level?: Level | undefined;
}

/**
 * One rule a file, found by `rules/index.ts`. A rule that needs one resource alone has `resource`, so
 * that it can stop the resource before it is created; one that needs them all has `stack`.
 * docs/policies.md is made of these fields.
 */
export interface Rule {
  /** Kebab-case, the file's name. */
  readonly name: string;
  /** Begins with a verb: "Checks whether …". */
  readonly title: string;
  readonly severity: Severity;
  readonly level: Level;
  /** Why it matters, one or two sentences. */
  readonly why: string;
  /** How to put it right, one or two sentences. */
  readonly remedy: string;
  /** An example of what the rule finds, one sentence. */
  readonly violation: string;
  /** An example of what is close to it and allowed, one sentence. */
  readonly passes: string;
  readonly resource?: (observation: Observation, view: RuleView) => Iterable<Finding>;
  readonly stack?: (view: RuleView) => Iterable<Finding>;
  /** Runs after all other rules over a whole stack, and sees which waivers they needed. */
  readonly afterwards?: (view: RuleView, use: WaiverUse) => Iterable<Finding>;
}

/** Another stack of the backend, as far as it could be read. */
export interface Sibling {
  readonly name: StackName;
  readonly tier: Tier;
  /** `empty`: it exists and nothing was deployed yet. */
  readonly status: "deployed" | "empty" | "unreadable";
  /** Why it could not be read and what to do, two sentences; undefined unless unreadable. */
  readonly problem?: string | undefined;
  /** A command changes it now: it compares itself with all others when it ends. */
  readonly updating?: boolean | undefined;
  /** From its state; secrets are sealed. Undefined unless deployed. */
  readonly facts?: StackFacts | undefined;
}

/** What an evaluation is given. */
export interface RuleContext {
  /** The stack that is checked, as far as it is known. */
  readonly subject: StackFacts;
  readonly tier: Tier;
  /** Of every resource known so far, of the config and of the stack's outputs. */
  readonly observations: readonly Observation[];
  readonly siblings: readonly Sibling[];
  /** What the siblings own, use and hold. */
  readonly others: IsolationIndex;
  /** The subject's manifest as the program exported it; undefined before the program has ended. */
  readonly exported: ExportedManifest | undefined;
  readonly settings: PolicySettings;
  /** ISO date, UTC. */
  readonly today: string;
  readonly fingerprinter: Fingerprinter;
}

/** What a rule may look at besides the resource: the context, and what is worked out once for all rules. */
export interface RuleView extends RuleContext {
  readonly own: OwnIndex;
  readonly texts: TextFingerprints;
  /** Every rule of the evaluation. */
  readonly rules: readonly Rule[];
}

/** What the other rules made of the waivers. */
export interface WaiverUse {
  /** Those that some finding needed. */
  readonly used: ReadonlySet<Waiver>;
  /** Whether every rule could decide everything. */
  readonly settled: boolean;
}

/** The stack output that holds the manifest: well-formed, partly unknown, or what is wrong with it. */
export type ExportedManifest =
  | { readonly status: "known"; readonly manifest: Manifest }
  | { readonly status: "unknown" }
  | { readonly status: "missing" }
  | { readonly status: "malformed"; readonly problem: string };
