import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { SmokeTarget } from "../../cli/smoke/check.ts";
import { cuttyIsolation } from "../../cli/smoke/cutty.ts";
import { healthCheck } from "../../cli/smoke/health.ts";
import { type HttpAnswer, workerClient } from "../../cli/smoke/http.ts";
import { qhubIsolation } from "../../cli/smoke/qhub.ts";

const answer = (status: number, json: unknown): HttpAnswer => ({
  status,
  json,
  body: Buffer.from(JSON.stringify(json)),
});

/** A qhub whose users are in a set, which two environments share when they are not isolated. */
function qhubTarget(environment: string, users: Set<string>): SmokeTarget & { removed: string[] } {
  const removed: string[] = [];
  return {
    environment,
    removed,
    async send({ path, json, token }) {
      const { email } = (json ?? {}) as { email?: string };
      if (path === "/auth/me") return answer(token === environment ? 200 : 401, {});
      if (path === "/auth/register") users.add(email ?? "");
      const known = users.has(email ?? "");
      if (!known) return answer(401, { error: "Invalid email or password" });
      return answer(path === "/auth/register" ? 201 : 200, { token: environment });
    },
    async query(_, params) {
      removed.push(...params);
      for (const email of params) users.delete(email);
    },
  };
}

const statuses = (results: readonly { status: string }[]) => results.map(({ status }) => status);

test("two isolated environments pass in both directions, and the users are removed (Q10, Q11)", async () => {
  const [a, b] = [qhubTarget("staging", new Set()), qhubTarget("production", new Set())];
  expect(statuses(await qhubIsolation(a, b))).toEqual(Array(6).fill("PASS"));
  expect(a.removed).toHaveLength(2);
  expect(new Set(a.removed)).toEqual(new Set(b.removed));
});

test("two environments that share their users fail", async () => {
  const shared = new Set<string>();
  const results = await qhubIsolation(
    qhubTarget("staging", shared),
    qhubTarget("production", shared),
  );
  expect(results.filter(({ status }) => status === "FAIL").map(({ evidence }) => evidence)).toEqual(
    [
      expect.stringMatching(/^login answered 200 instead of 401/),
      expect.stringMatching(/^login answered 200 instead of 401/),
    ],
  );
});

test("an environment that refuses everybody does not pass as isolated (T5)", async () => {
  const down: SmokeTarget = {
    environment: "production",
    send: async () => answer(401, { error: "Invalid email or password" }),
    query: async () => {},
  };
  const results = await qhubIsolation(qhubTarget("staging", new Set()), down);
  expect(
    results.find(({ name }) => name === "qhub production: a user of its own registers and logs in")
      ?.status,
  ).toBe("FAIL");
});

test("a refusal for another reason does not pass (T14)", async () => {
  const limited = qhubTarget("production", new Set());
  const send = limited.send;
  const target: SmokeTarget = {
    ...limited,
    send: async (request) => {
      const result = await send(request);
      return result.status === 401 ? answer(429, { error: "Slow down" }) : result;
    },
  };
  const results = await qhubIsolation(qhubTarget("staging", new Set()), target);
  expect(
    results.find(({ name }) => name === "qhub production: refuses the user of staging")?.evidence,
  ).toMatch(/429 instead of 401/);
});

test("a file check that could not upload reports failures, and cleans up", async () => {
  const removed = new Set<string>();
  const broken: SmokeTarget = {
    environment: "staging",
    send: async () => answer(500, {}),
    query: async (_, [email = ""]) => void removed.add(email),
  };
  expect(statuses(await cuttyIsolation(broken, broken))).toEqual(Array(4).fill("FAIL"));
  expect(removed.size).toBe(2);
});

test("a clean-up that fails is a FAIL of its own; the results stay and the other one still runs", async () => {
  const refuses = (target: ReturnType<typeof qhubTarget>): SmokeTarget => ({
    ...target,
    query: async () => {
      throw new Error("D1 is away");
    },
  });
  const [a, b] = [qhubTarget("staging", new Set()), qhubTarget("production", new Set())];
  const results = await qhubIsolation(refuses(a), b);
  expect(statuses(results)).toEqual([...Array(6).fill("PASS"), "FAIL"]);
  expect(results.at(-1)).toMatchObject({
    name: "qhub staging: what the checks made is removed",
    evidence: "D1 is away",
  });
  expect(b.removed).toHaveLength(2);

  const broken = { send: async () => answer(500, {}), query: refuses(a).query };
  const files = await cuttyIsolation(
    { environment: "staging", ...broken },
    { environment: "production", ...broken },
  );
  expect(statuses(files)).toEqual(Array(6).fill("FAIL"));
});

test("/health must be green and name its own environment (Q12)", async () => {
  const health = (status: number, environment: string) =>
    healthCheck("qhub", "api", "staging", async () => answer(status, { environment }));
  expect((await health(200, "staging")).status).toBe("PASS");
  expect((await health(200, "production")).evidence).toBe('/health says "production"');
  expect((await health(503, "staging")).status).toBe("FAIL");
});

test("a Worker is reached through the ingress by its Host header", async () => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () =>
      response.end(
        JSON.stringify({
          host: request.headers.host,
          url: request.url,
          body: Buffer.concat(chunks).toString(),
        }),
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const ingress = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const send = workerClient("https://qhub-api-dev.x.workers.dev", ingress);
  const { json } = await send({ method: "POST", path: "/auth/login?a=b", json: { a: 1 } });
  expect(json).toEqual({
    host: "qhub-api-dev.x.workers.dev",
    url: "/auth/login?a=b",
    body: '{"a":1}',
  });
});

test("a cloud that does not answer is one sentence with the remedy", async () => {
  const send = workerClient("https://qhub.x.workers.dev", "http://127.0.0.1:9");
  await expect(send({ method: "GET", path: "/health" })).rejects.toThrow(
    /GET https:\/\/qhub\.x\.workers\.dev\/health failed: .*npx bulkhead local status/,
  );
});
