import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readMigrationFiles } from "../../components/migration-files.ts";
import { type RunningCutty, startCutty } from "./running-cutty.ts";

const MIGRATIONS = new URL("../../systems/cutty/migrations/", import.meta.url);

let cutty: RunningCutty;

beforeAll(async () => {
  cutty = await startCutty();
});

afterAll(() => cutty.stop());

async function plan(sql: string): Promise<string> {
  const steps = await cutty.rows<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
  return steps.map(({ detail }) => detail).join("; ");
}

describe("the cutty schema on a real D1", () => {
  it("has every table of C4 to C8", async () => {
    const tables = await cutty.rows<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table'",
    );
    expect(tables.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        ...["users", "files", "saved_filters", "api_keys", "audit_logs"],
        ...["multipart_uploads", "file_migrations", "file_access_logs", "file_processing_queue"],
        ...["storage_metrics", "cost_tracking", "pricing_tiers", "user_quotas", "billing_records"],
        ...["security_events", "security_incidents", "file_permissions"],
        ...["alert_rules", "alert_notifications", "alert_escalations"],
      ]),
    );
  });

  it("pins the order of the two migrations numbered 0003 (C2)", () => {
    const names = readMigrationFiles(fileURLToPath(MIGRATIONS)).map(({ name }) => name);
    expect(names).toEqual([
      "0001_initial_schema.sql",
      "0002_phase5_r2_enhancements.sql",
      "0003_storage_metrics.sql",
      "0003_access_control_schema.sql",
      "0004_alerting_system.sql",
    ]);
  });

  it("finds a user's files and a file's log by an index (C20)", async () => {
    expect(await plan("SELECT * FROM files WHERE user_id = 'u'")).toBe(
      "SEARCH files USING INDEX idx_files_user (user_id=?)",
    );
    expect(await plan("SELECT * FROM file_access_logs WHERE file_id = 'f'")).toBe(
      "SEARCH file_access_logs USING INDEX idx_file_access_logs_file (file_id=?)",
    );
  });

  it("finds every row that refers to another by an index, so that deletions stay cheap", async () => {
    const tables = await cutty.rows<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'",
    );
    const references: { child: string; column: string }[] = [];
    for (const { name: child } of tables) {
      const keys = await cutty.rows<{ from: string }>(`PRAGMA foreign_key_list(${child})`);
      references.push(...keys.map(({ from }) => ({ child, column: from })));
    }
    expect(references.length).toBeGreaterThan(0);
    for (const { child, column } of references) {
      const steps = await plan(`SELECT 1 FROM ${child} WHERE ${column} = 'x'`);
      expect(`${child}.${column}: ${steps}`).toMatch(/: SEARCH/);
    }
  });

  it("has no broken reference, on tables with rows (C18)", async () => {
    await cutty.upload(await cutty.signUp("rows"), "file", "content");
    expect(await cutty.rows("PRAGMA foreign_key_check")).toEqual([]);
    const [{ n } = { n: 0 }] = await cutty.rows<{ n: number }>("SELECT COUNT(*) AS n FROM files");
    expect(n).toBeGreaterThan(0);
  });

  it.each([
    [
      "a file of no user",
      "INSERT INTO files (id, user_id, filename, r2_key, mime_type) VALUES ('f', 'nobody', 'f', 'k', 't')",
      "FOREIGN KEY",
    ],
    [
      "a completed file without a checksum",
      "INSERT INTO files (id, user_id, filename, r2_key, mime_type, status) SELECT 'f', id, 'f', 'k', 't', 'completed' FROM users LIMIT 1",
      "CHECK",
    ],
    [
      "a log entry of an unknown action",
      "INSERT INTO file_access_logs (action, succeeded, status_code) VALUES ('peek', 1, 200)",
      "CHECK",
    ],
    [
      "a permission for the file's owner",
      "INSERT INTO file_permissions (id, file_id, user_id, role) SELECT 'o', id, user_id, 'viewer' FROM files LIMIT 1",
      "the owner of a file needs no permission",
    ],
  ])("refuses %s (C18)", async (_what, sql, message) => {
    const db = await cutty.db();
    await expect(db.prepare(sql).run()).rejects.toThrow(message);
  });

  it("refuses a permission that becomes the owner's by a change (C18)", async () => {
    await cutty.signUp("reader");
    const db = await cutty.db();
    await db
      .prepare(
        `INSERT INTO file_permissions (id, file_id, user_id, role)
         SELECT 'p', files.id, users.id, 'viewer' FROM files, users
         WHERE username = 'reader' LIMIT 1`,
      )
      .run();
    const change =
      "UPDATE file_permissions SET user_id = (SELECT user_id FROM files WHERE id = file_id)";
    await expect(db.prepare(change).run()).rejects.toThrow(
      "the owner of a file needs no permission",
    );
  });

  it("keeps a quota equal to the completed files, and within its CHECK, through every change", async () => {
    const key = await cutty.signUp("quota");
    const used = async () =>
      cutty.rows(
        "SELECT used_bytes AS used, completed_files AS files FROM user_storage_summary WHERE username = 'quota'",
      );
    const first = await cutty.upload(key, "first", "1234567");
    await cutty.upload(key, "second", "123");
    expect(await used()).toEqual([{ used: 10, files: 2 }]);
    const db = await cutty.db();
    await db
      .prepare(
        "UPDATE user_quotas SET used_bytes = 5 WHERE user_id = (SELECT user_id FROM files WHERE id = ?)",
      )
      .bind(first)
      .run();
    await cutty.fetch(`/files/${first}`, { method: "DELETE", bearer: key });
    expect(await used()).toEqual([{ used: 0, files: 1 }]);
  });

  it("raises a quota alert once, and resolves it when there is room again", async () => {
    const key = await cutty.signUp("alerts");
    const alerts = () =>
      cutty.rows(
        "SELECT rule_id, status FROM alert_notifications JOIN users ON users.id = user_id WHERE username = 'alerts' ORDER BY rule_id",
      );
    const db = await cutty.db();
    await db
      .prepare(
        "UPDATE user_quotas SET max_bytes = 100 WHERE user_id = (SELECT id FROM users WHERE username = 'alerts')",
      )
      .run();
    const id = await cutty.upload(key, "most", "x".repeat(96));
    await cutty.upload(key, "more", "xx");
    expect(await alerts()).toEqual([
      { rule_id: "quota-80", status: "open" },
      { rule_id: "quota-95", status: "open" },
    ]);
    await cutty.fetch(`/files/${id}`, { method: "DELETE", bearer: key });
    expect(await alerts()).toEqual([
      { rule_id: "quota-80", status: "resolved" },
      { rule_id: "quota-95", status: "resolved" },
    ]);
  });

  it("alerts of refused access once there were as many in an hour as the rule's threshold (T37)", async () => {
    await cutty.signUp("prober");
    const db = await cutty.db();
    await db.prepare("UPDATE alert_rules SET threshold = 2 WHERE id = 'access-denied'").run();
    const refuse = async (createdAt: string) =>
      db
        .prepare(
          `INSERT INTO security_events (user_id, kind, severity, created_at)
           SELECT id, 'access_denied', 'medium', ? FROM users WHERE username = 'prober'`,
        )
        .bind(createdAt)
        .run();
    const alerts = () =>
      cutty.rows(
        "SELECT observed_value AS observed FROM open_alerts JOIN users ON users.id = user_id WHERE username = 'prober'",
      );
    await refuse(new Date(Date.now() - 2 * 3_600_000).toISOString());
    await refuse(new Date().toISOString());
    expect(await alerts()).toEqual([]);
    await refuse(new Date().toISOString());
    expect(await alerts()).toEqual([{ observed: 2 }]);
  });

  it("removes a user with everything that is theirs", async () => {
    await cutty.upload(await cutty.signUp("leaver"), "leaving", "content");
    const db = await cutty.db();
    await db.prepare("DELETE FROM users WHERE username = 'leaver'").run();
    expect(await cutty.rows("PRAGMA foreign_key_check")).toEqual([]);
    expect(await cutty.rows("SELECT id FROM files WHERE filename = 'leaving'")).toEqual([]);
  });

  it("migrates a database that has rows already, and counts them (T36)", () => {
    const db = new DatabaseSync(":memory:", { enableForeignKeyConstraints: true });
    const [first, second, ...later] = readMigrationFiles(fileURLToPath(MIGRATIONS)).map(
      ({ name }) => readFileSync(new URL(name, MIGRATIONS), "utf8"),
    );
    db.exec(`${first}; ${second}`);
    db.exec(`INSERT INTO users (id, email, username) VALUES ('u', 'u@example.com', 'old'), ('v', 'v@example.com', 'new');
      INSERT INTO files (id, user_id, filename, r2_key, mime_type, size_bytes, checksum, status)
      VALUES ('f', 'u', 'f', 'k1', 't', 40, 'c', 'completed'), ('g', 'u', 'g', 'k2', 't', 2, NULL, 'pending');`);
    for (const sql of later) {
      db.exec(`BEGIN; ${sql}; COMMIT`);
    }
    expect(db.prepare("SELECT user_id, used_bytes FROM user_quotas ORDER BY 1").all()).toEqual([
      { user_id: "u", used_bytes: 40 },
      { user_id: "v", used_bytes: 0 },
    ]);
    expect(db.prepare("SELECT COUNT(*) AS n FROM files").get()).toEqual({ n: 2 });
    db.close();
  });
});
