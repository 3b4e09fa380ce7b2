import { createHash, randomBytes } from "node:crypto";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { ApiError } from "../envelope.ts";
import type { ApiEnv, CloudContext } from "../service.ts";
import { D1_ERROR, type DatabaseDocument } from "./databases.ts";
import { dump, runFile } from "./statements.ts";
import { TransferFiles } from "./transfer-files.ts";

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

/** An import is run as one text, so it must fit into memory; the vendor takes 5 GB. */
const MAX_IMPORT_BYTES = 256 * 1024 * 1024;
const MISSING = "The file of this transfer is not there any more. Start the transfer again.";

const bookmark = (database: DatabaseDocument) => `${database.id}-${randomBytes(8).toString("hex")}`;
const signedUrl = (cloud: CloudContext, name: string) => `${cloud.origin()}/signed/d1/${name}`;
const exportsOf = ({ scratchDir }: CloudContext) => new TransferFiles(scratchDir, "export");
const importsOf = ({ scratchDir }: CloudContext) => new TransferFiles(scratchDir, "import");
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
  const name = await exportsOf(cloud).issue(sql);
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
    const name = await importsOf(cloud).issue();
    return { success: true, type: "import", filename: name, upload_url: signedUrl(cloud, name) };
  }
  if (step.action === "poll") {
    throw new ApiError(400, D1_ERROR.invalid, "Not currently importing anything.");
  }
  const data = await importsOf(cloud).read(step.filename);
  if (data === undefined) throw new ApiError(400, D1_ERROR.invalid, MISSING);
  if (md5(data) !== step.etag.replaceAll('"', "")) {
    throw new ApiError(400, D1_ERROR.invalid, "The uploaded file does not match its etag.");
  }
  const result = await runFile(cloud, database, data.toString("utf8"));
  await importsOf(cloud).remove(step.filename);
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

/**
 * Upload and download by links whose name cannot be guessed, as the vendor's signed URLs. A link
 * serves the one purpose it was issued for; a download ends it, an upload's ingestion does.
 */
export const transferLinks = (cloud: CloudContext): Hono<ApiEnv> =>
  new Hono<ApiEnv>()
    .get("/d1/:name", async (context) => {
      const name = context.req.param("name");
      const data = await exportsOf(cloud).read(name);
      if (data === undefined) return context.text("NoSuchKey", 404);
      await exportsOf(cloud).remove(name);
      return context.body(new Uint8Array(data), 200, { "content-type": "application/sql" });
    })
    .put(
      "/d1/:name",
      async (context, next) =>
        (await importsOf(cloud).isOpen(context.req.param("name")))
          ? next()
          : context.text("AccessDenied", 403),
      bodyLimit({
        maxSize: MAX_IMPORT_BYTES,
        onError: (context) => context.text("EntityTooLarge", 413),
      }),
      async (context) => {
        const data = new Uint8Array(await context.req.arrayBuffer());
        await importsOf(cloud).write(context.req.param("name"), data);
        return context.body(null, 200, { etag: `"${md5(data)}"` });
      },
    );
