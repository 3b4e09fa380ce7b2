import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { UserError } from "./user-error.ts";

const projectSchema = z.object({ name: z.string() });

/** The order in which a change travels; stacks of other names come after these. */
const PROMOTION_ORDER = ["dev", "staging", "production"];

/** What Pulumi accepts as a stack's name, and the local cloud as an environment's. */
const STACK_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;

/** The project's name in Pulumi.yaml. */
export function projectName(root: string): string {
  const file = join(root, "Pulumi.yaml");
  try {
    return projectSchema.parse(parse(readFileSync(file, "utf8"))).name;
  } catch (cause) {
    throw new UserError(`${file} cannot be read as a Pulumi project.`, "Restore it from git.", {
      cause,
    });
  }
}

/** Stacks that have a Pulumi.STACK.yaml, in the order of promotion; a file of another name (`a b`) is none. */
export function configuredStacks(root: string): string[] {
  const names = readdirSync(root)
    .map((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1])
    .filter((name) => name !== undefined)
    .filter((name) => STACK_NAME.test(name));
  return names.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

const configSchema = z.object({ config: z.record(z.string(), z.unknown()).nullish() }).nullish();

/** What Pulumi.STACK.yaml configures; nothing when there is no such file. */
export function readStackConfig(root: string, stack: string): Readonly<Record<string, unknown>> {
  const file = join(root, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) return {};
  try {
    return configSchema.parse(parse(readFileSync(file, "utf8")))?.config ?? {};
  } catch (cause) {
    throw new UserError(`${file} cannot be read as a stack's config.`, "Restore it from git.", {
      cause,
    });
  }
}

const rank = (stack: string): number => {
  const index = PROMOTION_ORDER.indexOf(stack);
  return index === -1 ? PROMOTION_ORDER.length : index;
};

/**
 * @param inBackend Stacks that exist in the backend.
 * @throws UserError naming the stacks that there are.
 */
export function requireKnownStack(root: string, stack: string, inBackend: readonly string[]): void {
  const known = [...new Set([...configuredStacks(root), ...inBackend])];
  if (known.includes(stack)) return;
  const list = known.length === 0 ? "there is none yet" : `there are ${known.join(", ")}`;
  const remedy = STACK_NAME.test(stack)
    ? `Check the name, or make it a new stack with \`touch Pulumi.${stack}.yaml\`; its tier then follows from its name.`
    : "Use 1 to 40 letters, digits, hyphens, underscores or periods, a letter or digit first.";
  throw new UserError(`The stack "${stack}" is not known; ${list}.`, remedy);
}

/** @throws UserError when stacks are named beside `--all`. */
export function requireNoStacks(stacks: readonly string[]): void {
  if (stacks.length === 0) return;
  throw new UserError(
    `--all was given together with ${stacks.join(", ")}.`,
    "Name the stacks, or leave them out.",
  );
}
