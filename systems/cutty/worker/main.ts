import { Hono } from "hono";
import { healthReport } from "../../shared/worker/health.ts";
import { answerError, answerNotFound } from "../../shared/worker/http.ts";
import type { AppEnv } from "./environment.ts";
import { files } from "./files.ts";
import { uploads } from "./uploads.ts";
import { users } from "./users.ts";

const app = new Hono<AppEnv>();

app.get("/health", async (c) => {
  const report = await healthReport(c.env.ENVIRONMENT, {
    configuration: async () => {
      if (!c.env.ENVIRONMENT || !(Number(c.env.MAX_UPLOAD_BYTES) > 0)) {
        throw new Error("ENVIRONMENT and MAX_UPLOAD_BYTES must be set.");
      }
    },
    database: async () => {
      await c.env.DB.prepare("SELECT 1 FROM files LIMIT 1").all();
    },
    bucket: async () => {
      await c.env.FILES.head("health");
    },
  });
  return c.json(report, report.status === "healthy" ? 200 : 503);
});

app.route("/users", users);
app.route("/files", files);
app.route("/uploads", uploads);
app.onError(answerError);
app.notFound(answerNotFound);

export default app;
