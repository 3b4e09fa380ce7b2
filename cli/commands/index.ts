import { check } from "./check.ts";
import { doctor } from "./doctor.ts";
import { local } from "./local.ts";
import { destroy, preview, refresh, up } from "./operations.ts";
import { outputs } from "./outputs.ts";
import { ready } from "./ready.ts";
import { start } from "./start.ts";
import type { Verb } from "./verb.ts";
import { wrangler } from "./wrangler.ts";

/** Every verb, in the order of the help text. */
export const VERBS: readonly Verb[] = [
  start,
  up,
  preview,
  refresh,
  destroy,
  outputs,
  ready,
  check,
  wrangler,
  local,
  doctor,
];
