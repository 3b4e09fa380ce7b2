/** The SQL by which a database gets its schemas, extensions and grants. Pure. */
import { escapeIdentifier as name, escapeLiteral as text } from "pg";
import { markStatement } from "./mark.ts";
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
  /** Connections at a time. Default: no limit. */
  readonly connectionLimit?: number | undefined;
}

/** Everything that is declared about one database. */
export interface Layout {
  readonly name: string;
  readonly schemas: readonly string[];
  readonly extensions: readonly string[];
  readonly roles: readonly RoleLayout[];
}

/** What each level gives on a schema, its tables and its sequences. */
interface Rights {
  readonly schema: readonly string[];
  readonly tables: readonly string[];
  readonly sequences: readonly string[];
}

const READWRITE = ["SELECT", "INSERT", "UPDATE", "DELETE"];
const ALL_OF_SEQUENCES = ["SELECT", "USAGE", "UPDATE"];
const RIGHTS: Readonly<Record<Privilege, Rights>> = {
  readonly: { schema: ["USAGE"], tables: ["SELECT"], sequences: ["SELECT"] },
  readwrite: { schema: ["USAGE"], tables: READWRITE, sequences: ALL_OF_SEQUENCES },
  create: {
    schema: ["USAGE", "CREATE"],
    tables: [...READWRITE, "TRUNCATE", "REFERENCES", "TRIGGER"],
    sequences: ALL_OF_SEQUENCES,
  },
};

/** What a role is declared to have. */
export const rightsOf = ({ privileges }: RoleLayout): Rights => RIGHTS[privileges as Privilege];

/** What the grants are on, by the words of GRANT. */
const OBJECTS = [
  ["TABLES", "tables"],
  ["SEQUENCES", "sequences"],
] as const;

/** A role that the server has. */
export interface ExistingRole {
  /** -1 for no limit. */
  readonly connectionLimit: number;
}

/** Schemas that grants are about: the declared ones, else the one that every database has. */
export const grantedSchemas = ({ schemas }: Pick<Layout, "schemas">): readonly string[] =>
  schemas.length > 0 ? schemas : ["public"];

/**
 * Statements for one transaction that bring the database to its layout, whatever it was before. Nobody
 * but the roles may connect; what is taken away first and given again is never missing to others.
 *
 * @param existing roles that the server has already, by name.
 * @param mark what is written on the roles that are made.
 */
export function layoutStatements(
  layout: Layout,
  existing: ReadonlyMap<string, ExistingRole>,
  mark: string,
): string[] {
  const schemas = grantedSchemas(layout);
  return [
    `REVOKE ALL ON DATABASE ${name(layout.name)} FROM PUBLIC`,
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    ...layout.schemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS ${name(schema)}`),
    ...layout.extensions.map((each) => `CREATE EXTENSION IF NOT EXISTS ${name(each)}`),
    ...layout.roles.flatMap((role) => [
      ...roleStatements(role, existing.get(role.name), mark),
      `GRANT CONNECT ON DATABASE ${name(layout.name)} TO ${name(role.name)}`,
      ...schemas.flatMap((schema) => [
        ...revokeStatements(schema, role.name),
        ...grantStatements(schema, role),
      ]),
    ]),
  ];
}

/**
 * Statements that take a role's access away.
 *
 * @param schemas those that the database has and the role may have rights in.
 * @param drops whether the role goes as well, as one that was made here does.
 */
export function dismissalStatements(
  database: string,
  role: string,
  schemas: readonly string[],
  drops: boolean,
): string[] {
  return [
    ...schemas.flatMap((schema) => revokeStatements(schema, role)),
    `REVOKE ALL ON DATABASE ${name(database)} FROM ${name(role)}`,
    ...(drops ? dropRole(role) : []),
  ];
}

/** Drops a role that was made here; what it owns in this database stays, as the administrator's. */
const dropRole = (role: string): string[] => [
  `GRANT ${name(role)} TO CURRENT_USER`,
  `REASSIGN OWNED BY ${name(role)} TO CURRENT_USER`,
  `DROP OWNED BY ${name(role)}`,
  `DROP ROLE ${name(role)}`,
];

function roleStatements(
  { password, connectionLimit = -1, ...role }: RoleLayout,
  existing: ExistingRole | undefined,
  mark: string,
): string[] {
  if (password === undefined)
    return (existing?.connectionLimit ?? -1) === connectionLimit
      ? []
      : [`ALTER ROLE ${name(role.name)} CONNECTION LIMIT ${connectionLimit}`];
  const verb = existing === undefined ? "CREATE" : "ALTER";
  // The verifier, since a statement may get into the server's log.
  const verifier = scramVerifier(password, role.name);
  return [
    `${verb} ROLE ${name(role.name)} LOGIN PASSWORD ${text(verifier)} CONNECTION LIMIT ${connectionLimit}`,
    markStatement("role", role.name, mark),
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
  const rights = rightsOf(role);
  return [
    `GRANT ${rights.schema.join(", ")} ON SCHEMA ${name(schema)} TO ${name(role.name)}`,
    ...OBJECTS.flatMap(([kind, objects]) => {
      const granted = rights[objects].join(", ");
      return [
        onEach(kind, schema, `GRANT ${granted} ON %s TO ${name(role.name)}`),
        `ALTER DEFAULT PRIVILEGES IN SCHEMA ${name(schema)} GRANT ${granted} ON ${kind} TO ${name(role.name)}`,
      ];
    }),
  ];
}
