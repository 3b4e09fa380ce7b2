import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync, utimesSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesContaining } from "../../support/files.ts";
import {
  clientFor,
  refusalOf,
  startTestCloud,
  type TestCloud,
  type TestEnvironment,
} from "../../support/local-cloud.ts";

let cloud: TestCloud;
let staging: TestEnvironment;
let account_id: string;

beforeAll(async () => {
  cloud = await startTestCloud();
  staging = cloud.environment("staging");
  account_id = staging.accountId;
});
afterAll(() => cloud.close());

const create = async (name: string) => {
  const { uuid } = await staging.client.d1.database.create({ account_id, name });
  if (uuid === undefined) throw new Error("The database has no id.");
  return uuid;
};
const run = async (id: string, sql: string, params?: string[]) => {
  const page = await staging.client.d1.database.query(id, {
    account_id,
    sql,
    ...(params === undefined ? {} : { params }),
  });
  return page.result;
};

describe("databases", () => {
  it("is created with the region of its location hint, and found by id, by name and in the list", async () => {
    const created = await staging.client.d1.database.create({
      account_id,
      name: "hinted",
      primary_location_hint: "weur",
    });
    expect(created).toMatchObject({ name: "hinted", version: "production", num_tables: 0 });
    const id = created.uuid ?? "";
    expect(await staging.client.d1.database.get(id, { account_id })).toMatchObject({
      uuid: id,
      running_in_region: "WEUR",
    });
    expect((await staging.client.d1.database.get("hinted", { account_id })).uuid).toBe(id);
    const listed = await staging.client.d1.database.list({ account_id, name: "hint" });
    expect(listed.result.map(({ uuid }) => uuid)).toEqual([id]);
  });

  it("refuses a name that is taken, a malformed name and an unknown property, with the vendor's codes", async () => {
    await create("taken");
    const again = staging.client.d1.database.create({ account_id, name: "taken" });
    expect(await refusalOf(again)).toMatchObject({ status: 400, code: 7502 });
    const malformed = staging.client.d1.database.create({ account_id, name: "two words" });
    expect(await refusalOf(malformed)).toMatchObject({ status: 400, code: 7400 });
    const unknown = staging.client.d1.database.create({
      account_id,
      name: "fine",
      ...({ colour: "red" } as object),
    });
    expect((await refusalOf(unknown)).message).toContain("colour");
  });

  it("counts tables and bytes, without the engine's own tables", async () => {
    const id = await create("counted");
    await run(id, "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT); CREATE TABLE b (x)");
    const database = await staging.client.d1.database.get(id, { account_id });
    expect(database.num_tables).toBe(2);
    expect(database.file_size).toBeGreaterThan(4096);
  });

  it("pages through its list", async () => {
    const { client, accountId } = cloud.environment("paged");
    const names = ["a", "b", "c", "d", "e"];
    for (const name of names) await client.d1.database.create({ account_id: accountId, name });
    const seen: (string | undefined)[] = [];
    for await (const { name } of client.d1.database.list({ account_id: accountId, per_page: 2 })) {
      seen.push(name);
    }
    expect(seen).toEqual(names);
  });

  it("is gone after its deletion, with its data on disk", async () => {
    const id = await create("deleted");
    await run(id, "CREATE TABLE a (x); INSERT INTO a VALUES ('left-behind-marker')");
    expect(filesContaining(cloud.dataDir, "left-behind-marker")).not.toEqual([]);
    await staging.client.d1.database.delete(id, { account_id });
    expect(await refusalOf(staging.client.d1.database.get(id, { account_id }))).toMatchObject({
      status: 404,
      code: 7404,
    });
    expect(filesContaining(cloud.dataDir, "left-behind-marker")).toEqual([]);
  });

  it("changes read replication in place", async () => {
    const id = await create("replicated");
    const updated = await staging.client.d1.database.update(id, {
      account_id,
      read_replication: { mode: "auto" },
    });
    expect(updated.read_replication).toEqual({ mode: "auto" });
  });
});

describe("statements", () => {
  it("answers one result a statement, with rows and what changed", async () => {
    const id = await create("queried");
    const results = await run(
      id,
      "CREATE TABLE a (x); INSERT INTO a VALUES (1), (2); SELECT * FROM a",
    );
    expect(results).toHaveLength(3);
    expect(results[1]?.meta).toMatchObject({ changes: 2, rows_written: 2 });
    expect(results[2]?.results).toEqual([{ x: 1 }, { x: 2 }]);
  });

  it("binds parameters", async () => {
    const id = await create("bound");
    const [result] = await run(id, "SELECT ? AS a, ? AS b", ["one", "'; DROP TABLE x; --"]);
    expect(result?.results).toEqual([{ a: "one", b: "'; DROP TABLE x; --" }]);
  });

  it("runs a text of statements as a whole or not at all", async () => {
    const id = await create("atomic");
    await run(id, "CREATE TABLE a (x UNIQUE)");
    const failing = run(id, "INSERT INTO a VALUES (1); INSERT INTO a VALUES (1)");
    const refusal = await refusalOf(failing);
    expect(refusal).toMatchObject({ status: 400, code: 7500 });
    expect(refusal.message).toContain("UNIQUE constraint failed");
    const [count] = await run(id, "SELECT count(*) AS rows FROM a");
    expect(count?.results).toEqual([{ rows: 0 }]);
  });

  it("keeps columns of the same name apart in raw results", async () => {
    const id = await create("raw");
    const page = await staging.client.d1.database.raw(id, { account_id, sql: "SELECT 1 a, 2 a" });
    expect(page.result[0]?.results).toEqual({ columns: ["a", "a"], rows: [[1, 2]] });
  });

  it("tells what a raw statement took, and runs one that writes only once", async () => {
    const id = await create("raw-meta");
    const raw = async (sql: string) =>
      (await staging.client.d1.database.raw(id, { account_id, sql })).result[0];
    await raw("CREATE TABLE a (x)");
    const insert = "INSERT INTO a VALUES (1), (2) RETURNING x";
    expect(await raw(insert)).toMatchObject({
      results: { columns: ["x"], rows: [[1], [2]] },
      meta: { changes: 2, rows_written: 2 },
    });
    expect(await raw(`-- all\nSELECT count(*) n, count(*) n FROM a`)).toMatchObject({
      results: { columns: ["n", "n"], rows: [[2, 2]] },
      meta: { rows_read: 2, changes: 0 },
    });
    expect((await raw("WITH b AS (SELECT 3 x) INSERT INTO a SELECT x FROM b"))?.meta).toMatchObject(
      {
        changes: 1,
      },
    );
    const [count] = await run(id, "SELECT count(*) n FROM a");
    expect(count?.results).toEqual([{ n: 3 }]);
    expect((await raw("SELECT x AS y FROM a WHERE x > 9"))?.results).toEqual({
      columns: ["y"],
      rows: [],
    });
  });

  it("keeps a change that arrives while the first statement does", async () => {
    const id = await create("changed-meanwhile");
    const statement = JSON.stringify({ sql: "SELECT 1" });
    const url = `${cloud.apiUrl}/client/v4/accounts/${account_id}/d1/database/${id}/query`;
    const authorization = `Bearer ${staging.apiToken}`;
    const headers = { authorization, "content-length": statement.length };
    const request = httpRequest(url, { method: "POST", headers });
    const answered = once(request, "response");
    request.write(statement.slice(0, 5));
    await sleep(200);
    await staging.client.d1.database.update(id, {
      account_id,
      read_replication: { mode: "auto" },
    });
    request.end(statement.slice(5));
    const [{ statusCode }] = await answered;
    expect(statusCode).toBe(200);
    const database = await staging.client.d1.database.get(id, { account_id });
    expect(database.read_replication).toEqual({ mode: "auto" });
  });

  it("names the engine's reason when SQL is wrong", async () => {
    const id = await create("wrong");
    expect(await refusalOf(run(id, "SELECT * FROM nowhere"))).toMatchObject({
      status: 400,
      code: 7500,
      message: "no such table: nowhere: SQLITE_ERROR",
    });
    expect((await refusalOf(run(id, "-- nothing"))).message).toBe("No SQL statements detected.");
  });
});

describe("export and import", () => {
  it("moves schema, rows and triggers to another database", async () => {
    const from = await create("source");
    await run(
      from,
      `CREATE TABLE a (x); CREATE TABLE log (x);
       CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO log VALUES (new.x); END;
       INSERT INTO a VALUES ('it''s; a row')`,
    );
    const exported = await staging.client.d1.database.export(from, {
      account_id,
      output_format: "polling",
    });
    const sql = await (await fetch(exported.result?.signed_url ?? "")).text();

    const to = await create("target");
    await importSql(to, sql);
    const [rows] = await run(to, "SELECT * FROM log");
    expect(rows?.results).toEqual([{ x: "it's; a row" }]);
    await run(to, "INSERT INTO a VALUES ('new')");
    const [after] = await run(to, "SELECT count(*) AS n FROM log");
    expect(after?.results).toEqual([{ n: 2 }]);
  });

  it("refuses an upload that does not match its checksum, and imports nothing of a file that fails", async () => {
    const id = await create("refusing");
    await expect(importSql(id, "CREATE TABLE a (x)", "0".repeat(32))).rejects.toThrow(/etag/);
    await expect(importSql(id, "CREATE TABLE a (x); SELECT * FROM nowhere")).rejects.toThrow(
      /nowhere/,
    );
    const [tables] = await run(id, "SELECT count(*) AS n FROM sqlite_master WHERE name = 'a'");
    expect(tables?.results).toEqual([{ n: 0 }]);
  });

  it("serves no link that it has not issued, each for its purpose only, and once", async () => {
    const id = await create("linked");
    const put = (url: string, body = "SELECT 1") => fetch(url, { method: "PUT", body });
    const link = (name: string) => `${cloud.apiUrl}/signed/d1/${name}`;
    const guessed = link(`${"0".repeat(32)}.sql`);
    expect((await put(guessed)).status).toBe(403);
    expect((await fetch(guessed)).status).toBe(404);
    expect((await put(link("..%2Fescaped.sql"))).status).toBe(403);

    const exported = await staging.client.d1.database.export(id, {
      account_id,
      output_format: "polling",
    });
    const download = exported.result?.signed_url ?? "";
    expect((await put(download)).status).toBe(403);
    expect((await fetch(download)).status).toBe(200);
    expect((await fetch(download)).status).toBe(404);

    const started = await staging.client.d1.database.import(id, {
      account_id,
      action: "init",
      etag: "0",
    });
    const upload = started.upload_url ?? "";
    expect((await put(upload)).status).toBe(200);
    expect((await fetch(upload)).status).toBe(404);
    const hour = new Date(Date.now() - 61 * 60_000);
    utimesSync(join(cloud.dataDir, "scratch", "d1-import", started.filename ?? ""), hour, hour);
    expect((await put(upload)).status).toBe(403);
    await staging.client.d1.database.import(id, { account_id, action: "init", etag: "0" });
    expect(readdirSync(join(cloud.dataDir, "scratch", "d1-import"))).not.toContain(
      started.filename,
    );
  });

  it("refuses an upload that is too large before it is sent", async () => {
    const id = await create("large");
    const started = await staging.client.d1.database.import(id, {
      account_id,
      action: "init",
      etag: "0",
    });
    const status = await new Promise((resolve, reject) => {
      const headers = { "content-length": String(257 * 1024 * 1024) };
      const request = httpRequest(
        started.upload_url ?? "",
        { method: "PUT", headers },
        (answer) => {
          resolve(answer.statusCode);
          request.destroy();
        },
      );
      request.on("error", reject);
      request.flushHeaders();
    });
    expect(status).toBe(413);
  });

  async function importSql(id: string, sql: string, checksum?: string) {
    const etag = checksum ?? createHash("md5").update(sql).digest("hex");
    const { database } = staging.client.d1;
    const started = await database.import(id, { account_id, action: "init", etag });
    await fetch(started.upload_url ?? "", { method: "PUT", body: sql });
    return database.import(id, {
      account_id,
      action: "ingest",
      etag,
      filename: started.filename ?? "",
    });
  }
});

describe("durability", () => {
  it("has every database and row after a restart", async () => {
    const first = await startTestCloud();
    const { client, accountId, apiToken } = first.environment("staging");
    const { uuid = "" } = await client.d1.database.create({ account_id: accountId, name: "kept" });
    await client.d1.database.query(uuid, {
      account_id: accountId,
      sql: "CREATE TABLE a (x); INSERT INTO a VALUES (7)",
    });
    const second = await first.restart();
    const again = clientFor(second, apiToken);
    const page = await again.d1.database.query(uuid, {
      account_id: accountId,
      sql: "SELECT x FROM a",
    });
    expect(page.result[0]?.results).toEqual([{ x: 7 }]);
    await second.close();
  });
});
