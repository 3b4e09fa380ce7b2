import { d1Schema } from "./d1-schema.ts";
import { firewalls } from "./firewalls.ts";
import { logins } from "./logins.ts";
import { objectAccess } from "./object-access.ts";
import { postgresAccess } from "./postgres-access.ts";
import type { Probe } from "./probe.ts";
import { program } from "./program.ts";
import { redisAccess } from "./redis-access.ts";
import { unmanaged } from "./unmanaged.ts";
import { workerSurface } from "./worker-surface.ts";
import { workerVersions } from "./worker-versions.ts";

/** Every probe, in the order in which they run. */
export const PROBES: readonly Probe[] = [
  program,
  logins,
  workerVersions,
  workerSurface,
  d1Schema,
  postgresAccess,
  redisAccess,
  objectAccess,
  firewalls,
  unmanaged,
];
