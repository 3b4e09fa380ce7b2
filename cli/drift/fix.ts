import { type Command, Option } from "commander";
import { ACTIONS, EXIT_CODES, type Finding } from "../../drift/index.ts";
import { openSession } from "../cloud/open-session.ts";
import type { CliContext } from "../context.ts";
import { untilInterrupted } from "../engine/interruption.ts";
import { releaseStack } from "../engine/operation.ts";
import { UserError } from "../user-error.ts";
import { applyPlans } from "./fix-apply.ts";
import {
  type Choice,
  chosenOf,
  describeChoices,
  type FixOptions,
  type FixRequest,
} from "./fix-choice.ts";
import { confirm, requireAnswerable } from "./fix-confirm.ts";
import { progressLines } from "./progress.ts";
import { type DriftRun, runDrift } from "./run.ts";

/** By the form of {@link Finding.id}. */
const FINDING = /^[0-9a-f]{12}$/;

/** `drift fix [STACK] [FINDING…]`: ends findings, each by one of its remedies. */
export function addFixCommand(drift: Command, context: CliContext): void {
  drift
    .command("fix")
    .description("end findings by their remedies, after a confirmation")
    .argument("[stack]", "default: every configured stack that is deployed")
    .argument("[findings...]", "their ids, as `drift` shows them")
    .addOption(
      new Option("--action <action>", "default: what each finding's report advises").choices(
        ACTIONS,
      ),
    )
    .option("--all-findings", "all that nobody has acknowledged")
    .option("--with-data", "also delete what holds data, whose name is asked for")
    .addOption(
      new Option("--yes <stack>", "do not ask about this very stack; may be repeated")
        .argParser((stack: string, before: readonly string[]) => [...before, stack])
        .default([] as readonly string[], "ask"),
    )
    .action((stack: string | undefined, findings: string[], options: FixOptions) =>
      run(context, stack, findings, options),
    );
}

async function run(
  context: CliContext,
  first: string | undefined,
  rest: readonly string[],
  options: FixOptions,
): Promise<void> {
  const { out } = context;
  const isStack = first !== undefined && !FINDING.test(first);
  const stacks = isStack ? [first] : [];
  const request = requestOf(isStack || first === undefined ? rest : [first, ...rest], options);
  requireAnswerable(out, stacks, options);

  await release(context, stacks);
  const before = await scan(context, stacks);
  const choices = chosenOf(before, request);
  if (choices.length === 0) {
    out.result("There is nothing to fix.");
    return;
  }
  out.result(describeChoices(choices, out.paint));
  const names = [...new Set(choices.map(({ stack }) => stack))];
  const byStack = names.map(
    (name) => [name, choices.filter(({ stack }) => stack === name)] as const,
  );
  for (const [stack, each] of byStack) await confirm(out, stack, each, options);

  const failures: string[] = [];
  for (const [stack, each] of byStack)
    failures.push(...(await applyPlans(context, before.session, stack, each, options)));
  for (const failure of failures) out.warning(failure);

  out.progress("Looking again at what is there now.");
  const after = await scan(context, names);
  process.exitCode = tell(context, choices, before, after, failures);
}

function requestOf(findings: readonly string[], { action, allFindings }: FixOptions): FixRequest {
  const wrong = findings.find((each) => !FINDING.test(each));
  if (wrong !== undefined)
    throw new UserError(
      `"${wrong}" is no id of a finding.`,
      "Name a stack first and then findings by their twelve hexadecimal digits, as `npx bulkhead drift` shows them.",
    );
  if (allFindings === true && findings.length > 0)
    throw new UserError(
      "--all-findings was given together with findings.",
      "Name the findings, or give the flag.",
    );
  if (allFindings !== true && findings.length === 0)
    throw new UserError(
      "There is no finding named that is to be fixed.",
      "Name some by their ids, as `npx bulkhead drift` shows them, or give --all-findings.",
    );
  return { findings: allFindings === true ? "all" : findings, action };
}

/**
 * Frees the stacks of what a killed command left behind, which nobody can look past.
 *
 * @throws UserError when another command is changing a stack that the command line names.
 */
async function release(context: CliContext, stacks: readonly string[]): Promise<void> {
  const { engine } = await openSession(context, stacks);
  for (const stack of stacks) await releaseStack(engine, stack, context.out.progress);
}

/** As `drift` looks at them, at the moment: nothing is fixed by an old report. */
const scan = (context: CliContext, stacks: readonly string[]): Promise<DriftRun> =>
  untilInterrupted((signal) =>
    runDrift(context, {
      stacks,
      all: false,
      failOn: "low",
      parallel: 1,
      skip: [],
      signal,
      onProgress: progressLines(context.out),
    }),
  );

/** Says what has become of the chosen findings. @returns the exit code. */
function tell(
  { out }: CliContext,
  choices: readonly Choice[],
  before: DriftRun,
  after: DriftRun,
  failures: readonly string[],
): number {
  const findings = after.report.stacks.flatMap((each) => each.findings);
  const known = new Set(before.report.stacks.flatMap((each) => each.findings.map(({ id }) => id)));
  const left = choices.filter(({ finding }) =>
    findings.some(
      (each) => each.id === finding.id || (!known.has(each.id) && isSame(each, finding)),
    ),
  );
  const problems = after.report.stacks.flatMap((each) => each.problems);
  for (const { stack, finding } of choices) {
    const isLeft = left.some((each) => each.finding.id === finding.id && each.stack === stack);
    out.result(
      `${finding.id}: ${isLeft ? out.paint("bad", "still there") : out.paint("good", "gone")}`,
    );
  }
  const others = findings.filter((each) => !choices.some(({ finding }) => finding.id === each.id));
  if (others.length > 0) {
    out.result(`Other findings: ${others.length}`);
    for (const { id, grade, message } of others) out.result(`  ${id} ${grade}: ${message}`);
  }
  for (const { part, message } of problems) out.warning(`${part}: ${message}`);
  if (left.length > 0) return EXIT_CODES.drift;
  return problems.length > 0 || failures.length > 0 ? EXIT_CODES.incomplete : EXIT_CODES.none;
}

/** The same thing has drifted in the same way, to other values. */
const isSame = (a: Finding, b: Finding): boolean =>
  a.stack === b.stack &&
  a.kind === b.kind &&
  a.key === b.key &&
  a.subject.urn === b.subject.urn &&
  a.subject.type === b.subject.type &&
  a.subject.name === b.subject.name;
