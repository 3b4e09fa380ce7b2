import { Hono } from "hono";
import { healthReport } from "../../shared/worker/health.ts";
import { answerError, answerNotFound } from "../../shared/worker/http.ts";
import { withRedis } from "../../shared/worker/redis.ts";
import { type ApiBindings, configurationProblems } from "./environment.ts";
import { dataProbes } from "./probes.ts";
import { queueLengths } from "./queues.ts";

const app = new Hono<{ Bindings: ApiBindings }>();

app.get("/health", async (c) => {
  const report = await healthReport(c.env.ENVIRONMENT, {
    configuration: async () => {
      const problems = configurationProblems(c.env);
      if (problems.length > 0) throw new Error(problems.join(" "));
    },
    ...dataProbes(c.env),
  });
  return c.json(report, report.status === "healthy" ? 200 : 503);
});

/** How much work waits in the environment's own queues (A9-A10). */
app.get("/queues", async (c) => {
  const queues = await withRedis(c.env.REDIS_URL, (redis) =>
    queueLengths(redis, c.env.REDIS_KEY_PREFIX),
  );
  return c.json({ environment: c.env.ENVIRONMENT, queues });
});

app.onError(answerError);
app.notFound(answerNotFound);

export default app;
