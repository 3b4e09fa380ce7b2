import { Hono } from "hono";
import { html } from "hono/html";
import { healthReport } from "../../shared/worker/health.ts";
import { answerError, answerNotFound } from "../../shared/worker/http.ts";
import type { DataBindings } from "./environment.ts";
import { dataProbes } from "./probes.ts";

interface WebBindings extends DataBindings {
  /** The API Worker of the same environment. */
  readonly API: Fetcher;
}

const app = new Hono<{ Bindings: WebBindings }>();

app.get("/health", async (c) => {
  const report = await healthReport(c.env.ENVIRONMENT, {
    ...dataProbes(c.env),
    api: async () => {
      const answer = await c.env.API.fetch("https://api/health");
      const { environment } = (await answer.json()) as { environment?: unknown };
      if (!answer.ok || environment !== c.env.ENVIRONMENT) {
        throw new Error(`The API answered ${answer.status} for the environment ${environment}.`);
      }
    },
  });
  return c.json(report, report.status === "healthy" ? 200 : 503);
});

app.get("/", (c) =>
  c.html(html`<!doctype html>
<html lang="en">
<title>agentverse</title>
<h1>agentverse</h1>
<p>Environment: ${c.env.ENVIRONMENT}</p>`),
);

app.onError(answerError);
app.notFound(answerNotFound);

export default app;
