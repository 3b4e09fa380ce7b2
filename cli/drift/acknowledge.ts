import { renameSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import { History } from "../../drift/record/history.ts";
import { knownFrom } from "../../drift/record/known.ts";
import { openFindings } from "../../drift/report/report.ts";
import { type AcknowledgedEntry, FINDING_ID, readSettingsText } from "../../drift/settings.ts";
import { withAcknowledgements } from "../../drift/settings-edit.ts";
import { expiryProblems } from "../../policy/expiry.ts";
import { plural } from "../../policy/wording.ts";
import type { CliContext } from "../context.ts";
import { untilInterrupted } from "../engine/interruption.ts";
import { configuredStacks } from "../project.ts";
import { messageOf, UserError } from "../user-error.ts";
import { progressLines } from "./progress.ts";
import { runDrift } from "./run.ts";
import { asUserError, driftSettingsFile, todayUtc } from "./settings.ts";

interface AccountOptions {
  readonly owner: string;
  readonly reason: string;
  readonly expires: string;
}

/** `drift acknowledge` and `drift baseline`: what is known, and for how long that is good. */
export function addAcknowledgeCommands(drift: Command, context: CliContext): void {
  withAccount(
    drift
      .command("acknowledge")
      .description("take note of a finding, which then counts for nothing until it expires")
      .argument("<finding>", "its id: twelve hexadecimal digits")
      .requiredOption("--stack <stack>", "the stack that it was found in"),
  ).action((finding: string, options: AccountOptions & { readonly stack: string }) =>
    acknowledge(context, finding, options),
  );
  withAccount(
    drift
      .command("baseline")
      .description("take note of everything that is found in a stack now")
      .argument("<stack>", "for example staging"),
  ).action((stack: string, options: AccountOptions) => baseline(context, stack, options));
}

const withAccount = (command: Command): Command =>
  command
    .requiredOption("--owner <who>", "who answers for it, for example an e-mail address")
    .requiredOption("--reason <text>", "why it may stay as it is")
    .requiredOption("--expires <date>", "the last day on which it holds: 2026-03-31");

function acknowledge(
  context: CliContext,
  finding: string,
  { stack, ...account }: AccountOptions & { readonly stack: string },
): void {
  if (!FINDING_ID.test(finding)) {
    throw new UserError(
      `"${finding}" is no finding's id.`,
      "Give the twelve hexadecimal digits that `npx bulkhead drift` shows with the finding.",
    );
  }
  requireSound(account);
  const known = isKnown(context, finding, stack);
  if (!known && !configuredStacks(context.root).includes(stack)) {
    throw new UserError(
      `The stack ${stack} is not configured here, and no run has found ${finding} in it.`,
      "Give --stack the name that stands before the finding, without its project.",
    );
  }
  if (!known)
    context.out.warning(
      `No run of this project has found ${finding} in ${stack}. Check both if that is unexpected.`,
    );
  write(context, [{ finding, stack, ...account }]);
  context.out.result(`${finding} of ${stack} is acknowledged until ${account.expires}.`);
}

async function baseline(
  context: CliContext,
  stack: string,
  account: AccountOptions,
): Promise<void> {
  requireSound(account);
  const { report } = await untilInterrupted((signal) =>
    runDrift(context, {
      stacks: [stack],
      all: false,
      failOn: "low",
      parallel: 1,
      skip: [],
      signal,
      onProgress: progressLines(context.out),
    }),
  );
  const open = openFindings(report.stacks);
  if (open.length > 0)
    write(
      context,
      open.map(({ id }) => ({ finding: id, stack, ...account })),
    );
  for (const { id, grade, kind, message } of open)
    context.out.result(`${id} ${grade} ${kind}: ${message}`);
  context.out.result(
    open.length === 0
      ? `${stack} has no finding that is open.`
      : `Acknowledged until ${account.expires}: ${plural(open.length, "finding")} of ${stack}.`,
  );
  const problems = report.stacks.flatMap((each) => each.problems);
  for (const { message } of problems) context.out.warning(message);
  if (problems.length > 0) process.exitCode = 1;
}

/** @throws UserError for what `drift.yaml` could hold, and an acknowledgement of today must not. */
function requireSound({ owner, reason, expires }: AccountOptions): void {
  const empty = Object.entries({ owner, reason }).find(([, value]) => value.trim() === "");
  if (empty !== undefined)
    throw new UserError(
      `--${empty[0]} is empty.`,
      "Say who answers for it and why it may stay as it is.",
    );
  const [problem] = expiryProblems(expires, todayUtc());
  if (problem !== undefined)
    throw new UserError(
      `The acknowledgement ${problem}.`,
      "Give --expires a date to come, like 2026-03-31, at most a year ahead.",
    );
}

function isKnown({ stateDir }: CliContext, finding: string, stack: string): boolean {
  const known = knownFrom(new History(stateDir).readAll());
  return [...known].some(
    ([label, { findings }]) => label.split("/").at(-1) === stack && findings.has(finding),
  );
}

function write(context: CliContext, entries: readonly AcknowledgedEntry[]): void {
  const file = driftSettingsFile(context);
  const text = asUserError(() =>
    withAcknowledgements(readSettingsText(file), entries, file, todayUtc()),
  );
  try {
    // Whole or not at all: people write in this file too.
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  } catch (cause) {
    throw new UserError(
      `${file} cannot be written: ${messageOf(cause)}.`,
      "Make the project's folder writable.",
      { cause },
    );
  }
}
