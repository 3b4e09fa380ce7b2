import type { DriftReport } from "../../drift/index.ts";
import { notify } from "../../drift/notify/notify.ts";
import { annotate } from "../../drift/record/annotate.ts";
import { History } from "../../drift/record/history.ts";
import type { RunRecord } from "../../drift/record/run-record.ts";
import type { CliContext } from "../context.ts";
import { messageOf } from "../user-error.ts";
import type { DriftRun } from "./run.ts";
import { todayUtc } from "./settings.ts";

/** A run with what the project remembers of earlier ones, before it is remembered itself. */
export interface RememberedRun {
  readonly report: DriftReport;
  /** Remembers the run; before that, tells those who are to be told. Never throws but for an abort. */
  readonly keep: (options: KeepOptions) => Promise<void>;
}

export interface KeepOptions {
  /** Whether the targets of `drift.yaml` are told. */
  readonly notify: boolean;
  readonly signal: AbortSignal;
}

/** Adds to a run what the project remembers. @param skip probes that the run has left out. */
export function rememberedRun(
  context: CliContext,
  { report: found, settings, session }: DriftRun,
  skip: readonly string[],
): RememberedRun {
  const history = new History(context.stateDir);
  const { acknowledged, notify: targets } = settings;
  const cloud = session.choice.kind;
  const past = pastOf(context, history, cloud);
  const memory = { acknowledged, past, cloud, skipped: skip, today: todayUtc() };
  const { report, record } = annotate(found, memory);
  return {
    report,
    async keep(options) {
      let told: readonly string[] = [];
      try {
        if (options.notify && targets.length > 0) {
          const { env } = context;
          const result = await notify({
            targets,
            report,
            record,
            past,
            env,
            signal: options.signal,
          });
          for (const { message } of result.failures) context.out.warning(message);
          told = result.told;
        }
      } finally {
        append(context, history, { ...record, told: [...told] });
      }
    },
  };
}

/** A history that cannot be read is no reason to keep silent about drift. */
function pastOf({ out }: CliContext, history: History, cloud: string): ReturnType<History["read"]> {
  try {
    return history.read(cloud);
  } catch (error) {
    out.warning(
      `${history.file} cannot be read: ${messageOf(error)}. Everything counts as new; make the file readable.`,
    );
    return [];
  }
}

function append({ out }: CliContext, history: History, record: RunRecord): void {
  try {
    history.append(record);
  } catch (error) {
    out.warning(
      `The run cannot be kept in ${history.file}: ${messageOf(error)}. Make room, or make the folder writable.`,
    );
  }
}
