import type { HealthProbe } from "../../shared/worker/health.ts";
import { withPostgres } from "../../shared/worker/postgres.ts";
import { withRedis } from "../../shared/worker/redis.ts";
import type { DataBindings } from "./environment.ts";

const SCHEMA = "agentverse";

/** Whether the environment's own database and cache answer. */
export const dataProbes = (env: DataBindings): Record<string, HealthProbe> => ({
  database: () =>
    withPostgres(env.DB, async (query) => {
      const rows = await query("SELECT 1 FROM pg_namespace WHERE nspname = $1", [SCHEMA]);
      if (rows.length === 0) throw new Error(`The schema ${SCHEMA} is missing.`);
    }),
  cache: () =>
    withRedis(env.REDIS_URL, async (redis) => {
      await redis.ping();
    }),
});
