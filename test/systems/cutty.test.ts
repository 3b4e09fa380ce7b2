import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningCutty, startCutty, UPLOAD_LIMIT } from "./running-cutty.ts";

const MEBIBYTE = 1024 * 1024;

let cutty: RunningCutty;
let ada: string;
let bob: string;

beforeAll(async () => {
  cutty = await startCutty();
  ada = await cutty.signUp("ada");
  bob = await cutty.signUp("bob");
});

afterAll(() => cutty.stop());

const sha256 = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");

describe("the cutty file API in workerd", () => {
  it("stores a file, returns its bytes and its SHA-256, lists and deletes it (C21)", async () => {
    const content = Buffer.alloc(3 * MEBIBYTE, "a,b\n1,2\n");
    const response = await cutty.fetch("/files?filename=data%20%C3%A9.csv", {
      method: "POST",
      bearer: ada,
      body: content,
      headers: { "Content-Type": "text/csv", "X-Checksum-Sha256": sha256(content) },
    });
    expect(response.status).toBe(201);
    const { file } = (await response.json()) as { file: { id: string } };
    expect(file).toMatchObject({
      filename: "data é.csv",
      mimeType: "text/csv",
      sizeBytes: content.length,
      checksum: sha256(content),
    });

    const download = await cutty.fetch(`/files/${file.id}/content`, { bearer: ada });
    expect(download.headers.get("Content-Type")).toBe("text/csv");
    expect(download.headers.get("X-Checksum-Sha256")).toBe(sha256(content));
    expect(Buffer.from(await download.arrayBuffer()).equals(content)).toBe(true);

    const list = await cutty.fetch("/files", { bearer: ada });
    expect(await list.json()).toMatchObject({ files: [{ id: file.id }], nextCursor: null });

    const removed = await cutty.fetch(`/files/${file.id}`, { method: "DELETE", bearer: ada });
    expect(removed.status).toBe(204);
    expect((await cutty.fetch(`/files/${file.id}`, { bearer: ada })).status).toBe(404);
    const bucket = await cutty.miniflare.getR2Bucket("FILES", "cutty");
    expect((await bucket.list()).objects).toEqual([]);
  });

  it("pages through a list without losing or repeating a file", async () => {
    const key = await cutty.signUp("pages");
    const ids = [];
    for (const name of ["a", "b", "c", "d", "e"]) {
      ids.push(await cutty.upload(key, name, name));
    }
    const seen: string[] = [];
    let cursor: string | null = "";
    do {
      const response = await cutty.fetch(`/files?limit=2&cursor=${cursor}`, { bearer: key });
      const page = (await response.json()) as {
        files: { id: string }[];
        nextCursor: string | null;
      };
      seen.push(...page.files.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen.sort()).toEqual(ids.sort());
  });

  it.each(["1.5", "0.5", "-1", "many", "Infinity"])("lists with a limit of %s", async (limit) => {
    expect((await cutty.fetch(`/files?limit=${limit}`, { bearer: ada })).status).toBe(200);
  });

  it("assembles a file from parts sent in any order (C22)", async () => {
    const parts = [Buffer.alloc(5 * MEBIBYTE, "x"), Buffer.from("the end")];
    const created = await cutty.fetch("/uploads", {
      method: "POST",
      bearer: ada,
      json: { filename: "big.bin", sizeBytes: 5 * MEBIBYTE + 7 },
    });
    expect(created.status).toBe(201);
    const { upload } = (await created.json()) as { upload: { id: string } };
    const complete = () =>
      cutty.fetch(`/uploads/${upload.id}/complete`, { method: "POST", bearer: ada });
    for (const number of [2, 1]) {
      const part = parts[number - 1];
      const response = await cutty.fetch(`/uploads/${upload.id}/parts/${number}`, {
        method: "PUT",
        bearer: ada,
        ...(part ? { body: part } : {}),
      });
      expect(response.status).toBe(200);
      if (number === 2) {
        const early = await complete();
        expect(early.status).toBe(409);
        expect(await early.json()).toEqual({ error: "Part 1 has not been uploaded." });
      }
    }
    const completed = await complete();
    expect(completed.status).toBe(201);
    const { file } = (await completed.json()) as { file: { id: string; checksum: string } };
    const digests = parts.map((part) => createHash("sha256").update(part).digest());
    expect(file.checksum).toBe(`${sha256(Buffer.concat(digests))}-2`);
    const download = await cutty.fetch(`/files/${file.id}/content`, { bearer: ada });
    expect(Buffer.from(await download.arrayBuffer()).equals(Buffer.concat(parts))).toBe(true);
    expect(
      await cutty.rows("SELECT status FROM multipart_uploads WHERE id = ?", upload.id),
    ).toEqual([{ status: "completed" }]);
    expect((await complete()).status).toBe(404);
  });

  it("aborts an upload in parts and frees its room", async () => {
    const created = await cutty.fetch("/uploads", {
      method: "POST",
      bearer: ada,
      json: { filename: "never.bin", sizeBytes: 1000 },
    });
    const { upload } = (await created.json()) as { upload: { id: string; fileId: string } };
    const aborted = await cutty.fetch(`/uploads/${upload.id}`, { method: "DELETE", bearer: ada });
    expect(aborted.status).toBe(204);
    expect(await cutty.rows("SELECT status FROM files WHERE id = ?", upload.fileId)).toEqual([
      { status: "failed" },
    ]);
  });

  it("refuses another user's file, remembers the attempt and alerts (C23)", async () => {
    const id = await cutty.upload(ada, "private.txt", "mine");
    for (const [path, method] of [
      [`/files/${id}`, "GET"],
      [`/files/${id}/content`, "GET"],
      [`/files/${id}`, "DELETE"],
    ] as const) {
      expect((await cutty.fetch(path, { method, bearer: bob })).status).toBe(403);
    }
    expect(
      await cutty.rows(
        "SELECT kind, COUNT(*) AS n FROM security_events WHERE file_id = ? GROUP BY 1",
        id,
      ),
    ).toEqual([{ kind: "access_denied", n: 3 }]);
    expect(await cutty.rows("SELECT name, status FROM open_alerts")).toEqual([
      { name: "Access to another user's file was tried", status: "open" },
    ]);
    expect((await cutty.fetch(`/files/${id}/content`, { bearer: ada })).status).toBe(200);
  });

  it("lets a reader with a permission read, and not delete", async () => {
    const id = await cutty.upload(ada, "shared.txt", "ours");
    const db = await cutty.db();
    await db
      .prepare(
        "INSERT INTO file_permissions (id, file_id, user_id, role) SELECT 'p', ?, id, 'viewer' FROM users WHERE username = 'bob'",
      )
      .bind(id)
      .run();
    expect((await cutty.fetch(`/files/${id}/content`, { bearer: bob })).status).toBe(200);
    expect((await cutty.fetch(`/files/${id}`, { method: "DELETE", bearer: bob })).status).toBe(403);
  });

  it("logs every operation with its outcome and its bytes (C23)", async () => {
    const id = await cutty.upload(ada, "logged.txt", "12345");
    await (await cutty.fetch(`/files/${id}/content`, { bearer: ada })).text();
    await cutty.fetch(`/files/${id}/content`, { bearer: bob });
    const log = await cutty.fetch(`/files/${id}/access-log`, { bearer: ada });
    const { accessLog } = (await log.json()) as { accessLog: unknown[] };
    expect(accessLog).toMatchObject([
      { action: "download", succeeded: 0, statusCode: 403, bytesTransferred: 0 },
      { action: "download", succeeded: 1, statusCode: 200, bytesTransferred: 5 },
      { action: "upload", succeeded: 1, statusCode: 201, bytesTransferred: 5 },
    ]);
  });

  it("refuses content whose SHA-256 is not the announced one, and keeps nothing of it", async () => {
    const response = await cutty.fetch("/files/broken.txt", {
      method: "PUT",
      bearer: ada,
      body: "content",
      headers: { "X-Checksum-Sha256": sha256("other") },
    });
    expect(response.status).toBe(422);
    const [file] = await cutty.rows<{ r2_key: string; status: string }>(
      "SELECT r2_key, status FROM files WHERE filename = 'broken.txt'",
    );
    expect(file?.status).toBe("failed");
    const bucket = await cutty.miniflare.getR2Bucket("FILES", "cutty");
    expect(await bucket.head(file?.r2_key ?? "")).toBeNull();
  });

  it("refuses what is too large, what has no length and what exceeds the quota", async () => {
    const large = Buffer.alloc(UPLOAD_LIMIT + 1);
    const tooLarge = await cutty.fetch("/files/l", { method: "PUT", bearer: ada, body: large });
    expect(tooLarge.status).toBe(413);

    const chunked = await cutty.fetch("/files/c", {
      method: "PUT",
      bearer: ada,
      body: new Blob(["x"]).stream(),
      duplex: "half",
    } as RequestInit);
    expect(chunked.status).toBe(411);

    const key = await cutty.signUp("small");
    const db = await cutty.db();
    await db
      .prepare(
        "UPDATE user_quotas SET max_bytes = 10 WHERE user_id = (SELECT id FROM users WHERE username = 'small')",
      )
      .run();
    await cutty.upload(key, "eight", "12345678");
    const over = await cutty.fetch("/files/three", { method: "PUT", bearer: key, body: "123" });
    expect(over.status).toBe(507);
  });

  it("refuses a missing, a wrong and a revoked API key", async () => {
    expect((await cutty.fetch("/files")).status).toBe(401);
    expect((await cutty.fetch("/files", { bearer: "cutty_wrong" })).status).toBe(401);
    const created = await cutty.fetch("/users/me/api-keys", {
      method: "POST",
      bearer: bob,
      json: { name: "second" },
    });
    const { apiKey } = (await created.json()) as { apiKey: { id: string; key: string } };
    expect((await cutty.fetch("/files", { bearer: apiKey.key })).status).toBe(200);
    await cutty.fetch(`/users/me/api-keys/${apiKey.id}`, { method: "DELETE", bearer: bob });
    expect((await cutty.fetch("/files", { bearer: apiKey.key })).status).toBe(401);
  });

  it("reports its health and its environment", async () => {
    const response = await cutty.fetch("/health");
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: "healthy",
      environment: "staging",
      checks: { database: { ok: true }, bucket: { ok: true } },
    });
  });
});
