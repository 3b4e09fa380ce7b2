import { openSession } from "../cloud/open-session.ts";
import { readOutputs, readVariables, requireDeployed } from "../engine/outputs.ts";
import { readEstate } from "../estate.ts";
import { readiness } from "../readiness/readiness.ts";
import { vendorFacts } from "../readiness/vendor-facts.ts";
import { showChecks } from "../smoke/show.ts";
import type { Verb } from "./verb.ts";

/** Of the document that `--json` prints. */
const JSON_VERSION = 1;

/** `ready STACK`: whether the environment has all that a release to it needs (Q14). */
export const ready: Verb = (program, context) => {
  program
    .command("ready")
    .description("check that secrets, databases and Workers are there, bound and healthy")
    .argument("<stack>")
    .option("--json", "print one JSON document")
    .action(async (stack: string, { json }: { json?: boolean }) => {
      const { out } = context;
      const { engine, local } = await openSession(context, [stack]);
      await requireDeployed(engine, stack);
      const estate = readEstate(stack, await readOutputs(engine, stack));
      const vendor = await vendorFacts(engine, stack, estate.cloudflareAccountId);
      const variables = await readVariables(engine, stack);
      const checks = await readiness(estate, variables, vendor, local?.info.apiUrl);
      const isReady = checks.length > 0 && checks.every(({ status }) => status === "PASS");

      if (json) out.json({ version: JSON_VERSION, stack, ready: isReady, checks });
      else {
        showChecks(out, checks);
        out.result(isReady ? `${stack} is ready.` : `${stack} is not ready.`);
      }
      if (!isReady) process.exitCode = 1;
    });
};
