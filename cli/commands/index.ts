import { check } from "./check.ts";
import { doctor } from "./doctor.ts";
import { drift } from "./drift.ts";
import { local } from "./local.ts";
import { destroy, importing, preview, refresh, up } from "./operations.ts";
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
  importing,
  destroy,
  outputs,
  ready,
  check,
  drift,
  wrangler,
  local,
  doctor,
];
