/** What a database really has of its layout. */
import type { Client } from "pg";
import { grantedSchemas, type Layout, PRIVILEGES, type Privilege } from "./layout.ts";

/** What was found of a layout: only the schemas, extensions and roles that are there, each role with its real level. */
export type Observed = Pick<Layout, "schemas" | "extensions" | "roles">;

const SCHEMAS = "SELECT nspname AS name FROM pg_namespace";
const EXTENSIONS = "SELECT extname AS name FROM pg_extension";

/** For each schema the rights that the role has on it and would have on new tables of the administrator's. */
const RIGHTS = `
  SELECT has_schema_privilege(r.oid, n.oid, 'USAGE') AS usage,
         has_schema_privilege(r.oid, n.oid, 'CREATE') AS "create",
         (SELECT array_agg(a.privilege_type)
            FROM pg_default_acl d, aclexplode(d.defaclacl) a
           WHERE d.defaclnamespace = n.oid AND d.defaclobjtype = 'r' AND a.grantee = r.oid
         )::text[] AS rights,
         has_database_privilege(r.oid, current_database(), 'CONNECT') AS connect
    FROM pg_roles r, pg_namespace n
   WHERE r.rolname = $1 AND n.nspname = ANY ($2)`;

interface Rights {
  readonly usage: boolean;
  readonly create: boolean;
  readonly rights: readonly string[] | null;
  readonly connect: boolean;
}

/** Reads what is there of `layout`, connected to its database. */
export async function observe(client: Client, layout: Layout): Promise<Observed> {
  const schemas = new Set(await names(client, SCHEMAS));
  const extensions = new Set(await names(client, EXTENSIONS));
  const roles: Layout["roles"][number][] = [];
  for (const role of layout.roles) {
    const { rows } = await client.query<Rights>(RIGHTS, [role.name, grantedSchemas(layout)]);
    const level = weakest(rows);
    if (level !== undefined) roles.push({ ...role, privileges: level });
  }
  return {
    schemas: layout.schemas.filter((each) => schemas.has(each)),
    extensions: layout.extensions.filter((each) => extensions.has(each)),
    roles,
  };
}

/** The roles that the server has. */
export async function existingRoles(client: Client): Promise<Set<string>> {
  return new Set(await names(client, "SELECT rolname AS name FROM pg_roles"));
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
