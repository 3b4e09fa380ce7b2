import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { SMTPServer } from "smtp-server";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Finding } from "../../../drift/finding.ts";
import type { Patience } from "../../../drift/notify/deliver.ts";
import { notify } from "../../../drift/notify/notify.ts";
import type { Target } from "../../../drift/notify/settings.ts";
import { annotate } from "../../../drift/record/annotate.ts";
import type { RunRecord } from "../../../drift/record/run-record.ts";
import type { DriftReport } from "../../../drift/report/report.ts";
import { parseDriftSettings } from "../../../drift/settings.ts";
import { finding, reportAt, stackReport } from "../record/reports.ts";

const HASTY: Patience = { attempts: 3, firstPauseMs: 10, timeoutMs: 10_000 };
const PROBLEM = { part: "refresh", message: "The vendor is away. Wait." };

/** A project that runs, tells its targets and remembers both. */
function project(
  targets: readonly object[],
  env: Record<string, string>,
  patience: Patience = HASTY,
) {
  const past: RunRecord[] = [];
  const text = JSON.stringify({ notify: targets });
  const settings = parseDriftSettings(text, "drift.yaml", "2026-01-01");
  return async (found: DriftReport) => {
    const { report, record } = annotate(found, {
      acknowledged: [],
      past: [...past],
      cloud: "local",
      skipped: [],
      today: "2026-01-01",
    });
    const result = await notify({
      targets: settings.notify as readonly Target[],
      report,
      record,
      past: [...past],
      env,
      signal: new AbortController().signal,
      patience,
    });
    past.push({ ...record, told: [...result.told] });
    return result;
  };
}

/** A server on loopback. @returns its origin. */
async function serving(app: Hono): Promise<string> {
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }) as Server;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  if (!server.listening) await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A port at which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A receiver of webhooks, which answers as it is told, else 200. */
async function receiver(...answers: ((context: Context) => Response | Promise<Response>)[]) {
  // biome-ignore lint/suspicious/noExplicitAny: what was sent is for the tests to look at.
  const received: any[] = [];
  let requests = 0;
  const app = new Hono().post("/hook/:secret", async (context) => {
    requests += 1;
    const answer = answers.shift();
    if (answer !== undefined) return answer(context);
    received.push(await context.req.json());
    return context.text("ok");
  });
  return { url: `${await serving(app)}/hook/s3cretpath`, received, requests: () => requests };
}

const CHAT = { name: "chat", webhook: { urlVariable: "HOOK" } };
const worse = (...findings: Finding[]) => stackReport(findings);

describe("a webhook", () => {
  it("is told what is new, once, and when it is over", async () => {
    const { url, received } = await receiver();
    const run = project([CHAT], { HOOK: url });
    await run(reportAt(1, worse(finding("a"))));
    await run(reportAt(2, worse(finding("a"))));
    await run(reportAt(3, worse(finding("a"), finding("b", { grade: "critical" }))));
    await run(reportAt(4, worse()));
    await run(reportAt(5, worse()));
    expect(received.map(({ text }) => text.split("\n")[0])).toEqual([
      "Drift of bulkhead: 1 new finding in staging, worst high",
      "Drift of bulkhead: 1 new finding in staging, worst critical",
      "Drift of bulkhead: staging recovered",
    ]);
    expect(received[0].text).toContain("npx bulkhead up staging");
    expect(received[0].blocks.map(({ type }: { type: string }) => type)).toEqual([
      ...["header", "section", "context"],
    ]);
  });

  it("gets what strangers wrote without Slack's own signs", async () => {
    const { url, received } = await receiver();
    const message = "<!channel> & <https://evil.example|click>";
    await project([CHAT], { HOOK: url })(reportAt(1, worse(finding("a", { message }))));
    expect(received[0].text).toContain("&lt;!channel&gt; &amp;");
    expect(JSON.stringify(received[0].blocks)).not.toContain("<!channel>");
  });

  it("of programs gets a document", async () => {
    const { url, received } = await receiver();
    const target = { ...CHAT, webhook: { urlVariable: "HOOK", format: "json" } };
    await project([target], { HOOK: url })(reportAt(1, worse(finding("a"))));
    expect(received).toMatchObject([
      {
        version: 1,
        verdict: "drift",
        stacks: [{ stack: "bulkhead/staging", occasions: ["new"], appeared: [{ grade: "high" }] }],
      },
    ]);
  });

  it("is told when nobody could tell, once for the same reason", async () => {
    const { url, received } = await receiver();
    const run = project([CHAT], { HOOK: url });
    const away = stackReport([], { status: "unreadable", problems: [PROBLEM] });
    await run(reportAt(1, away));
    await run(reportAt(2, away));
    await run(reportAt(3, stackReport([])));
    expect(received.map(({ text }) => text.split("\n")[0])).toEqual([
      "Drift of bulkhead: staging could not be looked at completely",
      "Drift of bulkhead: staging recovered",
    ]);
  });

  it("is told only what its settings want", async () => {
    const { url, received } = await receiver();
    const target = { ...CHAT, grade: "high", on: ["new"], stacks: ["production"] };
    const run = project([target], { HOOK: url });
    const production = { stack: "bulkhead/production" };
    await run(
      reportAt(1, worse(finding("a")), stackReport([finding("b", { grade: "low" })], production)),
    );
    expect(received).toEqual([]);
    await run(reportAt(2, stackReport([finding("c")], production)));
    await run(reportAt(3, stackReport([], production)));
    expect(received).toHaveLength(1);
  });

  it("is not told of what somebody has acknowledged", async () => {
    const { url, requests } = await receiver();
    const acknowledged = { owner: "jane", reason: "known", expires: "2026-05-01" };
    await project([CHAT], { HOOK: url })(reportAt(1, worse(finding("a", { acknowledged }))));
    expect(requests()).toBe(0);
  });

  it("that fails once is tried again, and told once", async () => {
    const { url, received, requests } = await receiver(
      (context) => context.text("no", 500),
      (context) => context.text("later", 429, { "retry-after": "0" }),
    );
    const result = await project([CHAT], { HOOK: url })(reportAt(1, worse(finding("a"))));
    expect(result).toEqual({ told: ["chat"], failures: [] });
    expect([received.length, requests()]).toEqual([1, 3]);
  });

  it("that refuses is not tried again, and the next run tells it", async () => {
    const { url, received, requests } = await receiver((context) => context.text("gone", 410));
    const run = project([CHAT], { HOOK: url });
    const { told, failures } = await run(reportAt(1, worse(finding("a"))));
    expect(told).toEqual([]);
    expect(failures[0]?.message).toMatch(/^chat was not told of the drift: it answered 410\. /);
    expect(requests()).toBe(1);
    await run(reportAt(2, worse(finding("a"))));
    expect(received).toHaveLength(1);
  });

  it("that is slow, or down, is given up, and its URL is not told", async () => {
    const never = () => new Promise<Response>(() => {});
    const slow = await receiver(never, never, never);
    const down = `http://127.0.0.1:${await freePort()}/hook/s3cretpath`;
    for (const [url, problem] of [
      [slow.url, "it did not answer within 0.4 s"],
      [down, "it cannot be reached (ECONNREFUSED)"],
    ] as const) {
      const run = project([CHAT], { HOOK: url }, { ...HASTY, timeoutMs: 400 });
      const { failures } = await run(reportAt(1, worse(finding("a"))));
      expect(failures[0]?.message).toContain(problem);
      expect(failures[0]?.message).not.toContain("s3cretpath");
    }
  });

  it.each([
    ["is not set", {}, "HOOK is not set"],
    ["would send it in plain text", { HOOK: "http://chat.example.com/x" }, "holds no https URL"],
    ["is no URL", { HOOK: "s3cretpath" }, "holds no https URL"],
  ])(
    "whose variable %s is a failure that keeps no other from being told",
    async (_, env, problem) => {
      const { url, received } = await receiver();
      const other = { name: "other", webhook: { urlVariable: "OTHER" } };
      const run = project([CHAT, other], { ...env, OTHER: url });
      const { told, failures } = await run(reportAt(1, worse(finding("a"))));
      expect(told).toEqual(["other"]);
      expect(failures).toMatchObject([{ target: "chat" }]);
      expect(failures[0]?.message).toContain(problem);
      expect(failures[0]?.message).not.toContain("s3cretpath");
      expect(received).toHaveLength(1);
    },
  );
});

describe("an e-mail", () => {
  const MAIL = {
    name: "mail",
    email: { serverVariable: "SMTP_URL", from: "drift@b.example", to: ["ops@b.example"] },
  };

  /** A mail server that knows one password. */
  async function mailServer() {
    const mails: string[] = [];
    const server = new SMTPServer({
      authMethods: ["PLAIN"],
      disabledCommands: ["STARTTLS"],
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _, done) =>
        password === "p@ss/word"
          ? done(null, { user: username })
          : done(Object.assign(new Error("no"), { responseCode: 535 })),
      onData(stream, _, done) {
        const parts: Buffer[] = [];
        stream.on("data", (part: Buffer) => parts.push(part));
        stream.on("end", () => {
          mails.push(Buffer.concat(parts).toString());
          done();
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const { port } = server.server.address() as AddressInfo;
    return { mails, url: (password: string) => `smtp://ops:${password}@127.0.0.1:${port}` };
  }

  it("has the news as text and the report as a page", async () => {
    const { mails, url } = await mailServer();
    const run = project([MAIL], { SMTP_URL: url(encodeURIComponent("p@ss/word")) });
    expect(await run(reportAt(1, worse(finding("a"))))).toEqual({ told: ["mail"], failures: [] });
    expect(mails).toHaveLength(1);
    expect(mails[0]).toContain("Subject: Drift of bulkhead: 1 new finding in staging, worst high");
    expect(mails[0]).toContain("To: ops@b.example");
    expect(mails[0]).toContain("text/html");
  });

  it("that the server refuses is told without the password", async () => {
    const { mails, url } = await mailServer();
    const run = project([MAIL], { SMTP_URL: url("wr0ngpass") });
    const { told, failures } = await run(reportAt(1, worse(finding("a"))));
    expect([told, mails]).toEqual([[], []]);
    expect(failures[0]?.message).toContain("it answered 535");
    expect(failures[0]?.message).not.toContain("wr0ngpass");
  });

  it("is given up when the server is down", async () => {
    const run = project([MAIL], { SMTP_URL: `smtp://127.0.0.1:${await freePort()}` });
    const { failures } = await run(reportAt(1, worse(finding("a"))));
    expect(failures[0]?.message).toContain("it cannot be reached (");
  });
});

describe("a GitHub issue", () => {
  interface Issue {
    number: number;
    title: string;
    body: string;
    state: string;
    labels: string[];
    pull_request?: object;
  }

  /** The endpoints of issues, as GitHub Enterprise has them. */
  async function gitHub(...failures: number[]) {
    const issues: Issue[] = [
      {
        number: 1,
        title: "a pull request",
        body: "<!-- bulkhead drift bulkhead/staging -->",
        state: "open",
        labels: ["drift"],
        pull_request: {},
      },
    ];
    const app = new Hono().basePath("/api/v3/repos/owner/name");
    app.use(async (context, next) => {
      if (context.req.header("authorization") !== "Bearer t0ken")
        return context.json({ message: "Bad credentials" }, 401);
      const failure = failures.shift();
      if (failure !== undefined) return context.json({ message: "no" }, failure as 500);
      return next();
    });
    app.get("/issues", (context) => {
      const label = context.req.query("labels") ?? "";
      return context.json(issues.filter(({ labels }) => labels.includes(label)));
    });
    app.post("/issues", async (context) => {
      const issue = { number: issues.length + 1, state: "open", ...(await context.req.json()) };
      issues.push(issue);
      return context.json(issue, 201);
    });
    app.patch("/issues/:number", async (context) => {
      const issue = issues.find(({ number }) => String(number) === context.req.param("number"));
      if (issue === undefined) return context.json({ message: "Not Found" }, 404);
      return context.json(Object.assign(issue, await context.req.json()));
    });
    return { api: `${await serving(app)}/api/v3`, issues };
  }

  const target = (api: string) => ({
    name: "issue",
    github: { repository: "owner/name", tokenVariable: "TOKEN", api },
  });

  it("is opened, kept up to date, closed, and opened again", async () => {
    const { api, issues } = await gitHub();
    const run = project([target(api)], { TOKEN: "t0ken" });
    const issue = () => issues[1];
    await run(reportAt(1, worse(finding("a"), finding("b"))));
    expect(issue()).toMatchObject({
      title: "Drift of bulkhead/staging: 2 findings, worst high",
      state: "open",
      labels: ["drift"],
    });
    await run(reportAt(2, worse(finding("a"))));
    expect(issue()?.title).toBe("Drift of bulkhead/staging: 1 finding, worst high");
    await run(reportAt(3, stackReport([], { problems: [PROBLEM] })));
    expect(issue()).toMatchObject({ state: "open" });
    expect(issue()?.body).toContain("The vendor is away");
    await run(reportAt(4, worse()));
    expect(issue()).toMatchObject({ state: "closed", title: "Drift of bulkhead/staging: none" });
    await run(reportAt(5, worse(finding("c"))));
    expect(issue()?.state).toBe("open");
    expect(issues).toHaveLength(2);
  });

  it("is closed when all of it is acknowledged", async () => {
    const { api, issues } = await gitHub();
    const run = project([target(api)], { TOKEN: "t0ken" });
    await run(reportAt(1, worse(finding("a"))));
    const acknowledged = { owner: "jane", reason: "known", expires: "2026-05-01" };
    await run(reportAt(2, worse(finding("a", { acknowledged }))));
    expect(issues[1]).toMatchObject({ state: "closed" });
  });

  it("is not opened for a stack without drift, nor twice when an answer was lost", async () => {
    const { api, issues } = await gitHub(502, 503);
    const run = project([target(api)], { TOKEN: "t0ken" });
    expect((await run(reportAt(1, worse()))).failures).toEqual([]);
    expect(issues).toHaveLength(1);
    expect((await run(reportAt(2, worse(finding("a"))))).told).toEqual(["issue"]);
    expect(issues).toHaveLength(2);
  });

  it("that may not be written is a failure without the token", async () => {
    const { api } = await gitHub();
    const run = project([target(api)], { TOKEN: "wr0ngtoken" });
    const { failures } = await run(reportAt(1, worse(finding("a"))));
    expect(failures[0]?.message).toContain("it answered 401");
    expect(failures[0]?.message).not.toContain("wr0ngtoken");
  });
});
