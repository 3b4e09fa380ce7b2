import { Hono } from "hono";
import { healthReport } from "../../shared/worker/health.ts";
import { answerError, answerNotFound } from "../../shared/worker/http.ts";
import { logError } from "../../shared/worker/log.ts";
import { apiKeys } from "./api-keys.ts";
import { auth } from "./auth.ts";
import { chat } from "./chat.ts";
import { type AppEnv, configurationProblems } from "./environment.ts";

const app = new Hono<AppEnv>();

app.get("/health", async (c) => {
  const report = await healthReport(c.env.ENVIRONMENT, {
    configuration: async () => {
      const problems = configurationProblems(c.env);
      if (problems.length > 0) {
        throw new Error(problems.join(" "));
      }
    },
    database: async () => {
      await c.env.DB.prepare("SELECT 1 FROM users LIMIT 1").all();
    },
  });
  return c.json(report, report.status === "healthy" ? 200 : 503);
});

app.use(async (c, next) => {
  const problems = configurationProblems(c.env);
  if (problems.length > 0) {
    logError({ path: c.req.path, error: problems.join(" ") });
    return c.json({ error: "This service is not configured. Its operator's log says why." }, 503);
  }
  await next();
});

app.route("/auth", auth);
app.route("/api-keys", apiKeys);
app.route("/ai", chat);
app.onError(answerError);
app.notFound(answerNotFound);

export default app;
