/** Rights in a database that nobody has declared. */
import { type Client, escapeIdentifier as ident } from "pg";
import { grantedSchemas, type Layout, type RoleLayout, rightsOf } from "./layout.ts";
import { isReservedName } from "./reserved.ts";

/** One right beyond the layout: `{ role: "PUBLIC", right: "USAGE", on: "schema config" }`. */
export interface UndeclaredRight {
  readonly role: string;
  readonly right: string;
  /**
   * `database`, `server`, `schema config`, `table config.flags`, `column config.flags.id`,
   * `new tables in config`, `role app`.
   */
  readonly on: string;
}

/** The same with the statement that takes it away. */
export interface FoundRight extends UndeclaredRight {
  readonly undo: string;
}

type ObjectKind =
  | "database"
  | "schema"
  | "table"
  | "sequence"
  | "column"
  | "new tables"
  | "new sequences";

interface Grant {
  readonly kind: ObjectKind;
  /** Null for the database and for new objects of any schema. */
  readonly schema: string | null;
  readonly name: string;
  /** Of the table of that name; null where the grant is on more than a column. */
  readonly column: string | null;
  /** Null for PUBLIC. */
  readonly role: string | null;
  readonly right: string;
  readonly grantable: boolean;
}

/** Namespaces that are PostgreSQL's or an extension's. */
const OWN_SCHEMAS = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend p WHERE p.classid = 'pg_namespace'::regclass
                   AND p.objid = n.oid AND p.deptype = 'e')`;

/**
 * Every right that somebody was given on the database, on its schemas, on the tables, columns and sequences
 * that the administrator has the rights of, and on those that it will make. Functions and types are not
 * looked at. Owners, superusers and the administrator itself are left out, since they need no grant.
 */
const GRANTS = `
  WITH relations AS (
    SELECT c.oid, n.nspname, c.relname, c.relkind, c.relowner, c.relacl
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE ${OWN_SCHEMAS} AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
       AND pg_has_role(c.relowner, 'USAGE')
       AND NOT EXISTS (SELECT FROM pg_depend p WHERE p.classid = 'pg_class'::regclass
                        AND p.objid = c.oid AND p.deptype = 'e')
  )
  SELECT g.kind, g.schema, g.name, g."column", r.rolname AS role, (g.acl).privilege_type AS "right",
         (g.acl).is_grantable AS grantable
    FROM (
      SELECT 'database' AS kind, NULL::name AS schema, datname AS name, NULL::name AS "column",
             datdba AS owner, aclexplode(coalesce(datacl, acldefault('d', datdba))) AS acl
        FROM pg_database WHERE datname = current_database()
      UNION ALL
      SELECT 'schema', n.nspname, n.nspname, NULL, n.nspowner,
             aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner)))
        FROM pg_namespace n WHERE ${OWN_SCHEMAS}
      UNION ALL
      SELECT CASE relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, nspname, relname, NULL, relowner,
             aclexplode(relacl)
        FROM relations
      UNION ALL
      SELECT 'column', nspname, relname, a.attname, relowner, aclexplode(a.attacl)
        FROM relations JOIN pg_attribute a ON a.attrelid = relations.oid AND NOT a.attisdropped
      UNION ALL
      SELECT CASE d.defaclobjtype WHEN 'S' THEN 'new sequences' ELSE 'new tables' END, n.nspname,
             n.nspname, NULL, d.defaclrole, aclexplode(d.defaclacl)
        FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
       WHERE d.defaclobjtype IN ('r', 'S') AND d.defaclrole = quote_ident(current_user)::regrole
    ) g LEFT JOIN pg_roles r ON r.oid = (g.acl).grantee
   WHERE (g.acl).grantee <> g.owner AND (r.rolname IS NULL OR NOT r.rolsuper)
     AND r.rolname IS DISTINCT FROM current_user
   ORDER BY g.kind, g.schema, g.name, g."column", role, "right"`;

/** Attributes of roles, by the words of ALTER ROLE. */
const ATTRIBUTES = {
  rolsuper: "SUPERUSER",
  rolcreaterole: "CREATEROLE",
  rolcreatedb: "CREATEDB",
  rolreplication: "REPLICATION",
  rolbypassrls: "BYPASSRLS",
} as const;
type Attribute = keyof typeof ATTRIBUTES;

const ROLES = `
  SELECT rolname AS name, ${Object.keys(ATTRIBUTES).join(", ")}
    FROM pg_roles WHERE rolname = ANY ($1) ORDER BY rolname`;

/** Roles that a declared one is a member of, and members of a declared one. */
const MEMBERSHIPS = `
  SELECT o.rolname AS of, m.rolname AS member, g.rolname AS grantor
    FROM pg_auth_members a JOIN pg_roles o ON o.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
    JOIN pg_roles g ON g.oid = a.grantor
   WHERE m.rolname = ANY ($1)
      OR (o.rolname = ANY ($1) AND NOT m.rolsuper AND m.rolname <> current_user)
   ORDER BY 1, 2, 3`;

/** Reads every right beyond `layout`, connected to its database. */
export async function undeclaredRights(client: Client, layout: Layout): Promise<FoundRight[]> {
  const names = [layout.roles.map(({ name }) => name)];
  const grants = await client.query<Grant>(GRANTS);
  const roles = await client.query<{ name: string } & Record<Attribute, boolean>>(ROLES, names);
  const members = await client.query<{ of: string; member: string; grantor: string }>(
    MEMBERSHIPS,
    names,
  );
  return [
    ...grants.rows.flatMap((grant) => beyond(layout, grant)),
    ...roles.rows.flatMap((role) => attributesOf(role, layout)),
    ...members.rows
      .filter(({ member }) => !isReservedName(member))
      .map(({ of, member, grantor }) => ({
        role: member,
        right: "MEMBER",
        on: `role ${of}`,
        undo: `REVOKE ${ident(of)} FROM ${ident(member)} GRANTED BY ${ident(grantor)} CASCADE`,
      })),
  ];
}

/** A grant as a right beyond the layout; empty for one that is declared or nobody's business here. */
function beyond(layout: Layout, grant: Grant): FoundRight[] {
  const { role, right, kind, schema } = grant;
  if (role !== null && isReservedName(role)) return [];
  const declared = layout.roles.find(({ name }) => name === role);
  const inLayout = schema === null || grantedSchemas(layout).includes(schema);
  // What others may do in schemas that nobody has declared is not this resource's business.
  const isPublicCreate = role === null && schema === "public" && right === "CREATE";
  if (declared === undefined && !inLayout && !isPublicCreate) return [];
  const isExpected = expected(declared, grant, inLayout).includes(right);
  if (isExpected && !grant.grantable) return [];
  const what = isExpected ? `GRANT OPTION FOR ${right}` : right;
  const from = role === null ? "PUBLIC" : ident(role);
  return [
    {
      role: role ?? "PUBLIC",
      right: what,
      on: placeOf(grant),
      undo: UNDO[kind](grant, what, from),
    },
  ];
}

function expected(
  role: RoleLayout | undefined,
  { kind, schema, role: grantee }: Grant,
  inLayout: boolean,
): readonly string[] {
  // Everybody may look a name up in `public`: extensions are there.
  if (grantee === null) return kind === "schema" && schema === "public" ? ["USAGE"] : [];
  if (role === undefined || !inLayout) return [];
  const rights = rightsOf(role);
  if (kind === "database") return ["CONNECT"];
  if (kind === "schema") return rights.schema;
  if (schema === null) return [];
  return kind === "sequence" || kind === "new sequences" ? rights.sequences : rights.tables;
}

const placeOf = ({ kind, schema, name, column }: Grant): string => {
  if (kind === "database") return kind;
  if (kind === "schema") return `schema ${name}`;
  if (kind === "column") return `column ${schema}.${name}.${column}`;
  if (kind === "table" || kind === "sequence") return `${kind} ${schema}.${name}`;
  return schema === null ? kind : `${kind} in ${schema}`;
};

/** Statement that takes a right away; `from` is a quoted name or PUBLIC. */
type Undo = (grant: Grant, right: string, from: string) => string;

const revoke = (right: string, on: string, from: string) =>
  `REVOKE ${right} ON ${on} FROM ${from} CASCADE`;

const onWhole =
  (word: string): Undo =>
  ({ name }, right, from) =>
    revoke(right, `${word} ${ident(name)}`, from);

const inSchema =
  (word: string): Undo =>
  ({ schema, name }, right, from) =>
    revoke(right, `${word} ${ident(schema ?? "")}.${ident(name)}`, from);

const onNew =
  (word: string): Undo =>
  ({ schema }, right, from) =>
    `ALTER DEFAULT PRIVILEGES ${schema === null ? "" : `IN SCHEMA ${ident(schema)} `}${revoke(right, word, from)}`;

const UNDO: Readonly<Record<ObjectKind, Undo>> = {
  database: onWhole("DATABASE"),
  schema: onWhole("SCHEMA"),
  table: inSchema("TABLE"),
  sequence: inSchema("SEQUENCE"),
  column: (grant, right, from) =>
    inSchema("TABLE")(grant, `${right} (${ident(grant.column ?? "")})`, from),
  "new tables": onNew("TABLES"),
  "new sequences": onNew("SEQUENCES"),
};

function attributesOf(
  role: { readonly name: string } & Readonly<Record<Attribute, boolean>>,
  { roles }: Layout,
): FoundRight[] {
  const isMade = roles.find(({ name }) => name === role.name)?.password !== undefined;
  return (
    (Object.entries(ATTRIBUTES) as [Attribute, string][])
      .filter(([attribute]) => role[attribute])
      // A vendor's API gives its users replication by a setting of its own.
      .filter(([attribute]) => isMade || attribute !== "rolreplication")
      .map(([, right]) => ({
        role: role.name,
        right,
        on: "server",
        undo: `ALTER ROLE ${ident(role.name)} NO${right}`,
      }))
  );
}
