import { createHash, randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Hono } from "hono";
import { z } from "zod";
import { ApiError } from "../envelope.ts";
import type { ApiEnv, CloudContext } from "../service.ts";
import { D1_ERROR, type DatabaseDocument } from "./databases.ts";
import { dump, runFile } from "./statements.ts";

/*
 * Export and import of a whole database as SQL text. Both are asynchronous at the vendor: a client
 * starts them and polls. Here the work is done within the first call, whose answer is "complete".
 * @see https://developers.cloudflare.com/api/resources/d1/subresources/database/methods/export/
 */

export const exportBody = z.strictObject({
  output_format: z.literal("polling"),
  current_bookmark: z.string().optional(),
  dump_options: z
    .object({
      no_data: z.boolean().optional(),
      no_schema: z.boolean().optional(),
      tables: z.array(z.string()).optional(),
    })
    .optional(),
});

export const importBody = z.discriminatedUnion("action", [
  z.object({ action: z.literal("init"), etag: z.string() }),
  z.object({ action: z.literal("ingest"), etag: z.string(), filename: z.string() }),
  z.object({ action: z.literal("poll"), current_bookmark: z.string() }),
]);

const FILE_NAME = /^[0-9a-f]{32}\.sql$/;
const MISSING = "The file of this transfer is not there any more. Start the transfer again.";

const newFileName = () => `${randomBytes(16).toString("hex")}.sql`;
const bookmark = (database: DatabaseDocument) => `${database.id}-${randomBytes(8).toString("hex")}`;
const signedUrl = (cloud: CloudContext, name: string) => `${cloud.origin()}/signed/d1/${name}`;
const md5 = (data: Uint8Array) => createHash("md5").update(data).digest("hex");

export async function startExport(
  cloud: CloudContext,
  database: DatabaseDocument,
  { dump_options: options = {} }: z.infer<typeof exportBody>,
) {
  const sql = await dump(cloud, database, {
    noSchema: options.no_schema ?? false,
    noData: options.no_data ?? false,
    tables: options.tables ?? [],
  });
  const name = newFileName();
  await writeFile(join(cloud.scratchDir, name), sql, { mode: 0o600 });
  return {
    success: true,
    type: "export",
    status: "complete",
    at_bookmark: bookmark(database),
    messages: [],
    result: { filename: name, signed_url: signedUrl(cloud, name) },
  };
}

export async function importStep(
  cloud: CloudContext,
  database: DatabaseDocument,
  step: z.infer<typeof importBody>,
) {
  if (step.action === "init") {
    const name = newFileName();
    return { success: true, type: "import", filename: name, upload_url: signedUrl(cloud, name) };
  }
  if (step.action === "poll") {
    throw new ApiError(400, D1_ERROR.invalid, "Not currently importing anything.");
  }
  if (!FILE_NAME.test(step.filename)) throw new ApiError(400, D1_ERROR.invalid, MISSING);
  const file = join(cloud.scratchDir, step.filename);
  const data = await readFile(file).catch(() => {
    throw new ApiError(400, D1_ERROR.invalid, MISSING);
  });
  if (md5(data) !== step.etag.replaceAll('"', "")) {
    throw new ApiError(400, D1_ERROR.invalid, "The uploaded file does not match its etag.");
  }
  const result = await runFile(cloud, database, data.toString("utf8"));
  await rm(file, { force: true });
  const at = bookmark(database);
  return {
    success: true,
    type: "import",
    status: "complete",
    at_bookmark: at,
    messages: [],
    result: { ...result, final_bookmark: at },
  };
}

/** Upload and download by links whose name cannot be guessed, as the vendor's signed URLs. */
export const transferFiles = (cloud: CloudContext): Hono<ApiEnv> =>
  new Hono<ApiEnv>()
    .get("/d1/:name{[0-9a-f]{32}\\.sql}", async (context) => {
      const data = await readFile(join(cloud.scratchDir, context.req.param("name"))).catch(
        () => undefined,
      );
      if (data === undefined) return context.text("NoSuchKey", 404);
      return context.body(data, 200, { "content-type": "application/sql" });
    })
    .put("/d1/:name{[0-9a-f]{32}\\.sql}", async (context) => {
      const data = new Uint8Array(await context.req.arrayBuffer());
      await writeFile(join(cloud.scratchDir, context.req.param("name")), data, { mode: 0o600 });
      return context.body(null, 200, { etag: `"${md5(data)}"` });
    });
