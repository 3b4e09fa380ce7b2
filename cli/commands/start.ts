import { openSession } from "../cloud/open-session.ts";
import type { CliContext } from "../context.ts";
import { readVariables } from "../engine/outputs.ts";
import { readEstate } from "../estate.ts";
import type { SmokeResult } from "../smoke/check.ts";
import { smokeTest } from "../smoke/index.ts";
import { showChecks } from "../smoke/show.ts";
import { CLOSING_HEAD, closingRows } from "../start/closing-table.ts";
import { deployStacks, totalChanges } from "../start/deploy.ts";
import { UserError } from "../user-error.ts";
import type { Verb } from "./verb.ts";

const STACKS = ["dev", "staging", "production"];

/** `start` (npm start): every environment up on the local cloud, tried over HTTP, and shown. */
export const start: Verb = (program, context) => {
  program
    .command("start")
    .description("bring up dev, staging and production on the local cloud and try them")
    .action(() => run(context));
};

async function run(context: CliContext): Promise<void> {
  const { out } = context;
  const started = performance.now();
  const session = await openSession({ ...context, cloudOption: "local" }, STACKS);
  if (session.local === undefined) return;
  for (const stack of STACKS) out.progress(session.describe(stack));

  const deployments = await deployStacks(session, STACKS, context);
  const estates = deployments.map(({ stack, result }) => readEstate(stack, result.outputs));
  const variables = Object.fromEntries(
    await Promise.all(
      STACKS.map(async (stack) => [stack, await readVariables(session.engine, stack)] as const),
    ),
  );
  const checks = await smokeTest(estates, variables, session.local);
  showChecks(out, checks);

  out.table(CLOSING_HEAD, closingRows(estates, session.local.info.apiUrl));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const changed = totalChanges(deployments);
  const what = changed === 0 ? "Nothing changed" : `${changed} resources changed`;
  out.result(`${what}; ${checks.length} checks; ${seconds} s.`);
  requirePassed(checks);
}

function requirePassed(checks: readonly SmokeResult[]): void {
  const others = checks.filter(({ status }) => status !== "PASS");
  if (others.length === 0) return;
  throw new UserError(
    `${others.length} of ${checks.length} checks did not pass:${others.map(({ name, status, evidence }) => `\n  ${status} ${name}: ${evidence}`).join("")}\n`,
    "Look into the log with `npx bulkhead local logs`.",
  );
}
