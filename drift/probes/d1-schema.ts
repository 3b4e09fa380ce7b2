/** Whether each D1 database has the schema that its migrations make. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { ResourceFact } from "../../isolation/facts.ts";
import { CHECKSUM_TABLE, LIST_CHECKSUMS } from "../../providers/bulkhead/migration-sql.ts";
import type { Difference, PropertyChange } from "../finding.ts";
import type { CloudflareAccess } from "../vendors/accounts.ts";
import { found, isThere, listed, lookAtEach, mapsAt, ownOf, textAt } from "./facts.ts";
import type { Probe, ProbeInput } from "./probe.ts";
import {
  SCHEMA_QUERY,
  type SchemaObject,
  type SchemaRow,
  schemaOf,
  schemaOfRows,
} from "./sqlite-schema.ts";

interface Migration {
  readonly name: string;
  readonly sha256: string;
}

export const d1Schema: Probe = {
  name: "d1-schema",
  looksAt: "the schemas of the D1 databases",
  async run(input) {
    const migrations = ownOf(input, "bulkhead:d1:Migrations").filter((each) =>
      isThere(input, each),
    );
    if (migrations.length === 0) return [];
    const { cloudflare } = await input.accounts();
    if (cloudflare === undefined) return [];
    return lookAtEach(migrations, (each) => schemaDifferences(each, cloudflare, input));
  },
};

async function schemaDifferences(
  migrations: ResourceFact,
  access: CloudflareAccess,
  input: ProbeInput,
): Promise<readonly Difference[]> {
  const databaseId = textAt(migrations.outputs, "databaseId") ?? migrations.id ?? "";
  const files = mapsAt(migrations.inputs, "files").map((file) => ({
    name: textAt(file, "name") ?? "",
    sha256: textAt(file, "sha256") ?? "",
  }));
  const directory = textAt(migrations.inputs, "directory") ?? "";
  const folder = resolve(input.preview.project.root, directory);
  const expected = schemaOf(await Promise.all(files.map((file) => sqlOf(folder, file))));
  const rows = (await query(access, databaseId, SCHEMA_QUERY)) as unknown as SchemaRow[];
  const live = schemaOfRows(rows);
  const hasChecksums = rows.some(({ name }) => name === CHECKSUM_TABLE);
  const recorded = hasChecksums ? await query(access, databaseId, LIST_CHECKSUMS) : [];
  return [
    ...compare(expected, live).map((difference) => schemaFinding(migrations, difference, input)),
    ...changedFiles(migrations, files, recorded),
  ];
}

/** The file as it was applied; another text would make another schema. */
async function sqlOf(folder: string, { name, sha256 }: Migration): Promise<string> {
  const bytes = await readFile(resolve(folder, name)).catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      `The migration ${name} cannot be read (${error.code}), so that nobody can tell what it makes.`,
    );
  });
  if (createHash("sha256").update(bytes).digest("hex") !== sha256)
    throw new Error(
      `The migration ${name} is not the file that was applied, so that nobody can tell what it made.`,
    );
  return bytes.toString("utf8");
}

async function query(
  { client, accountId: account_id }: CloudflareAccess,
  databaseId: string,
  sql: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const page = await client.d1.database.query(databaseId, { account_id, sql });
  return (page.result[0]?.results ?? []) as Readonly<Record<string, unknown>>[];
}

/** One object that is not as the migrations make it. */
export interface SchemaDifference {
  readonly type: string;
  readonly name: string;
  /** What is wrong, after "the table users". */
  readonly what: string;
  /** Paths within the object, with one spelling of what was and what is. */
  readonly parts: readonly {
    readonly path: string;
    readonly before?: string;
    readonly after?: string;
  }[];
}

/** What differs; what belongs to a table that is gone or added is not told once more. */
export function compare(
  expected: readonly SchemaObject[],
  live: readonly SchemaObject[],
): SchemaDifference[] {
  const [was, is] = [byName(expected), byName(live)];
  const differences: SchemaDifference[] = [];
  for (const [key, object] of was) {
    const now = is.get(key);
    if (now === undefined) {
      if (object.table === object.name || is.has(`table ${object.table.toLowerCase()}`))
        differences.push({
          ...nameOf(object),
          what: "is gone",
          parts: [{ path: "definition", before: object.definition }],
        });
    } else if (now.definition !== object.definition) {
      differences.push({ ...nameOf(object), ...changeOf(object, now) });
    }
  }
  for (const [key, object] of is) {
    if (was.has(key)) continue;
    if (object.table === object.name || was.has(`table ${object.table.toLowerCase()}`))
      differences.push({
        ...nameOf(object),
        what: "is made by no migration",
        parts: [{ path: "definition", after: object.definition }],
      });
  }
  return differences;
}

const nameOf = ({ type, name }: SchemaObject) => ({ type, name });

/** SQLite's names are the same in any case. */
const byName = (objects: readonly SchemaObject[]): Map<string, SchemaObject> =>
  new Map(objects.map((each) => [`${each.type} ${each.name.toLowerCase()}`, each]));

function changeOf(was: SchemaObject, is: SchemaObject): Pick<SchemaDifference, "what" | "parts"> {
  const names = [...new Set([...Object.keys(was.columns), ...Object.keys(is.columns)])];
  const changed = names.filter((name) => was.columns[name] !== is.columns[name]);
  if (changed.length === 0 || Object.keys(is.columns).length === 0)
    return {
      what: "has another definition than the migrations make",
      parts: [{ path: "definition", before: was.definition, after: is.definition }],
    };
  const said = (has: string, of: readonly string[]) =>
    of.length === 0 ? [] : [`${has} ${listed(of)}`];
  const gone = changed.filter((name) => is.columns[name] === undefined);
  const added = changed.filter((name) => was.columns[name] === undefined);
  const other = changed.filter((name) => !gone.includes(name) && !added.includes(name));
  return {
    what: `is not as the migrations make it: ${[
      ...said("it lacks the column", gone),
      ...said("it has the further column", added),
      ...said("it has another type or constraint of", other),
    ].join("; ")}`,
    parts: changed.map((name) => ({
      path: `columns[${name}]`,
      ...(was.columns[name] === undefined ? {} : { before: was.columns[name] }),
      ...(is.columns[name] === undefined ? {} : { after: is.columns[name] }),
    })),
  };
}

function schemaFinding(
  migrations: ResourceFact,
  { type, name, what, parts }: SchemaDifference,
  { redactor }: ProbeInput,
): Difference {
  const place = `${type} ${name}`;
  const changes = parts.map(
    ({ path, before, after }): PropertyChange => ({
      path: `${place}.${path}`,
      before: redactor.show(before, path),
      after: redactor.show(after, path),
    }),
  );
  const message = `In the database of ${migrations.name} the ${place} ${what}.`;
  return found("schema", migrations, message, { changes, key: place });
}

/** Files that the database has on record as others than the stack. */
function changedFiles(
  migrations: ResourceFact,
  files: readonly Migration[],
  recorded: readonly Readonly<Record<string, unknown>>[],
): Difference[] {
  const sums = new Map(recorded.map(({ name, sha256 }) => [name, sha256]));
  const others = files
    .filter(({ name, sha256 }) => sums.has(name) && sums.get(name) !== sha256)
    .map(({ name }) => name);
  if (others.length === 0) return [];
  const message = `The database of ${migrations.name} has another ${listed(others)} on record than the stack has applied.`;
  return [found("schema", migrations, message, { key: "checksums" })];
}
