import {
  type DriftReport,
  type Grade,
  PROBES,
  type ProgressListener,
  scanStacks,
  unlistedReport,
} from "../../drift/index.ts";
import { acknowledgementsOf } from "../../drift/record/acknowledgements.ts";
import type { DriftSettings } from "../../drift/settings.ts";
import { createFingerprinter } from "../../isolation/secrets/index.ts";
import { rules } from "../../policy/rules/index.ts";
import { withoutCredentials } from "../../policy/siblings/failure.ts";
import { BackendError, type StackReading } from "../../policy/siblings/index.ts";
import { openSession } from "../cloud/open-session.ts";
import type { Session } from "../cloud/session.ts";
import type { CliContext } from "../context.ts";
import { readBackend, requireInBackend } from "../engine/backend.ts";
import { withConfig } from "../engine/config-file.ts";
import { readPolicySettings } from "../policy-settings.ts";
import { configuredStacks, projectName } from "../project.ts";
import { readTools } from "../tools.ts";
import { driftSettingsOf, todayUtc } from "./settings.ts";

/** Which stacks a run looks at, and how. */
export interface RunOptions {
  /** Empty: every configured stack that is deployed. */
  readonly stacks: readonly string[];
  /** Every stack of the project, configured here or not. */
  readonly all: boolean;
  readonly failOn: Grade;
  /** Stacks looked at at once. */
  readonly parallel: number;
  /** Milliseconds for one stack. Default: 15 minutes. */
  readonly timeout?: number;
  /** Names of probes that are left out. */
  readonly skip: readonly string[];
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener;
}

/** A run and the cloud that it looked at. */
export interface DriftRun {
  readonly session: Session;
  readonly settings: DriftSettings;
  readonly report: DriftReport;
  /** The stacks as they are recorded; empty where the backend does not tell them. */
  readonly readings: readonly StackReading[];
}

/** Looks at the stacks for drift. @throws UserError for a stack that is not deployed. */
export async function runDrift(context: CliContext, options: RunOptions): Promise<DriftRun> {
  const { stacks } = options;
  const settings = readPolicySettings(context);
  const driftSettings = driftSettingsOf(context);
  const fingerprinter = createFingerprinter(settings.salt);
  const session = await openSession(context, stacks);
  const { engine } = session;
  const now = Date.now();
  const project = projectName(engine.root);
  const unlisted = (problem: string): DriftRun => ({
    session,
    settings: driftSettings,
    report: unlistedReport(project, problem, { ...options, now }),
    readings: [],
  });
  const { signal } = options;
  const backend = await readBackend(engine, settings, fingerprinter, { signal }).catch(
    (error: unknown) => {
      if (error instanceof BackendError) return error;
      throw error;
    },
  );
  if (backend instanceof BackendError) return unlisted(backend.message);
  for (const stack of stacks) requireInBackend(stack, backend);
  const chosen = stacks.length > 0 ? stacks : configuredStacks(engine.root);
  const subjects = options.all
    ? backend.own
    : backend.own.filter(({ name }) => chosen.includes(name.stack));
  const { pulumi, env, root } = engine;
  // A backend that has lost its states looks like one that never had any.
  if (subjects.length === 0) return unlisted(nothingIn(env.PULUMI_BACKEND_URL, options.all));
  const report = await scanStacks(subjects, backend.all, {
    project: { pulumi, env, root, version: readTools(context.stateDir).version },
    projectName: project,
    settings,
    rules,
    fingerprinter,
    probes: PROBES.filter(({ name }) => !options.skip.includes(name)),
    withConfig: (stack, work) => withConfig(engine, stack, ([, file]) => work(file)),
    acknowledgementOf: acknowledgementsOf(driftSettings.acknowledged, todayUtc()),
    failOn: options.failOn,
    parallel: options.parallel,
    stackTimeoutMs: options.timeout ?? STACK_TIMEOUT_MS,
    now,
    signal,
    onProgress: options.onProgress,
  });
  return { session, settings: driftSettings, report, readings: subjects };
}

/** A thousand resources take a few minutes. */
const STACK_TIMEOUT_MS = 15 * 60 * 1000;

function nothingIn(backendUrl: string | undefined, isAll: boolean): string {
  const backend =
    backendUrl === undefined ? "Pulumi's backend" : `The backend ${withoutCredentials(backendUrl)}`;
  const which = isAll ? "no stack" : "none of the configured stacks";
  return `${backend} has ${which} of this project, so that there is nothing to look at. Deploy one with \`npx bulkhead up\`, or name the backend that has them.`;
}
