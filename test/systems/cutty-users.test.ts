import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cuttyBindings, type RunningCutty, startCutty } from "./running-cutty.ts";

let cutty: RunningCutty;

beforeAll(async () => {
  cutty = await startCutty();
});

afterAll(() => cutty.stop());

const signUp = (email: string, username: string) =>
  cutty.fetch("/users", { method: "POST", json: { email, username } });

const counts = async () =>
  cutty.rows(
    `SELECT (SELECT COUNT(*) FROM users) AS users, (SELECT COUNT(*) FROM api_keys) AS keys,
            (SELECT COUNT(*) FROM audit_logs) AS audited`,
  );

describe("cutty's users", () => {
  it("are refused twice without leaving a trace of the second", async () => {
    expect((await signUp("ada@example.com", "ada")).status).toBe(201);
    const before = await counts();
    expect(before).toEqual([{ users: 1, keys: 1, audited: 1 }]);
    expect((await signUp("ada@example.com", "other")).status).toBe(409);
    expect((await signUp("other@example.com", "ADA")).status).toBe(409);
    expect(await counts()).toEqual(before);
  });

  it("exist with their first key or not at all", async () => {
    const db = await cutty.db();
    await db
      .prepare(
        "CREATE TRIGGER fault BEFORE INSERT ON api_keys BEGIN SELECT RAISE(ABORT, 'injected'); END",
      )
      .run();
    expect((await signUp("bob@example.com", "bob")).status).toBe(500);
    await db.prepare("DROP TRIGGER fault").run();
    expect((await signUp("bob@example.com", "bob")).status).toBe(201);
  });

  it.each(["closed", "true", ""])("cannot sign up where SIGN_UP is %j", async (mode) => {
    await cutty.rebind(cuttyBindings({ SIGN_UP: mode }));
    expect((await signUp("eve@example.com", "eve")).status).toBe(403);
    expect(await cutty.rows("SELECT id FROM users WHERE username = 'eve'")).toEqual([]);
    await cutty.rebind(cuttyBindings());
  });

  it("sign up with a body of at most 64 KiB", async () => {
    const response = await signUp(`${"x".repeat(70_000)}@example.com`, "large");
    expect(response.status).toBe(413);
  });
});
