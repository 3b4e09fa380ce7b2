/** Pulumi's previews of a refresh and of an update, by the Automation API. */

import { isDeepStrictEqual } from "node:util";
import type { EngineEvent, Stack } from "@pulumi/pulumi/automation/index.js";
import { messageOf } from "../../policy/wording.ts";
import { commandOf, type PulumiProject } from "./command.ts";
import { withoutLock } from "./without-lock.ts";

/** A stack as a preview is to look at it. */
export interface PreviewTarget {
  readonly project: PulumiProject;
  /** As `pulumi --stack` takes it. */
  readonly stack: string;
  /** A config that stands for the project's Pulumi.STACK.yaml; undefined: that file itself. */
  readonly configFile: string | undefined;
  /** Ends Pulumi and all that it has started. */
  readonly signal: AbortSignal;
}

/** What would become of one resource. */
export type Step = NonNullable<EngineEvent["resOutputsEvent"]>["metadata"];

export interface PreviewOutcome {
  /** Of the resources that would not stay as they are. */
  readonly steps: readonly Step[];
  /** How many resources were looked at. */
  readonly resources: number;
}

/** Pulumi could not make the preview: the engine's and the vendors' own words. */
export class PreviewError extends Error {
  override readonly name = "PreviewError";
}

/** Operations after which everything that was declared is as it was. */
const UNCHANGING: ReadonlySet<string> = new Set(["same", "read", "refresh"]);

const isChange = ({ op }: Step): boolean => !UNCHANGING.has(op);

/**
 * The engine calls a resource the same whose declared properties are; what else the vendor tells of it
 * may differ all the same.
 */
const isRefreshChange = (step: Step): boolean =>
  isChange(step) || !isDeepStrictEqual(step.old?.outputs, step.new?.outputs);

/**
 * What a refresh would change in the stack's state. Nothing is changed, and in a folder no lock is taken.
 *
 * @param onResource is called for each resource that was read.
 * @throws PreviewError when a resource could not be read.
 */
export const previewRefresh = (
  target: PreviewTarget,
  onResource: () => void,
): Promise<PreviewOutcome> =>
  withoutLock(target.project, (project) =>
    collect({ ...target, project }, { onResource, isChange: isRefreshChange }, (stack, options) =>
      stack.previewRefresh(options),
    ),
  );

/**
 * What `up` would change, by what the program declares now and the recorded state. Policies are not
 * asked.
 *
 * @throws PreviewError when the program fails.
 */
export function previewUp({ project, ...target }: PreviewTarget): Promise<PreviewOutcome> {
  const env = { ...project.env, PULUMI_OPTION_POLICY_PACK: undefined };
  return collect(
    { ...target, project: { ...project, env } },
    { onResource: () => undefined, isChange },
    (stack, options) => stack.preview(options),
  );
}

interface PreviewOptions {
  readonly configFile?: string;
  readonly suppressOutputs: true;
  readonly suppressProgress: true;
  readonly color: "never";
  readonly onEvent: (event: EngineEvent) => void;
}

async function collect(
  { project, stack: name, configFile, signal }: PreviewTarget,
  watch: { readonly onResource: () => void; readonly isChange: (step: Step) => boolean },
  run: (stack: Stack, options: PreviewOptions) => Promise<unknown>,
): Promise<PreviewOutcome> {
  const steps: Step[] = [];
  const errors: string[] = [];
  let resources = 0;
  const onEvent = ({ resOutputsEvent, diagnosticEvent }: EngineEvent) => {
    if (resOutputsEvent !== undefined) {
      resources += 1;
      watch.onResource();
      if (watch.isChange(resOutputsEvent.metadata)) steps.push(resOutputsEvent.metadata);
    }
    if (diagnosticEvent?.severity === "error") errors.push(diagnosticEvent.message.trim());
  };
  // It takes most of a second to load, which only a preview is to wait for.
  const automation = await import("@pulumi/pulumi/automation/index.js");
  try {
    const workspace = await automation.LocalWorkspace.create({
      workDir: project.root,
      pulumiCommand: commandOf(project, signal),
    });
    await run(await automation.Stack.select(name, workspace), {
      ...(configFile === undefined ? {} : { configFile }),
      suppressOutputs: true,
      suppressProgress: true,
      color: "never",
      onEvent,
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw new PreviewError(errors[0] ?? messageOf(cause), {
      cause,
    });
  }
  return { steps, resources };
}
