import { Option } from "commander";
import { createFingerprinter } from "../../isolation/secrets/index.ts";
import pack from "../../policy/package.json" with { type: "json" };
import { type CheckOptions, checkStacks, unlistedReport } from "../../policy/report/check.ts";
import { junitReport } from "../../policy/report/junit.ts";
import type { CheckReport } from "../../policy/report/report.ts";
import { sarifReport } from "../../policy/report/sarif.ts";
import { terminalReport } from "../../policy/report/terminal.ts";
import { rules } from "../../policy/rules/index.ts";
import type { PolicySettings } from "../../policy/settings.ts";
import { BackendError } from "../../policy/siblings/index.ts";
import { openSession } from "../cloud/open-session.ts";
import type { CliContext } from "../context.ts";
import { readBackend, requireInBackend } from "../engine/backend.ts";
import type { Engine } from "../engine/pulumi.ts";
import { writeReport } from "../output/report-file.ts";
import { readPolicySettings } from "../policy-settings.ts";
import { configuredStacks, projectName, requireNoStacks } from "../project.ts";
import type { Verb } from "./verb.ts";

interface FormatOptions {
  readonly json?: boolean;
  readonly sarif?: boolean;
  readonly junit?: boolean;
}

interface CheckVerbOptions extends FormatOptions {
  readonly all?: boolean;
  readonly output?: string;
}

/** `check [STACK…]`: the policies over what is deployed, without a deployment. */
export const check: Verb = (program, context) => {
  program
    .command("check")
    .description("check that no deployed stack shares a resource or a secret value with another")
    .argument("[stacks...]", "default: every configured stack that is deployed")
    .option("--all", "every stack of the backend, whatever its project")
    .addOption(new Option("--json", "print one JSON document").conflicts(["sarif", "junit"]))
    .addOption(new Option("--sarif", "print SARIF 2.1.0, for code scanning").conflicts("junit"))
    .option("--junit", "print JUnit XML, for CI servers")
    .option("--output <file>", "write the report into a file; standard output has the counts only")
    .action((stacks: string[], options: CheckVerbOptions) => run(context, stacks, options));
};

async function run(
  context: CliContext,
  stacks: readonly string[],
  options: CheckVerbOptions,
): Promise<void> {
  const { out } = context;
  if (options.all) requireNoStacks(stacks);
  const settings = readPolicySettings(context);
  const { engine } = await openSession(context, stacks);
  const report = await checkBackend(engine, stacks, settings, options.all === true);

  const plain = (_: unknown, text: string) => text;
  if (options.output === undefined) out.result(render(report, options, out.paint));
  else {
    writeReport(options.output, render(report, options, plain));
    out.result(terminalReport({ ...report, stacks: [] }, out.paint));
  }
  if (!report.passed) process.exitCode = 1;
}

async function checkBackend(
  engine: Engine,
  stacks: readonly string[],
  settings: PolicySettings,
  isAll: boolean,
): Promise<CheckReport> {
  const project = projectName(engine.root);
  const fingerprinter = createFingerprinter(settings.salt);
  const today = new Date().toISOString().slice(0, 10);
  const options: CheckOptions = { project, rules, settings, fingerprinter, today };
  try {
    const stacksOf = await readBackend(engine, settings, fingerprinter, { everything: isAll });
    for (const stack of stacks) requireInBackend(stack, stacksOf);
    const { all, own } = stacksOf;
    const chosen = stacks.length > 0 ? stacks : configuredStacks(engine.root);
    const subjects = isAll ? all : own.filter(({ name }) => chosen.includes(name.stack));
    return checkStacks(subjects, all, options);
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return unlistedReport(error.message, options);
  }
}

function render(
  report: CheckReport,
  { json, sarif, junit }: FormatOptions,
  paint: Parameters<typeof terminalReport>[1],
): string {
  if (json) return JSON.stringify(report, null, 2);
  if (sarif) return JSON.stringify(sarifReport(report, pack.version), null, 2);
  return junit ? junitReport(report).trimEnd() : terminalReport(report, paint);
}
