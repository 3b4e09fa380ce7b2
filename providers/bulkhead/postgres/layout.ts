/** The SQL by which a database gets its schemas, extensions and grants. Pure. */
import { escapeIdentifier as name, escapeLiteral as text } from "pg";
import { scramVerifier } from "./scram.ts";

/** What a role may do in the schemas. Each level has what the one before it has. */
export const PRIVILEGES = ["readonly", "readwrite", "create"] as const;
export type Privilege = (typeof PRIVILEGES)[number];

/** One role's access to the database. */
export interface RoleLayout {
  readonly name: string;
  readonly privileges: string;
  /** Makes the role, which can then log in with this password. */
  readonly password?: string | undefined;
  /** Connections at a time; for roles that are made here. */
  readonly connectionLimit?: number | undefined;
}

/** Everything that is declared about one database. */
export interface Layout {
  readonly name: string;
  readonly schemas: readonly string[];
  readonly extensions: readonly string[];
  readonly roles: readonly RoleLayout[];
}

const TABLE_RIGHTS: Readonly<Record<Privilege, string>> = {
  readonly: "SELECT",
  readwrite: "SELECT, INSERT, UPDATE, DELETE",
  create: "SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER",
};
const SEQUENCE_RIGHTS: Readonly<Record<Privilege, string>> = {
  readonly: "SELECT",
  readwrite: "SELECT, USAGE, UPDATE",
  create: "SELECT, USAGE, UPDATE",
};

/** What the grants are on: each kind with the rights of each level. */
const OBJECTS = [
  ["TABLES", TABLE_RIGHTS],
  ["SEQUENCES", SEQUENCE_RIGHTS],
] as const;

/** Schemas that grants are about: the declared ones, else the one that every database has. */
export const grantedSchemas = ({ schemas }: Layout): readonly string[] =>
  schemas.length > 0 ? schemas : ["public"];

/**
 * Statements for one transaction that bring the database to its layout, whatever it was before. Nobody
 * but the roles may connect; what is taken away first and given again is never missing to others.
 *
 * @param existing roles that the server has already.
 */
export function layoutStatements(layout: Layout, existing: ReadonlySet<string>): string[] {
  const schemas = grantedSchemas(layout);
  return [
    `REVOKE ALL ON DATABASE ${name(layout.name)} FROM PUBLIC`,
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    ...layout.schemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS ${name(schema)}`),
    ...layout.extensions.map((each) => `CREATE EXTENSION IF NOT EXISTS ${name(each)}`),
    ...layout.roles.flatMap((role) => [
      ...roleStatements(role, existing.has(role.name)),
      `GRANT CONNECT ON DATABASE ${name(layout.name)} TO ${name(role.name)}`,
      ...schemas.flatMap((schema) => [
        ...revokeStatements(schema, role.name),
        ...grantStatements(schema, role),
      ]),
    ]),
  ];
}

/** Statements that take a role's access away; a role that was made here goes with it. */
export function dismissalStatements(
  layout: Layout,
  role: RoleLayout,
  schemas: readonly string[],
): string[] {
  return [
    ...schemas.flatMap((schema) => revokeStatements(schema, role.name)),
    `REVOKE ALL ON DATABASE ${name(layout.name)} FROM ${name(role.name)}`,
    ...(role.password === undefined ? [] : dropRole(role.name)),
  ];
}

/** Drops a role that was made here; what it owns in this database stays, as the administrator's. */
export const dropRole = (role: string): string[] => [
  `GRANT ${name(role)} TO CURRENT_USER`,
  `REASSIGN OWNED BY ${name(role)} TO CURRENT_USER`,
  `DROP OWNED BY ${name(role)}`,
  `DROP ROLE ${name(role)}`,
];

function roleStatements({ password, connectionLimit, ...role }: RoleLayout, exists: boolean) {
  if (password === undefined) return [];
  const verb = exists ? "ALTER" : "CREATE";
  // The verifier, since a statement may get into the server's log.
  const verifier = scramVerifier(password, role.name);
  return [
    `${verb} ROLE ${name(role.name)} LOGIN PASSWORD ${text(verifier)} CONNECTION LIMIT ${connectionLimit ?? -1}`,
  ];
}

/** Kinds of `pg_class`, and the word that GRANT wants before their name. */
const RELATIONS = {
  TABLES: { kinds: "'r', 'p', 'v', 'm', 'f'", word: "TABLE" },
  SEQUENCES: { kinds: "'S'", word: "SEQUENCE" },
} as const;

/**
 * Runs a statement for each table or sequence that the administrator has the rights of: one that an
 * application has made is its own business, and naming it would fail.
 *
 * @param statement with `%s` where the name goes.
 */
function onEach(kind: keyof typeof RELATIONS, schema: string, statement: string): string {
  const { kinds, word } = RELATIONS[kind];
  const template = text(statement.replace("%s", `${word} %s`));
  return `DO $each$
DECLARE relation regclass;
BEGIN
  FOR relation IN
    SELECT oid FROM pg_class
     WHERE relnamespace = ${text(name(schema))}::regnamespace AND relkind IN (${kinds})
       AND pg_has_role(relowner, 'USAGE')
  LOOP
    EXECUTE format(${template}, relation);
  END LOOP;
END $each$`;
}

function revokeStatements(schema: string, role: string): string[] {
  return [
    `REVOKE ALL ON SCHEMA ${name(schema)} FROM ${name(role)}`,
    ...OBJECTS.flatMap(([kind]) => [
      onEach(kind, schema, `REVOKE ALL ON %s FROM ${name(role)}`),
      `ALTER DEFAULT PRIVILEGES IN SCHEMA ${name(schema)} REVOKE ALL ON ${kind} FROM ${name(role)}`,
    ]),
  ];
}

function grantStatements(schema: string, role: RoleLayout): string[] {
  const privilege = role.privileges as Privilege;
  return [
    `GRANT USAGE${privilege === "create" ? ", CREATE" : ""} ON SCHEMA ${name(schema)} TO ${name(role.name)}`,
    ...OBJECTS.flatMap(([kind, rights]) => [
      onEach(kind, schema, `GRANT ${rights[privilege]} ON %s TO ${name(role.name)}`),
      `ALTER DEFAULT PRIVILEGES IN SCHEMA ${name(schema)} GRANT ${rights[privilege]} ON ${kind} TO ${name(role.name)}`,
    ]),
  ];
}
