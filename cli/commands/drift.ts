import { availableParallelism } from "node:os";
import { Option } from "commander";
import { EXIT_CODES, GRADES, type Grade, PROBES } from "../../drift/index.ts";
import { metricsText } from "../../drift/report/metrics.ts";
import { terminalReport } from "../../drift/report/terminal.ts";
import type { CliContext } from "../context.ts";
import { addAcknowledgeCommands } from "../drift/acknowledge.ts";
import { addFixCommand } from "../drift/fix.ts";
import { chosenFormat, ENDINGS, FORMATS, type Format, formatOfFile } from "../drift/formats.ts";
import { addHistoryCommand } from "../drift/history.ts";
import { rememberedRun } from "../drift/notify.ts";
import { progressLines } from "../drift/progress.ts";
import { runDrift } from "../drift/run.ts";
import { parseInterval, watch } from "../drift/watch.ts";
import { untilInterrupted } from "../engine/interruption.ts";
import { writeReport } from "../output/report-file.ts";
import { requireNoStacks } from "../project.ts";
import { UserError } from "../user-error.ts";
import type { Verb } from "./verb.ts";

type FormatOptions = { readonly [F in Format]?: boolean };

interface DriftOptions extends FormatOptions {
  readonly all?: boolean;
  readonly failOn: Grade;
  readonly parallel: number;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly skip: readonly string[];
  readonly output?: string;
  readonly save: readonly string[];
  readonly metrics?: string;
  readonly showFiltered?: boolean;
  readonly notify?: boolean;
  /** Milliseconds. */
  readonly watch?: number;
}

/** `drift [STACK…]`: what is really there against what the stacks record. */
export const drift: Verb = (program, context) => {
  const command = program
    .command("drift")
    .description("find what was changed behind Pulumi's back, and what it does to the isolation")
    .argument("[stacks...]", "default: every configured stack that is deployed")
    .option("--all", "every stack of the project, configured here or not")
    .addOption(
      new Option("--fail-on <grade>", "findings below this grade do not fail the run")
        .choices(GRADES)
        .default("low"),
    )
    .option("--parallel <number>", "stacks looked at at once", parseParallel, defaultParallel())
    .option(
      "--timeout <duration>",
      "how long one stack may take (default: 15m)",
      duration("--timeout"),
    )
    .addOption(
      new Option("--skip <probes...>", "leave out what these look at")
        .choices(PROBES.map(({ name }) => name))
        .default([]),
    );
  for (const [format, { help }] of Object.entries(FORMATS)) {
    const others = Object.keys(FORMATS).filter((other) => other !== format);
    command.addOption(new Option(`--${format}`, help).conflicts(others));
  }
  command
    .option("--output <file>", "write the report into a file; standard output has the counts only")
    .option(
      "--save <file>",
      `also write a report, by its ending: ${ENDINGS.join(", ")}`,
      another,
      [],
    )
    .option("--metrics <file>", "write a Prometheus text file")
    .option("--show-filtered", "also list what was left out as harmless")
    .option("--notify", "tell the targets of drift.yaml what is new")
    .option("--watch <interval>", "look again and again: 30s, 15m, 1h", duration("--watch"))
    .action((stacks: string[], options: DriftOptions) => run(context, stacks, options));
  addAcknowledgeCommands(command, context);
  addHistoryCommand(command, context);
  addFixCommand(command, context);
};

async function run(
  context: CliContext,
  stacks: readonly string[],
  options: DriftOptions,
): Promise<void> {
  const { watch: intervalMs } = options;
  if (options.all) requireNoStacks(stacks);
  process.exitCode = await untilInterrupted((signal) => {
    const look = () => lookOnce(context, stacks, options, signal);
    if (intervalMs === undefined) return look();
    return watch({ intervalMs, signal, run: look, report: context.out.warning });
  });
}

/** @returns the exit code. */
async function lookOnce(
  context: CliContext,
  stacks: readonly string[],
  options: DriftOptions,
  signal: AbortSignal,
): Promise<number> {
  const { out } = context;
  const found = await runDrift(context, {
    ...options,
    stacks,
    all: options.all === true,
    signal,
    onProgress: progressLines(out),
  });
  const { report, keep } = rememberedRun(context, found, options.skip);
  const text = (paint: typeof out.paint) =>
    chosenFormat(options)?.render(report) ??
    terminalReport(report, paint, { showFiltered: options.showFiltered === true });
  if (options.output === undefined) out.result(text(out.paint));
  else {
    writeReport(
      options.output,
      text((_, plain) => plain),
    );
    out.result(terminalReport({ ...report, stacks: [] }, out.paint));
  }
  for (const file of options.save)
    writeReport(file, formatOfFile(file)?.render(report) ?? "", "--save");
  if (options.metrics !== undefined) {
    const metrics = await metricsText(report);
    writeReport(options.metrics, metrics.trimEnd(), "--metrics");
  }
  await keep({ notify: options.notify === true, signal });
  return EXIT_CODES[report.verdict];
}

/** One more file of `--save`. @throws UserError for a name that tells no format. */
function another(file: string, files: string[]): string[] {
  if (formatOfFile(file) !== undefined) return [...files, file];
  throw new UserError(
    `--save is "${file}", whose ending is of no format.`,
    `Give a file that ends in one of ${ENDINGS.join(", ")}.`,
  );
}

/** How an option's duration is read. */
const duration = (option: string) => (text: string) => parseInterval(text, option);

/** Each keeps one processor busy, and takes about 500 MB. */
const defaultParallel = (): number => Math.min(availableParallelism(), 4);

function parseParallel(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 64) return number;
  throw new UserError(
    `--parallel is "${text}", which is no number of stacks.`,
    "Give a whole number from 1 to 64.",
  );
}
