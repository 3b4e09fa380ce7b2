/** What a database really has of its layout. */
import type { Client } from "pg";
import {
  type ExistingRole,
  grantedSchemas,
  type Layout,
  PRIVILEGES,
  type Privilege,
  type RoleLayout,
} from "./layout.ts";
import type { Thing } from "./mark.ts";
import { type UndeclaredRight, undeclaredRights } from "./rights.ts";

/**
 * What was found of a layout: only the schemas, extensions and roles that are there, each role with its
 * real level; and what is there beyond it.
 */
export interface Observed extends Pick<Layout, "schemas" | "extensions" | "roles"> {
  /** Null when there is none, as a program leaves it out. */
  readonly undeclaredRights: readonly UndeclaredRight[] | null;
  readonly undeclaredSchemas: readonly string[];
  readonly undeclaredExtensions: readonly string[];
}

/** Without PostgreSQL's own, and `public`, which every database has. */
const SCHEMAS = `SELECT nspname AS name FROM pg_namespace
  WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public') ORDER BY 1`;
/** Without the one that every database has. */
const EXTENSIONS = "SELECT extname AS name FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1";

/** For each schema the rights that the role has on it and would have on new tables of the administrator's. */
const RIGHTS = `
  SELECT has_schema_privilege(r.oid, n.oid, 'USAGE') AS usage,
         has_schema_privilege(r.oid, n.oid, 'CREATE') AS "create",
         (SELECT array_agg(a.privilege_type)
            FROM pg_default_acl d, aclexplode(d.defaclacl) a
           WHERE d.defaclnamespace = n.oid AND d.defaclobjtype = 'r' AND a.grantee = r.oid
         )::text[] AS rights,
         has_database_privilege(r.oid, current_database(), 'CONNECT') AS connect,
         r.rolcanlogin AS "canLogIn", r.rolconnlimit AS "connectionLimit"
    FROM pg_roles r, pg_namespace n
   WHERE r.rolname = $1 AND n.nspname = ANY ($2)`;

interface Rights {
  readonly usage: boolean;
  readonly create: boolean;
  readonly rights: readonly string[] | null;
  readonly connect: boolean;
  readonly canLogIn: boolean;
  readonly connectionLimit: number;
}

/** Reads what is there of `layout` and beyond it, connected to its database. */
export async function observe(client: Client, layout: Layout): Promise<Observed> {
  const schemas = await names(client, SCHEMAS);
  const extensions = await names(client, EXTENSIONS);
  const rights = await undeclaredRights(client, layout);
  const roles: RoleLayout[] = [];
  for (const role of layout.roles) {
    const { rows } = await client.query<Rights>(RIGHTS, [role.name, grantedSchemas(layout)]);
    const found = roleAsFound(role, rows);
    if (found !== undefined) roles.push(found);
  }
  return {
    // A declaration's own order, so that it is no change.
    schemas: layout.schemas.filter((each) => each === "public" || schemas.includes(each)),
    extensions: layout.extensions.filter((each) => each === "plpgsql" || extensions.includes(each)),
    roles,
    undeclaredRights:
      rights.length === 0 ? null : rights.map(({ role, right, on }) => ({ role, right, on })),
    undeclaredSchemas: schemas.filter((each) => !layout.schemas.includes(each)),
    undeclaredExtensions: extensions.filter((each) => !layout.extensions.includes(each)),
  };
}

/** Undefined for a role that has less than the lowest level, or can no longer log in though it was made to. */
function roleAsFound(
  { connectionLimit: _declared, ...role }: RoleLayout,
  rows: readonly Rights[],
): RoleLayout | undefined {
  const privileges = weakest(rows);
  const [first] = rows;
  if (privileges === undefined || first === undefined) return undefined;
  if (role.password !== undefined && !first.canLogIn) return undefined;
  const { connectionLimit } = first;
  return { ...role, privileges, ...(connectionLimit === -1 ? {} : { connectionLimit }) };
}

/** The schemas that the database has, `public` and those of PostgreSQL included. */
export async function existingSchemas(client: Client): Promise<Set<string>> {
  return new Set(await names(client, "SELECT nspname AS name FROM pg_namespace"));
}

/** The roles that the server has, by name. */
export async function existingRoles(client: Client): Promise<Map<string, Thing & ExistingRole>> {
  const { rows } = await client.query<{ name: string; comment: string | null; limit: number }>(
    `SELECT rolname AS name, shobj_description(oid, 'pg_authid') AS comment, rolconnlimit AS "limit"
       FROM pg_roles`,
  );
  return new Map(
    rows.map(({ name, comment, limit }) => [
      name,
      { kind: "role", name, comment: comment ?? undefined, connectionLimit: limit },
    ]),
  );
}

/** A database of the server; undefined where it has none of that name. */
export async function existingDatabase(client: Client, name: string): Promise<Thing | undefined> {
  const { rows } = await client.query<{ comment: string | null }>(
    "SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = $1",
    [name],
  );
  const [row] = rows;
  return row && { kind: "database", name, comment: row.comment ?? undefined };
}

async function names(client: Client, query: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(query);
  return rows.map((row) => row.name);
}

/** The level that the role has in all schemas; undefined where it has not even the lowest in one. */
function weakest(rows: readonly Rights[]): Privilege | undefined {
  const levels = rows.map(levelOf);
  if (levels.length === 0 || levels.includes(-1)) return undefined;
  return PRIVILEGES[Math.min(...levels)];
}

function levelOf({ usage, create, rights, connect }: Rights): number {
  if (!usage || !connect || !rights?.includes("SELECT")) return -1;
  if (!["INSERT", "UPDATE", "DELETE"].every((right) => rights.includes(right))) return 0;
  return create ? 2 : 1;
}
