import type { Fingerprinter } from "../../isolation/secrets/index.ts";
import type { Rule } from "../../policy/rule.ts";
import type { PolicySettings } from "../../policy/settings.ts";
import type { PulumiProject } from "../engine/command.ts";
import type { Acknowledgement, Grade } from "../finding.ts";
import type { Probe } from "../probes/probe.ts";

/** How a run is made. */
export interface ScanOptions {
  readonly project: PulumiProject;
  /** In Pulumi.yaml. */
  readonly projectName: string;
  readonly settings: PolicySettings;
  readonly rules: readonly Rule[];
  readonly fingerprinter: Fingerprinter;
  readonly probes: readonly Probe[];
  /** Gives work the file of a stack's config that stands for the project's own, or undefined. */
  readonly withConfig: <T>(
    stack: string,
    work: (configFile: string | undefined) => Promise<T>,
  ) => Promise<T>;
  /** Who has acknowledged a finding; undefined: nobody, or no longer. */
  readonly acknowledgementOf: (id: string) => Acknowledgement | undefined;
  readonly failOn: Grade;
  /** Stacks that are looked at at once. */
  readonly parallel: number;
  /** Milliseconds for one stack: a vendor may take a connection and never answer. */
  readonly stackTimeoutMs: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener;
}

/** What is going on in a run. */
export type Progress =
  | { readonly stack: string; readonly stage: "started"; readonly resources: number }
  | { readonly stack: string; readonly stage: "reading"; readonly done: number }
  | { readonly stack: string; readonly stage: "probing"; readonly probe: string }
  | { readonly stack: string; readonly stage: "ended"; readonly differences: number };

/** Is told what a run does, as it does it. */
export type ProgressListener = (progress: Progress) => void;
