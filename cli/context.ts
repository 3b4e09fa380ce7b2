import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { CloudKind } from "./cloud/kind.ts";
import { createOutput, type Output } from "./output/output.ts";

/** What every verb knows; tests make their own. */
export interface CliContext {
  /** The project's folder. */
  readonly root: string;
  /** `.bulkhead/`, or BULKHEAD_STATE. */
  readonly stateDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly out: Output;
  /** The cloud asked for by `--cloud`. */
  cloudOption?: CloudKind;
}

export function createContext(env: NodeJS.ProcessEnv = process.env): CliContext {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  return {
    root,
    stateDir: env.BULKHEAD_STATE ? resolve(env.BULKHEAD_STATE) : join(root, ".bulkhead"),
    env,
    out: createOutput(),
  };
}
