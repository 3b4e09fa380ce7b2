/** Carries out what was confirmed. */
import {
  importFlags,
  importIdOf,
  type Means,
  type RepairSite,
  removeUnmanaged,
  repairSite,
  upFlags,
} from "../../drift/index.ts";
import type { Session } from "../cloud/session.ts";
import type { CliContext } from "../context.ts";
import { progressLine } from "../engine/events.ts";
import { wasInterrupted } from "../engine/interruption.ts";
import {
  attachOperation,
  type OperationName,
  releaseStack,
  runOperation,
} from "../engine/operation.ts";
import { readTools } from "../tools.ts";
import { messageOf, UserError } from "../user-error.ts";
import type { Choice, FixOptions } from "./fix-choice.ts";
import { forget } from "./fix-forget.ts";

/** One step: what of the choices it does, as a line, and how. */
interface Step {
  readonly line: string;
  readonly work: () => Promise<void>;
}

/**
 * Ends the findings of one stack. A step that fails keeps no other from being tried.
 *
 * @returns what failed, a line each.
 * @throws UserError when the command was interrupted; what had begun has ended in order.
 */
export async function applyPlans(
  context: CliContext,
  session: Session,
  stack: string,
  choices: readonly Choice[],
  options: Pick<FixOptions, "withData">,
): Promise<readonly string[]> {
  const { out } = context;
  out.progress(session.describe(stack));
  // Somebody may have begun while this command looked and asked.
  await releaseStack(session.engine, stack, out.progress);
  const failures: string[] = [];
  for (const { line, work } of stepsOf(context, session, stack, choices, options)) {
    if (wasInterrupted())
      throw new UserError(
        "The command was interrupted.",
        "Run it again: what it had not finished is found once more.",
      );
    out.progress(`${stack}: ${line}`);
    try {
      await work();
    } catch (error) {
      failures.push(`${stack}: ${line}: ${messageOf(error)}`);
    }
  }
  return failures;
}

/** What undoes first; what deletes comes last, when everything else is in order. */
function stepsOf(
  context: CliContext,
  session: Session,
  stack: string,
  choices: readonly Choice[],
  { withData = false }: Pick<FixOptions, "withData">,
): readonly Step[] {
  const { engine } = session;
  const { pulumi, env, root } = engine;
  const project = { pulumi, env, root, version: readTools(context.stateDir).version };
  let opened: Promise<RepairSite> | undefined;
  const site = (): Promise<RepairSite> => {
    // Whoever interrupts ends this process, which only reads here.
    opened ??= repairSite(project, stack, new AbortController().signal);
    return opened;
  };
  const operate = (name: OperationName, flags: readonly string[]) =>
    operation(context, session, name, stack, flags);

  const repairs = withMeans(choices, "repair").map(({ finding, means: { repair } }) => ({
    line: `${finding.id} ${finding.subject.name}`,
    work: async () => {
      if (repair.loses !== undefined && !withData)
        throw new UserError(
          `${repair.loses} would be lost, which nobody could bring back.`,
          "Copy what is needed, and add --with-data.",
        );
      await repair.apply(await site());
    },
  }));
  const refreshes = withMeans(choices, "refresh").map(({ finding, means: { urn } }) => ({
    line: `recording ${finding.subject.name}`,
    work: () => operate("refresh", ["--target", urn]),
  }));
  const ups = mergedUps(withMeans(choices, "up").map(({ means }) => means)).map((means) => ({
    line: means.targets.length === 0 ? "deploying" : `deploying ${means.targets.length} resources`,
    work: () => operate("up", upFlags(means)),
  }));
  const resent = withMeans(choices, "resend").map(({ means }) => means);
  const resends =
    resent.length === 0
      ? []
      : [
          {
            line: `sending ${resent.length} resources once more`,
            async work() {
              const targets = resent.flatMap(({ urn }) => ["--target", urn]);
              // Everything else of it that a refresh sees is put right on the way.
              await operate("refresh", targets);
              await forget(engine, stack, resent);
              await operate("up", targets);
            },
          },
        ];
  const imports = withMeans(choices, "import").map(({ finding, means }) => ({
    line: `importing ${finding.subject.name}`,
    async work() {
      const { type, id } = finding.subject;
      const importId =
        finding.importId ?? (await importIdOf((await site()).accounts, type, id ?? ""));
      const exitCode = await attachOperation(
        engine,
        { name: "import", stack, flags: importFlags(means, type, importId) },
        true,
      );
      if (exitCode !== 0)
        throw new UserError(`Pulumi's import ended with ${exitCode}.`, "Its own words are above.");
    },
  }));
  const removals = withMeans(choices, "removal").map(({ finding: { subject } }) => ({
    line: `deleting ${subject.name}`,
    work: async () =>
      removeUnmanaged((await site()).accounts, subject.type, subject.id ?? "", { withData }),
  }));
  return [...repairs, ...refreshes, ...ups, ...resends, ...imports, ...removals];
}

type MeansOf<B extends Means["by"]> = Extract<Means, { by: B }>;

const withMeans = <B extends Means["by"]>(
  choices: readonly Choice[],
  by: B,
): readonly (Choice & { readonly means: MeansOf<B> })[] =>
  choices.flatMap((choice) =>
    choice.plan.means.by === by ? [{ ...choice, means: choice.plan.means as MeansOf<B> }] : [],
  );

/** One `up` does what several would; the whole program includes every target of it. */
function mergedUps(all: readonly MeansOf<"up">[]): readonly MeansOf<"up">[] {
  if (all.length === 0) return [];
  const isWhole = all.some(({ targets }) => targets.length === 0);
  return [
    {
      by: "up",
      targets: isWhole ? [] : [...new Set(all.flatMap(({ targets }) => targets))],
      dependents: all.some(({ dependents }) => dependents),
      refresh: all.some(({ refresh }) => refresh),
      replaces: [...new Set(all.flatMap(({ replaces }) => replaces))],
    },
  ];
}

/** @throws UserError with Pulumi's own errors when it fails. */
async function operation(
  { out }: CliContext,
  { engine }: Session,
  name: OperationName,
  stack: string,
  flags: readonly string[],
): Promise<void> {
  const result = await runOperation(engine, { name, stack, flags }, (event) => {
    const line = progressLine(event);
    if (line !== undefined) out.progress(`${stack}: ${line}`);
  });
  if (result.succeeded) return;
  const errors = result.diagnostics.filter(({ severity }) => severity === "error");
  throw new UserError(
    `\`${name} ${stack}\` failed: ${errors.map(({ message }) => message).join(" ")}`,
    "Remedy what it names, and run the command again.",
  );
}
