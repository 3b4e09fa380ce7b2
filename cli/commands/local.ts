import { rmSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Option } from "commander";
import { execa } from "execa";
import { cloudStatus, resetCloud, startCloud, stopCloud } from "../../local/daemon.ts";
import { cloudPaths } from "../../local/paths.ts";
import { journalFolder } from "../../providers/sdk/journal.ts";
import { openSession, requestedPorts } from "../cloud/open-session.ts";
import type { CliContext } from "../context.ts";
import { ensureStack, selectIfNone } from "../engine/stacks.ts";
import { pulumiPaths } from "../environment.ts";
import { configuredStacks } from "../project.ts";
import { renderShell, SHELLS, type Shell, shellOf } from "../shell.ts";
import { UserError } from "../user-error.ts";
import type { Verb } from "./verb.ts";

interface PortOptions {
  readonly port?: string;
  readonly s3Port?: string;
}

const MEGABYTE = 1024 * 1024;

/** `local …`: the cloud on this machine. */
export const local: Verb = (program, context) => {
  const group = program
    .command("local")
    .description("the local cloud: up, down, status, reset, env, logs");
  group
    .command("up")
    .description("start it, unless it runs")
    .option("--port <number>", "of the API and the Workers; default: as last time, else 7380")
    .option("--s3-port <number>", "of R2's S3 API; default: as last time, else 7381")
    .action((options: PortOptions) => up(context, options));
  group
    .command("down")
    .description("stop it; its data stays")
    .action(() => down(context));
  group
    .command("status")
    .description("show where it listens and what it holds")
    .option("--json", "print one JSON document")
    .action((options: { json?: boolean }) => status(context, options));
  group
    .command("reset")
    .description("stop it and delete everything in it, with Pulumi's record of it")
    .option("-y, --yes", "do not ask")
    .action((options: { yes?: boolean }) => reset(context, options));
  group
    .command("env")
    .description('print what makes a shell use it: eval "$(npx bulkhead local env)"')
    .argument("[stack]", "also set CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_API_TOKEN of this stack")
    .addOption(new Option("--shell <syntax>", "default: by $SHELL").choices(SHELLS))
    .action((stack: string | undefined, options: { shell?: Shell }) =>
      env(context, stack, options),
    );
  group
    .command("logs")
    .description("show its log")
    .option("-f, --follow", "go on until Ctrl-C")
    .option("-n, --lines <count>", "how many of the last lines", "50")
    .action((options: { follow?: boolean; lines: string }) => logs(context, options));
};

async function up(
  { stateDir, env: variables, out }: CliContext,
  options: PortOptions,
): Promise<void> {
  const info = await startCloud({ stateDir, ...requestedPorts(variables, options) });
  out.result(`The local cloud listens on ${info.apiUrl} (process ${info.pid}).`);
}

async function down({ stateDir, out }: CliContext): Promise<void> {
  const stopped = await stopCloud(stateDir);
  out.result(
    stopped ? "The local cloud is stopped; its data stays." : "The local cloud was not running.",
  );
}

async function status({ stateDir, out }: CliContext, { json }: { json?: boolean }): Promise<void> {
  const state = await cloudStatus(stateDir);
  if (json) {
    out.json({ version: 1, ...state });
    return;
  }
  if (!state.running || state.info === undefined) {
    out.result("The local cloud is not running. Start it with `npx bulkhead local up`.");
    return;
  }
  const { pid, apiUrl, s3Url, startedAt, logFile } = state.info;
  out.table(
    ["Local cloud", ""],
    [
      ["API and Workers", apiUrl],
      ["S3", s3Url],
      ["Process", `${pid}, since ${startedAt}`],
      ["Memory", `${Math.round((state.memoryBytes ?? 0) / MEGABYTE)} MB`],
      ["Log", logFile],
    ],
  );
  const rows = (state.accounts ?? []).map((account) => [
    account.environment,
    account.accountId,
    ...[account.workers, account.databases, account.buckets, account.namespaces].map(String),
  ]);
  if (rows.length > 0) out.table(["Environment", "Account", "Workers", "D1", "R2", "KV"], rows);
}

async function reset(context: CliContext, { yes }: { yes?: boolean }): Promise<void> {
  const { stateDir, out } = context;
  const { backend } = pulumiPaths(stateDir);
  const loss = `everything in ${cloudPaths(stateDir).dataDir} and Pulumi's record of it in ${backend}`;
  if (!yes && !out.interactive) {
    throw new UserError(
      `\`local reset\` deletes ${loss}, and there is no terminal to ask at.`,
      "Add --yes if that is what you want.",
    );
  }
  if (!yes && !(await confirm(`Delete ${loss}?`))) {
    out.result("Nothing was deleted.");
    return;
  }
  await resetCloud(stateDir);
  // Pulumi would otherwise go on believing in resources that are gone.
  for (const folder of [backend, journalFolder({ BULKHEAD_STATE: stateDir })]) {
    rmSync(folder, { recursive: true, force: true });
  }
  out.result("The local cloud is empty.");
}

async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(`${question} Type 'yes': `)).trim() === "yes";
  } finally {
    terminal.close();
  }
}

/** Also creates what plain `pulumi` commands expect to exist: the stacks and a selected one. */
async function env(
  context: CliContext,
  stack: string | undefined,
  { shell }: { shell?: Shell },
): Promise<void> {
  const session = await openSession(
    { ...context, cloudOption: "local" },
    stack === undefined ? [] : [stack],
  );
  if (session.local === undefined) return;
  const stacks = configuredStacks(context.root);
  for (const name of stacks) await ensureStack(session.engine, name);
  const [first] = stacks;
  if (first !== undefined) await selectIfNone(session.engine, first);
  const facts = { ...session.local.facts, ...(stack === undefined ? {} : { stack }) };
  context.out.result(renderShell(facts, shell ?? shellOf(context.env.SHELL)));
}

async function logs(
  { stateDir }: CliContext,
  { follow, lines }: { follow?: boolean; lines: string },
): Promise<void> {
  const { logFile } = cloudPaths(stateDir);
  if (!/^\d+$/.test(lines)) {
    throw new UserError(`--lines is "${lines}", which is no number.`, "Give it a whole number.");
  }
  const { exitCode } = await execa("tail", ["-n", lines, ...(follow ? ["-F"] : []), logFile], {
    stdio: "inherit",
    reject: false,
  });
  if (exitCode === 1) {
    throw new UserError(
      `${logFile} cannot be read.`,
      "Start the local cloud with `npx bulkhead local up`.",
    );
  }
}
