/**
 * What an operation records is what a refresh reads: nobody has touched anything, so a refresh
 * changes no value of any resource, and marks none as changed.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { ScratchProject } from "./scratch-project.ts";

interface Recorded {
  readonly urn: string;
  readonly type: string;
  readonly id?: string | undefined;
  readonly inputs?: unknown;
  readonly outputs?: unknown;
  /** Of the last change by any command. */
  readonly modified?: string | undefined;
}

/** The state's resources, secrets in the clear, by their URNs. */
export async function recorded(
  project: ScratchProject,
): Promise<{ readonly [urn: string]: Recorded }> {
  const file = join(project.folder, "exported.json");
  const { output, exitCode } = await project.pulumi(
    ...["stack", "export", "--show-secrets", "--file", file],
  );
  expect(exitCode, output).toBe(0);
  const { resources } = JSON.parse(readFileSync(file, "utf8")).deployment;
  return Object.fromEntries(
    (resources as Recorded[]).map(({ urn, type, id, inputs, outputs, modified }) => [
      urn,
      { urn, type, id, inputs, outputs, modified },
    ]),
  );
}

/** Brings the program up, which is to have every type of these providers, and refreshes the stack. */
export async function expectRefreshFindsNothing(
  project: ScratchProject,
  providers: readonly { readonly resources: readonly { readonly token: string }[] }[],
): Promise<void> {
  const up = await project.pulumi("up", "--yes", "--skip-preview");
  expect(up.exitCode, up.output).toBe(0);
  const before = await recorded(project);
  const types = new Set(Object.values(before).map(({ type }) => type));
  for (const { resources } of providers)
    for (const { token } of resources) expect(types).toContain(token);
  const refresh = await project.pulumi("refresh", "--yes", "--diff", "--expect-no-changes");
  expect(refresh.exitCode, refresh.output).toBe(0);
  expect(await recorded(project)).toEqual(before);
  const preview = await project.pulumi("preview", "--diff", "--expect-no-changes");
  expect(preview.exitCode, preview.output).toBe(0);
}
