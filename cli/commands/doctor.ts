import { chooseCloud } from "../cloud/kind.ts";
import type { CliContext } from "../context.ts";
import { checksFor, type DoctorCheck } from "../doctor/checks.ts";
import { messageOf } from "../user-error.ts";
import type { Verb } from "./verb.ts";

interface CheckResult {
  readonly name: string;
  readonly status: "PASS" | "FAIL";
  readonly detail: string;
  readonly remedy?: string;
}

/** `doctor`: whether this machine has what the project needs. */
export const doctor: Verb = (program, context) => {
  program
    .command("doctor")
    .description("check this machine and say how to repair it")
    .option("--json", "print one JSON document")
    .action(async ({ json }: { json?: boolean }) => {
      const { kind } = chooseCloud(context.cloudOption, context.env, context.stateDir);
      const results = await Promise.all(checksFor(kind).map((check) => runCheck(check, context)));
      const healthy = results.every(({ status }) => status === "PASS");
      if (json) context.out.json({ version: 1, cloud: kind, healthy, checks: results });
      else show(context, results);
      if (!healthy) process.exitCode = 1;
    });
};

async function runCheck(
  { name, remedy, run }: DoctorCheck,
  context: CliContext,
): Promise<CheckResult> {
  try {
    return { name, status: "PASS", detail: await run(context) };
  } catch (error) {
    return { name, status: "FAIL", detail: messageOf(error), remedy };
  }
}

function show({ out }: CliContext, results: readonly CheckResult[]): void {
  for (const { name, status, detail, remedy } of results) {
    const mark = out.paint(status === "PASS" ? "good" : "bad", status);
    out.result(`${mark}  ${name}: ${detail}`);
    if (remedy !== undefined) out.result(`      ${remedy}`);
  }
}
