/** Which findings a fix is about, and by what each is ended. Pure. */
import { type Action, type Finding, type Plan, planFor } from "../../drift/index.ts";
import type { Output } from "../output/output.ts";
import { UserError } from "../user-error.ts";
import type { DriftRun } from "./run.ts";

/** What the command line says beside the findings. */
export interface FixOptions {
  readonly action?: Action;
  readonly allFindings?: boolean;
  /** Stacks whose change is confirmed on the command line. */
  readonly yes: readonly string[];
  readonly withData?: boolean;
}

export interface FixRequest {
  /** Ids, or all that nobody has acknowledged. */
  readonly findings: readonly string[] | "all";
  /** Undefined: the advised one of each. */
  readonly action: Action | undefined;
}

/** One finding with what is to be done about it. */
export interface Choice {
  readonly stack: string;
  readonly finding: Finding;
  readonly plan: Plan;
}

/**
 * What a request asks for, by what is there now.
 *
 * @throws UserError for a finding that is not there, or has no such remedy.
 */
export function chosenOf(
  { report, readings }: Pick<DriftRun, "report" | "readings">,
  { findings: wanted, action }: FixRequest,
): readonly Choice[] {
  const findings = report.stacks.flatMap((each) => each.findings);
  const problems = report.stacks.flatMap(({ stack, problems: all }) =>
    all.map(({ message }) => `${stack}: ${message}`),
  );
  if (wanted === "all") {
    const open = findings.filter(({ acknowledged }) => acknowledged === null);
    return open.flatMap((finding) => {
      const choice = choiceOf(finding, readings, action);
      return choice === undefined || choice.plan.means.by === "hand" ? [] : [choice];
    });
  }
  return [...new Set(wanted)].map((id) => {
    const finding = findings.find((each) => each.id === id);
    if (finding === undefined) throw notFound(id, problems);
    const choice = choiceOf(finding, readings, action);
    if (choice === undefined) throw withoutRemedy(finding, action);
    if (choice.plan.means.by === "hand")
      throw new UserError(
        `The finding ${id} cannot be ended by a command alone: ${finding.message}`,
        choice.plan.effect,
      );
    return choice;
  });
}

function choiceOf(
  finding: Finding,
  readings: DriftRun["readings"],
  action: Action | undefined,
): Choice | undefined {
  const reading = readings.find(({ name }) => `${name.project}/${name.stack}` === finding.stack);
  if (reading === undefined || reading.problem !== undefined) return undefined;
  const recorded = reading.facts().resources;
  const plan = planFor(finding, { id: finding.id, stack: reading.name, recorded }, action);
  return plan && { stack: reading.name.stack, finding, plan };
}

function notFound(id: string, problems: readonly string[]): UserError {
  const [problem] = problems;
  return problem === undefined
    ? new UserError(
        `There is no finding ${id} now: it was fixed, or what it is about has changed again.`,
        "Run `npx bulkhead drift` to see what there is.",
      )
    : new UserError(
        `There is no finding ${id} among what could be looked at.`,
        `Not everything could: ${problem}`,
      );
}

function withoutRemedy(finding: Finding, action: Action | undefined): UserError {
  const actions = finding.remedies.map((each) => each.action).join(" or ");
  return new UserError(
    `The finding ${finding.id} cannot be ended by the action ${action}.`,
    `Choose ${actions || "another finding: this one has no remedy"}.`,
  );
}

/** What will be done, for the person who is asked. */
export const describeChoices = (choices: readonly Choice[], paint: Output["paint"]): string =>
  choices
    .flatMap(({ finding, plan }) => [
      `${finding.stack} ${finding.id} ${finding.grade}: ${finding.message}`,
      `  ${plan.action}: ${plan.effect}`,
      `  ${paint("quiet", plan.command)}`,
      ...(plan.code === null
        ? []
        : [
            `  ${plan.code.place ?? "in the program"}:`,
            ...plan.code.text.split("\n").map((line) => `    ${line}`),
          ]),
    ])
    .join("\n");
