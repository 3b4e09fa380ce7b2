import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { APIError } from "cloudflare/error";
import { orMissing } from "../cloudflare-api/fault.ts";
import { defineResource } from "../sdk/definition.ts";
import { ProviderError } from "../sdk/fault.ts";
import type { BulkheadClient } from "./client.ts";
import { changedSince, checkMigrations, type MigrationFile, pendingOf } from "./migration-rules.ts";
import {
  applyAndRecord,
  CREATE_TABLES,
  FIND_TRACKING_TABLE,
  LIST_CHECKSUMS,
  LIST_RECORDED,
} from "./migration-sql.ts";

/** A database in an account. */
interface Target {
  readonly accountId: string;
  readonly databaseId: string;
}

/** `bulkhead:d1:Migrations`: applies migration files in order, once, recorded as wrangler does. */
export const d1Migrations = defineResource<BulkheadClient>()({
  token: "bulkhead:d1:Migrations",
  title: "set of D1 migrations",
  doc: "Migrations of a D1 database, applied in order through the API and recorded in d1_migrations as wrangler records them. https://developers.cloudflare.com/d1/reference/migrations/",
  identity: ["accountId", "databaseId"],
  properties: {
    accountId: { type: "string", mode: "required", replace: true, doc: "Account identifier tag." },
    databaseId: { type: "string", mode: "required", replace: true, doc: "D1 database identifier." },
    directory: {
      type: "string",
      mode: "required",
      silent: true,
      doc: "Folder of the files, absolute or relative to the program's folder.",
    },
    files: {
      type: {
        array: {
          object: {
            name: { type: "string", mode: "required", doc: "File name, ending in .sql." },
            sha256: { type: "string", mode: "required", doc: "SHA-256 of the file, hex." },
          },
        },
      },
      mode: "required",
      doc: "The migrations in the order in which they are applied.",
    },
    applied: {
      type: { array: "string" },
      mode: "output",
      volatile: true,
      doc: "Names recorded in the database, oldest first.",
    },
    lastApplied: {
      type: "string",
      mode: "output",
      volatile: true,
      doc: "The name recorded last.",
    },
  },
  validate: checkMigrations,
  async create({ client }, inputs) {
    return { id: inputs.databaseId, state: await migrate(client, inputs) };
  },
  async read({ client }, id, { inputs, state }) {
    const target = { accountId: state.accountId ?? "", databaseId: id };
    const recorded = await orMissing(listRecorded(client, target));
    if (recorded === undefined) return undefined;
    // A file whose record is gone drops out of the inputs, so that the next `up` applies it.
    const files = (inputs?.files ?? []).filter((file) => recorded.includes(file.name));
    return { id, state: { files, ...outputs(recorded) } };
  },
  update: ({ client }, _id, inputs) => migrate(client, inputs),
  // The data belongs to the database, which goes or stays by itself.
  async delete() {},
});

/**
 * Applies what is not recorded yet, unless a recorded file has changed. May be repeated: a query
 * whose answer was lost has done all, the migration and its records, or nothing.
 */
async function migrate(
  client: BulkheadClient,
  inputs: Target & { readonly directory: string; readonly files: readonly MigrationFile[] },
) {
  const contents = await readFiles(inputs.directory, inputs.files);
  await query(client, inputs, CREATE_TABLES);
  const recorded = await listRecorded(client, inputs);
  const changed = changedSince(contents, recorded, await listChecksums(client, inputs));
  if (changed !== undefined) throw new ProviderError(changed);
  for (const { name, sql, sha256 } of pendingOf(contents, recorded)) {
    try {
      await query(client, inputs, applyAndRecord(name, sql, sha256));
    } catch (error) {
      throw explainFailure(name, inputs.databaseId, error);
    }
    recorded.push(name);
  }
  return outputs(recorded);
}

/** Reads and verifies every file before the first statement runs. */
async function readFiles(directory: string, files: readonly MigrationFile[]) {
  return Promise.all(
    files.map(async ({ name, sha256 }) => {
      const path = resolve(directory, name);
      const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
        throw new ProviderError(
          `The migration ${path} cannot be read (${error.code}). Restore the file, or correct the directory.`,
        );
      });
      if (createHash("sha256").update(bytes).digest("hex") !== sha256)
        throw new ProviderError(
          `The migration ${path} changed while the deployment ran. Run \`pulumi up\` again.`,
        );
      return { name, sha256, sql: bytes.toString("utf8") };
    }),
  );
}

async function listRecorded(client: BulkheadClient, target: Target): Promise<string[]> {
  const table = await query(client, target, FIND_TRACKING_TABLE);
  if (table.length === 0) return [];
  const rows = await query(client, target, LIST_RECORDED);
  return rows.flatMap((row) => (typeof row.name === "string" ? [row.name] : []));
}

async function listChecksums(
  client: BulkheadClient,
  target: Target,
): Promise<ReadonlyMap<string, string>> {
  const rows = await query(client, target, LIST_CHECKSUMS);
  return new Map(rows.map(({ name, sha256 }) => [String(name), String(sha256)]));
}

/** Runs SQL and gives the first statement's rows. */
async function query(
  client: BulkheadClient,
  target: Target,
  sql: string,
): Promise<{ readonly [column: string]: unknown }[]> {
  const params = { account_id: target.accountId, sql };
  const { d1 } = await client.cloudflare();
  const page = await d1.database.query(target.databaseId, params);
  return (page.result[0]?.results ?? []) as { [column: string]: unknown }[];
}

/** The vendor's refusal of a statement names the file; a silence is left for the caller to retry (T24). */
function explainFailure(name: string, databaseId: string, error: unknown): unknown {
  if (!(error instanceof APIError) || error.status !== 400) return error;
  const said = error.errors.map((each) => `${each.message} (code ${each.code})`).join("; ");
  return new ProviderError(
    `The migration ${name} failed on the D1 database ${databaseId}: ${said}. Nothing of it is recorded; correct the file and run \`pulumi up\` again.`,
    { cause: error },
  );
}

function outputs(recorded: readonly string[]) {
  return { applied: recorded, lastApplied: recorded.at(-1) };
}
