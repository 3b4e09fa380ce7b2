import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type Document, NameTakenError } from "../../store/document-store.ts";
import { ApiError } from "../envelope.ts";
import type { CloudContext } from "../service.ts";

/** Error codes of the D1 API. */
export const D1_ERROR = { invalid: 7400, notFound: 7404, sql: 7500, nameTaken: 7502 } as const;

const readReplication = z.strictObject({ mode: z.enum(["auto", "disabled"]) });

export const createDatabaseBody = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, hyphens or underscores"),
  primary_location_hint: z.enum(["wnam", "enam", "weur", "eeur", "apac", "oc"]).optional(),
  jurisdiction: z.enum(["eu", "fedramp", "us"]).nullish(),
  read_replication: readReplication.optional(),
});
export const updateDatabaseBody = z.strictObject({ read_replication: readReplication.optional() });

export interface DatabaseBody {
  readonly locationHint: string | null;
  readonly jurisdiction: string | null;
  readonly readReplication: z.infer<typeof readReplication>;
  /** Whether any statement was ever run; before that the engine has no file for it. */
  readonly used: boolean;
}

export type DatabaseDocument = Document<DatabaseBody>;

/** The region of a database without a location hint. */
const DEFAULT_REGION = "ENAM";
/** What the engine reports for a database without a table. */
const EMPTY_DATABASE_BYTES = 4096;

export const databasesOf = ({ store }: CloudContext) => store.collection<DatabaseBody>("d1");

/** The database with that id or that name: the vendor takes both in a path. */
export function requireDatabase(
  cloud: CloudContext,
  accountId: string,
  idOrName: string,
): DatabaseDocument {
  const databases = databasesOf(cloud);
  const database = databases.get(accountId, idOrName) ?? databases.byName(accountId, idOrName);
  if (database === undefined) {
    throw new ApiError(404, D1_ERROR.notFound, `The database ${idOrName} could not be found`);
  }
  return database;
}

export function createDatabase(
  cloud: CloudContext,
  accountId: string,
  request: z.infer<typeof createDatabaseBody>,
): DatabaseDocument {
  try {
    return databasesOf(cloud).insert(accountId, {
      id: randomUUID(),
      name: request.name,
      body: {
        locationHint: request.primary_location_hint ?? null,
        jurisdiction: request.jurisdiction ?? null,
        readReplication: request.read_replication ?? { mode: "disabled" },
        used: false,
      },
    });
  } catch (error) {
    if (error instanceof NameTakenError) {
      throw new ApiError(
        400,
        D1_ERROR.nameTaken,
        `Database with name '${request.name}' already exists`,
      );
    }
    throw error;
  }
}

/** The database as lists show it. */
export const databaseSummary = ({ id, name, createdAt, body }: DatabaseDocument) => ({
  uuid: id,
  name,
  version: "production",
  created_at: createdAt,
  jurisdiction: body.jurisdiction,
});

/** The database with its size in bytes and its count of tables, asked of the engine. */
export async function describeDatabase(cloud: CloudContext, database: DatabaseDocument) {
  const { fileSize, tables } = database.body.used
    ? await measure(cloud, database)
    : { fileSize: EMPTY_DATABASE_BYTES, tables: 0 };
  return {
    ...databaseSummary(database),
    file_size: fileSize,
    num_tables: tables,
    running_in_region: (database.body.locationHint ?? DEFAULT_REGION).toUpperCase(),
    read_replication: database.body.readReplication,
  };
}

async function measure(cloud: CloudContext, { account, id }: DatabaseDocument) {
  const { results, meta } = await cloud.runtimes.of(account).database(id, (database) =>
    database
      .prepare(
        String.raw`SELECT count(*) AS tables FROM sqlite_master
         WHERE type = 'table' AND name NOT LIKE '\_cf\_%' ESCAPE '\' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`,
      )
      .all<{ tables: number }>(),
  );
  return { fileSize: meta.size_after, tables: results[0]?.tables ?? 0 };
}
