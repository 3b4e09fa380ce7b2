import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningCutty, startCutty } from "./running-cutty.ts";

const MEBIBYTE = 1024 * 1024;
const PART = Buffer.alloc(5 * MEBIBYTE, "x");

let cutty: RunningCutty;
let ada: string;

beforeAll(async () => {
  cutty = await startCutty();
  ada = await cutty.signUp("ada");
});

afterAll(() => cutty.stop());

const complete = (upload: string) =>
  cutty.fetch(`/uploads/${upload}/complete`, { method: "POST", bearer: ada });

/** Lets one write of the database fail while `work` runs. */
async function whileFailing(write: string, work: () => Promise<void>): Promise<void> {
  const db = await cutty.db();
  await db
    .prepare(`CREATE TRIGGER fault BEFORE ${write} BEGIN SELECT RAISE(ABORT, 'injected'); END`)
    .run();
  try {
    await work();
  } finally {
    await db.prepare("DROP TRIGGER fault").run();
  }
}

describe("cutty's uploads in parts", () => {
  it("never hold more than they announced, and so no more than the quota", async () => {
    const upload = await cutty.startUpload(ada, 10);
    const send = (number: number, length: number) =>
      cutty.sendPart(ada, upload, number, Buffer.alloc(length, "x"));
    expect((await send(1, 11)).status).toBe(413);
    expect((await send(1, 6)).status).toBe(200);
    expect((await send(2, 5)).status).toBe(413);
    expect((await send(1, 8)).status).toBe(200);
    expect((await send(2, 2)).status).toBe(200);
    expect((await send(1, 9)).status).toBe(413);
  });

  it("hold no more when the parts are sent at once", async () => {
    const upload = await cutty.startUpload(ada, 10);
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map((number) => cutty.sendPart(ada, upload, number, Buffer.alloc(4, "x"))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 413, 413, 413]);
  });

  it("give back the room of a part that could not be stored", async () => {
    const upload = await cutty.startUpload(ada, 10);
    const db = await cutty.db();
    const point = (at: string) =>
      db
        .prepare("UPDATE multipart_uploads SET r2_upload_id = ?2 || r2_upload_id WHERE id = ?1")
        .bind(upload, at)
        .run();
    await point("wrong");
    expect((await cutty.sendPart(ada, upload, 1, Buffer.alloc(10))).status).toBe(502);
    expect(
      await cutty.rows("SELECT * FROM multipart_upload_parts WHERE upload_id = ?", upload),
    ).toEqual([]);
  });

  it("are finished by a second request when the first stopped after R2 had the object", async () => {
    const upload = await cutty.startUpload(ada, PART.length);
    await cutty.sendPart(ada, upload, 1, PART);
    await whileFailing("UPDATE ON files WHEN NEW.status = 'completed'", async () => {
      expect((await complete(upload)).status).toBe(500);
    });
    // No part can be changed any more, and the object must not be lost by an abort.
    expect((await cutty.sendPart(ada, upload, 1, PART)).status).toBe(409);
    const abort = await cutty.fetch(`/uploads/${upload}`, { method: "DELETE", bearer: ada });
    expect(abort.status).toBe(409);

    const finished = await complete(upload);
    expect(finished.status).toBe(201);
    const { file } = (await finished.json()) as { file: { id: string } };
    const download = await cutty.fetch(`/files/${file.id}/content`, { bearer: ada });
    expect(Buffer.from(await download.arrayBuffer()).equals(PART)).toBe(true);
    expect((await complete(upload)).status).toBe(404);
  });

  it("can be corrected when R2 refuses the parts", async () => {
    const upload = await cutty.startUpload(ada, 2);
    // R2 wants 5 MiB in every part but the last.
    await cutty.sendPart(ada, upload, 1, Buffer.from("a"));
    await cutty.sendPart(ada, upload, 2, Buffer.from("b"));
    expect((await complete(upload)).status).toBe(422);
    const abort = await cutty.fetch(`/uploads/${upload}`, { method: "DELETE", bearer: ada });
    expect(abort.status).toBe(204);
  });

  it("free the reserved room at once when they cannot be started", async () => {
    await whileFailing("INSERT ON multipart_uploads", async () => {
      const response = await cutty.fetch("/uploads", {
        method: "POST",
        bearer: ada,
        json: { filename: "unstarted.bin", sizeBytes: 1000 },
      });
      expect(response.status).toBe(502);
    });
    expect(await cutty.rows("SELECT status FROM files WHERE filename = 'unstarted.bin'")).toEqual([
      { status: "failed" },
    ]);
  });

  it.each(["0x1", "1e0", "0", "10001", "1.0", "-1"])("have no part %s", async (number) => {
    const upload = await cutty.startUpload(ada, 1);
    expect((await cutty.sendPart(ada, upload, number, Buffer.from("a"))).status).toBe(400);
  });

  it.each([
    ["text/csv; charset=utf-8", "text/csv; charset=utf-8"],
    ["text/csv; a=\u0000", "application/octet-stream"],
    ["text/csv; a=é", "application/octet-stream"],
  ])("keep a media type %j that can be a header", async (declared, kept) => {
    const upload = await cutty.startUpload(ada, 1, declared);
    const [row] = await cutty.rows(
      "SELECT mime_type FROM files JOIN multipart_uploads ON file_id = files.id WHERE multipart_uploads.id = ?",
      upload,
    );
    expect(row).toEqual({ mime_type: kept });
  });
});
