import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { backendFolder, stacksInFolder } from "../../policy/siblings/file-backend.ts";
import { projectName } from "../project.ts";
import { type Engine, queryPulumi } from "./pulumi.ts";

const stackListSchema = z.array(z.object({ name: z.string(), current: z.boolean() }));

/** The project's stacks in the backend. A file backend is looked into, which saves starting Pulumi. */
export async function backendStacks(engine: Engine): Promise<string[]> {
  const folder = backendFolder(engine.env.PULUMI_BACKEND_URL);
  if (folder !== undefined) return stacksInFolder(folder, projectName(engine.root));
  const stacks = await listStacks(engine);
  return stacks.map(({ name }) => name.split("/").at(-1) ?? name);
}

/**
 * Creates the stack in the backend when it is missing. Pulumi writes the new stack's salt beside
 * Pulumi.yaml; where the committed config is to stay as it is, it is given a copy of that file elsewhere.
 *
 * @returns Whether it was missing.
 */
export async function ensureStack(engine: Engine, stack: string): Promise<boolean> {
  if ((await backendStacks(engine)).includes(stack)) return false;
  try {
    await initStack(engine, stack);
    return true;
  } catch (error) {
    // Another command may have created it since.
    if ((await backendStacks(engine)).includes(stack)) return false;
    throw error;
  }
}

async function initStack(engine: Engine, stack: string): Promise<void> {
  const init = ["stack", "init", stack, "--no-select"];
  if (engine.config === "committed") {
    await queryPulumi(engine, init);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-init-"));
  try {
    copyFileSync(join(engine.root, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    await queryPulumi(engine, init, { cwd: folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Selects a stack for plain `pulumi` commands, unless the user has selected one. */
export async function selectIfNone(engine: Engine, stack: string): Promise<void> {
  const stacks = await listStacks(engine);
  if (!stacks.some(({ current }) => current)) await queryPulumi(engine, ["stack", "select", stack]);
}

async function listStacks(engine: Engine): Promise<z.infer<typeof stackListSchema>> {
  return stackListSchema.parse(JSON.parse(await queryPulumi(engine, ["stack", "ls", "--json"])));
}
