/** Asks before anything is changed. */
import { createInterface } from "node:readline/promises";
import type { Output } from "../output/output.ts";
import { UserError } from "../user-error.ts";
import type { Choice, FixOptions } from "./fix-choice.ts";

type Confirmation = Pick<FixOptions, "yes" | "withData">;

/**
 * Before anything is looked at: whether there will be anybody who confirms.
 *
 * @param stacks that the command line names; empty: those of the findings.
 * @throws UserError
 */
export function requireAnswerable(
  { interactive }: Pick<Output, "interactive">,
  stacks: readonly string[],
  { yes, withData }: Confirmation,
): void {
  if (interactive) return;
  if (withData === true)
    throw new UserError(
      "--with-data deletes what nobody can bring back, and there is no terminal to ask at.",
      "Run the command at a terminal.",
    );
  if (yes.length === 0)
    throw new UserError(
      "`drift fix` changes things and there is no terminal to ask at.",
      "Add --yes with the stack's name.",
    );
  for (const stack of stacks) requireNamed(stack, yes);
}

/** @throws UserError when the person says no, or `--yes` names another stack. */
export async function confirm(
  { interactive }: Pick<Output, "interactive">,
  stack: string,
  choices: readonly Choice[],
  { yes, withData }: Confirmation,
): Promise<void> {
  if (!interactive) requireNamed(stack, yes);
  if (!yes.includes(stack)) {
    const isProduction = choices.some(({ finding }) => finding.tier === "production");
    const question = isProduction
      ? `This changes production. Type the stack's name (${stack}) to go on: `
      : `Do this to ${stack}? [y/N] `;
    const answer = (await ask(question)).trim();
    if (isProduction ? answer !== stack : !/^y(?:es)?$/i.test(answer)) throw declined();
  }
  if (withData !== true) return;
  for (const { finding, plan } of choices) {
    const name = nameOfData(finding.subject.name, plan);
    if (name === undefined) continue;
    const question = `What ${name} holds is lost with it. Type its name (${name}) to go on: `;
    if ((await ask(question)).trim() !== name) throw declined();
  }
}

/** What is asked for where data may go; undefined where none can. */
function nameOfData(subject: string, { means }: Choice["plan"]): string | undefined {
  if (means.by === "removal") return subject;
  return means.by === "repair" ? means.repair.loses : undefined;
}

function requireNamed(stack: string, yes: readonly string[]): void {
  if (yes.includes(stack)) return;
  throw new UserError(
    `--yes names ${yes.join(", ") || "no stack"}, and this changes ${stack}.`,
    `Add --yes ${stack} if that is meant.`,
  );
}

const declined = (): UserError => new UserError("The answer was no.", "Nothing was changed.");

async function ask(question: string): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    // An end of input is no answer, and is none of `question`'s either.
    const ended = new Promise<string>((resolve) => reader.once("close", () => resolve("")));
    return await Promise.race([reader.question(question), ended]);
  } finally {
    reader.close();
  }
}
