import { MANIFEST_OUTPUT } from "../../isolation/manifest/index.ts";
import { openSession } from "../cloud/open-session.ts";
import { readOutputs, requireDeployed } from "../engine/outputs.ts";
import { workerUrls } from "../estate.ts";
import type { Output } from "../output/output.ts";
import type { Verb } from "./verb.ts";

/** Of the document that `--json` prints. */
const JSON_VERSION = 1;

/** `outputs STACK`: what the stack exports; secrets stay hidden. */
export const outputs: Verb = (program, context) => {
  program
    .command("outputs")
    .description("show what a stack exports: names, ids, URLs")
    .argument("<stack>")
    .option("--json", "print one JSON document")
    .action(async (stack: string, { json }: { json?: boolean }) => {
      const { out } = context;
      const { engine, local } = await openSession(context, [stack]);
      await requireDeployed(engine, stack);
      const values = await readOutputs(engine, stack);
      if (json) {
        out.json({ version: JSON_VERSION, stack, outputs: values });
        return;
      }
      // For the policies of other stacks, and too long for a table.
      const { [MANIFEST_OUTPUT]: _, ...shown } = values;
      const rows = flatten(shown);
      if (rows.length === 0) out.progress(`${stack} exports nothing.`);
      else out.table(["Output", "Value"], rows);
      if (local !== undefined) showUrls(out, values, local.info.apiUrl);
    });
};

/** @param apiUrl of the local cloud: the addresses in the outputs are the vendor's. */
export function showUrls(out: Output, values: unknown, apiUrl: string | undefined): void {
  const urls = workerUrls(values, apiUrl);
  const head = apiUrl === undefined ? "URL" : "URL on this machine";
  if (urls.length > 0) out.table(["Worker", head], urls);
}

/** One row for each leaf of nested outputs: `qhub.database.id`. */
export function flatten(value: unknown, path = ""): [string, string][] {
  if (typeof value !== "object" || value === null) return [[path, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) =>
    flatten(inner, path === "" ? key : `${path}.${key}`),
  );
}
