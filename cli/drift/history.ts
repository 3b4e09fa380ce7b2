import { type Command, Option } from "commander";
import { GRADES } from "../../drift/index.ts";
import { History } from "../../drift/record/history.ts";
import { type Known, knownFrom } from "../../drift/record/known.ts";
import { type PastRun, pastRuns } from "../../drift/record/past-runs.ts";
import { chooseCloud } from "../cloud/kind.ts";
import type { CliContext } from "../context.ts";
import { UserError } from "../user-error.ts";

interface HistoryOptions {
  readonly json?: boolean;
  readonly last: number;
}

/** Of the document that `--json` prints. */
const JSON_VERSION = 1;

/** `drift history`: what earlier runs have found, and what is open since when. */
export function addHistoryCommand(drift: Command, context: CliContext): void {
  drift
    .command("history")
    .description("show what earlier runs have found, and since when things are as they are")
    .argument("[stacks...]", "default: all")
    .option("--json", "print one JSON document")
    .addOption(
      new Option("--last <number>", "how many of the last runs").argParser(parseLast).default(10),
    )
    // `drift` has an option of the same name, which takes it wherever it stands.
    .action((stacks: string[], _: unknown, command: Command) =>
      show(context, stacks, command.optsWithGlobals<HistoryOptions>()),
    );
}

function show(context: CliContext, stacks: readonly string[], options: HistoryOptions): void {
  const { out, stateDir, env, cloudOption } = context;
  const { kind } = chooseCloud(cloudOption, env, stateDir);
  const history = new History(stateDir);
  const records = history.read(kind);
  const isChosen = (label: string) =>
    stacks.length === 0 || stacks.includes(label.split("/").at(-1) ?? label);
  const runs = pastRuns(records, isChosen).slice(-options.last);
  const open = openNow(knownFrom(records), isChosen);
  if (options.json) {
    out.json({ version: JSON_VERSION, cloud: kind, runs, open });
    return;
  }
  if (runs.length === 0) {
    out.result(`There is no run in ${history.file}. Make one with \`npx bulkhead drift\`.`);
    return;
  }
  out.table(["Run", "Stack", "Open", "New", "Gone", "Acknowledged", "Time"], runs.flatMap(rowsOf));
  if (open.length === 0) out.result("Nothing is open.");
  else
    out.table(
      ["Open", "Stack", "Grade", "Kind", "Since"],
      open.map(({ id, stack, grade, kind: kindOf, since, acknowledged }) => [
        id,
        stack,
        acknowledged ? `${grade} (acknowledged)` : grade,
        kindOf,
        since,
      ]),
    );
}

const rowsOf = ({ at, stacks }: PastRun): string[][] =>
  stacks.map(({ stack, whole, open, appeared, gone, acknowledged, durationSeconds }, index) => [
    index === 0 ? at : "",
    stack,
    [
      GRADES.filter((grade) => open[grade] > 0)
        .map((grade) => `${open[grade]} ${grade}`)
        .join(", ") || "none",
      ...(whole ? [] : ["(not looked at completely)"]),
    ].join(" "),
    String(appeared),
    String(gone),
    String(acknowledged),
    `${durationSeconds.toFixed(1)} s`,
  ]);

const openNow = (known: Known, isChosen: (stack: string) => boolean) =>
  [...known]
    .filter(([stack]) => isChosen(stack))
    .flatMap(([stack, { findings }]) => [...findings.values()].map((each) => ({ stack, ...each })))
    .sort((a, b) => GRADES.indexOf(a.grade) - GRADES.indexOf(b.grade));

function parseLast(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new UserError(`--last is "${text}", which is no number of runs.`, "Give a whole number.");
}
