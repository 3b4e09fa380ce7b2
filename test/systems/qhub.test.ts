import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADA, qhubBindings, type RunningQhub, SECRET, startQhub } from "./running-qhub.ts";

const NEXT_SECRET = "b".repeat(64);

let qhub: RunningQhub;

beforeAll(async () => {
  qhub = await startQhub();
});

afterAll(() => qhub.stop());

async function errorOf(response: Response): Promise<string> {
  return ((await response.json()) as { error: string }).error;
}

describe("the qhub API in workerd", () => {
  it("registers a user, logs in and answers who is logged in (Q10)", async () => {
    await qhub.register(ADA);
    const response = await qhub.login(" ADA@example.com", ADA.password);
    expect(response.status).toBe(200);
    const { token } = (await response.json()) as { token: string };
    const me = await qhub.fetch("/auth/me", { bearer: token });
    expect(await me.json()).toMatchObject({
      user: { email: "ada@example.com", username: "ada" },
      environment: "staging",
    });
  });

  it("refuses a wrong password and an unknown user alike (Q10)", async () => {
    for (const response of [
      await qhub.login(ADA.email, "wrong password"),
      await qhub.login("nobody@example.com", ADA.password),
    ]) {
      expect(response.status).toBe(401);
      expect(await response.json()).toEqual({ error: "Invalid email or password" });
    }
  });

  it("takes about as long to refuse an unknown user as a wrong password", async () => {
    const time = async (email: string) => {
      const started = performance.now();
      await qhub.login(email, "wrong password");
      return performance.now() - started;
    };
    const median = async (email: string) => {
      const times = [];
      for (let round = 0; round < 5; round += 1) {
        times.push(await time(email));
      }
      return times.sort((a, b) => a - b)[2] ?? 0;
    };
    const known = await median(ADA.email);
    expect(await median("nobody@example.com")).toBeGreaterThan(known / 3);
  });

  it("refuses to register an email or a username twice", async () => {
    for (const twin of [
      { ...ADA, username: "other" },
      { ...ADA, email: "other@example.com", username: "ADA" },
    ]) {
      const response = await qhub.fetch("/auth/register", { method: "POST", json: twin });
      expect(response.status).toBe(409);
    }
  });

  it("names every field that is not valid", async () => {
    const json = { email: "nonsense", password: "short", username: "a b" };
    const response = await qhub.fetch("/auth/register", { method: "POST", json });
    expect(response.status).toBe(400);
    const { fields } = (await response.json()) as { fields: { field: string }[] };
    expect(fields.map(({ field }) => field)).toEqual(["email", "password", "username"]);
  });

  it("stores a salted hash with its parameters, never the password", async () => {
    await qhub.register({ email: "bob@example.com", password: ADA.password, username: "bob" });
    const { results } = await (await qhub.db())
      .prepare("SELECT password_hash AS hash FROM users ORDER BY username LIMIT 2")
      .all<{ hash: string }>();
    const [first, second] = results.map(({ hash }) => hash);
    expect(first).toMatch(/^pbkdf2-sha256\$100000\$[0-9a-f]{32}\$[0-9a-f]{64}$/);
    expect(second).not.toBe(first);
  });

  it("ends the session on logout, before the token expires", async () => {
    const token = await qhub.register({ ...ADA, email: "c@example.com", username: "carol" });
    const logout = await qhub.fetch("/auth/logout", { method: "POST", bearer: token });
    expect(logout.status).toBe(204);
    expect((await qhub.fetch("/auth/me", { bearer: token })).status).toBe(401);
  });

  it("refuses a token that was changed, that another environment signed, or that is missing", async () => {
    const token = await qhub.register({ ...ADA, email: "d@example.com", username: "dave" });
    const [header, payload, signature] = token.split(".");
    const claims = JSON.parse(Buffer.from(payload ?? "", "base64url").toString());
    const changed = Buffer.from(JSON.stringify({ ...claims, sub: "someone" })).toString(
      "base64url",
    );
    const foreign = await new SignJWT({ ...claims, iss: "qhub-production" })
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode(SECRET));
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`;
    for (const bad of [`${header}.${changed}.${signature}`, foreign, unsigned, "nonsense"]) {
      expect((await qhub.fetch("/auth/me", { bearer: bad })).status).toBe(401);
    }
    expect((await qhub.fetch("/auth/me")).status).toBe(401);
    expect((await qhub.fetch("/auth/me", { bearer: token })).status).toBe(200);
  });

  it("accepts a token of the previous secret only while that is bound (Q8)", async () => {
    const token = await qhub.register({ ...ADA, email: "e@example.com", username: "erin" });
    await qhub.rebind(qhubBindings({ JWT_SECRET: NEXT_SECRET, JWT_SECRET_PREVIOUS: SECRET }));
    expect((await qhub.fetch("/auth/me", { bearer: token })).status).toBe(200);
    await qhub.rebind(qhubBindings({ JWT_SECRET: NEXT_SECRET }));
    expect((await qhub.fetch("/auth/me", { bearer: token })).status).toBe(401);
    await qhub.rebind(qhubBindings());
  });

  it("creates, lists, accepts and revokes API keys", async () => {
    const token = await qhub.register({ ...ADA, email: "f@example.com", username: "frank" });
    const created = await qhub.fetch("/api-keys", {
      method: "POST",
      bearer: token,
      json: { name: "ci" },
    });
    const { id, key } = (await created.json()) as { id: string; key: string };
    expect((await qhub.fetch("/auth/me", { bearer: key })).status).toBe(200);
    const list = await (await qhub.fetch("/api-keys", { bearer: token })).text();
    expect(list).toContain(id);
    expect(list).not.toContain(key);
    const revoked = await qhub.fetch(`/api-keys/${id}`, { method: "DELETE", bearer: token });
    expect(revoked.status).toBe(204);
    expect((await qhub.fetch("/auth/me", { bearer: key })).status).toBe(401);
  });

  it("asks Workers AI, keeps the conversation and meters it (Q4)", async () => {
    const token = await qhub.register({ ...ADA, email: "g@example.com", username: "grace" });
    const first = (await (await qhub.chat(token, { message: "hello" })).json()) as {
      answer: string;
      conversationId: string;
    };
    expect(first.answer).toBe("1: hello");
    const second = await qhub.chat(token, {
      message: "again",
      conversationId: first.conversationId,
    });
    expect(await second.json()).toMatchObject({ answer: "3: again" });
    const usage = await (await qhub.db())
      .prepare("SELECT SUM(quantity) AS tokens FROM usage_records")
      .first();
    expect(usage).toEqual({ tokens: 14 });
  });

  it("answers a failure of Workers AI by its number, without the vendor's words", async () => {
    const token = await qhub.register({ ...ADA, email: "h@example.com", username: "heidi" });
    const response = await qhub.chat(token, { message: "fail" });
    expect(response.status).toBe(502);
    const answer = await response.json();
    expect(answer).toMatchObject({
      error: "Workers AI did not answer. Try again later.",
      code: "5007",
    });
    expect(JSON.stringify(answer)).not.toContain("No such model");
  });

  it("reports its health and its environment (Q12)", async () => {
    const response = await qhub.fetch("/health");
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: "healthy",
      environment: "staging",
      checks: { database: { ok: true }, configuration: { ok: true } },
    });
  });

  it("refuses to serve with a secret shorter than 64 characters (Q9)", async () => {
    await qhub.rebind(qhubBindings({ JWT_SECRET: "short" }));
    const response = await qhub.login(ADA.email, ADA.password);
    expect(response.status).toBe(503);
    expect(await errorOf(response)).toBe(
      "This service is not configured. Its operator's log says why.",
    );
    expect((await qhub.fetch("/health")).status).toBe(503);
    await qhub.rebind(qhubBindings());
  });

  it("says that it is unhealthy when its database has no schema (Q12)", async () => {
    await qhub.rebind({ ...qhubBindings(), d1Databases: { DB: "empty" } });
    const response = await qhub.fetch("/health");
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      status: "unhealthy",
      checks: { database: { ok: false }, configuration: { ok: true } },
    });
    await qhub.rebind(qhubBindings());
  });
});

describe("the qhub schema on a real D1", () => {
  it("has the tables of Q5, the count of attempts, and none beside the system's own", async () => {
    const { results } = await (await qhub.db())
      .prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB 'sqlite_*' AND name NOT GLOB '_cf_*' ORDER BY name",
      )
      .all<{ name: string }>();
    expect(results.map(({ name }) => name)).toEqual([
      "api_keys",
      "conversations",
      "login_attempts",
      "messages",
      "quantum_jobs",
      "usage_records",
      "user_sessions",
      "users",
    ]);
  });

  it.each([
    [
      "a session of no user",
      "INSERT INTO user_sessions (id, user_id, expires_at) VALUES ('s', 'nobody', '2999-01-01')",
      "FOREIGN KEY",
    ],
    [
      "an email in capitals",
      "INSERT INTO users (id, email, username, password_hash) VALUES ('x', 'X@Y.Z', 'xyz', 'h')",
      "CHECK",
    ],
    [
      "a completed job without a result",
      "INSERT INTO quantum_jobs (id, user_id, backend, circuit, status) SELECT 'j', id, 'b', 'c', 'completed' FROM users LIMIT 1",
      "CHECK",
    ],
  ])("refuses %s", async (_what, sql, constraint) => {
    await expect((await qhub.db()).prepare(sql).run()).rejects.toThrow(constraint);
  });
});
