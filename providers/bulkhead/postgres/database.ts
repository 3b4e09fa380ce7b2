import { type Client, escapeIdentifier } from "pg";
import { defineResource } from "../../sdk/definition.ts";
import { VendorFault } from "../../sdk/fault.ts";
import type { InputsOf, Properties } from "../../sdk/properties.ts";
import type { BulkheadClient } from "../client.ts";
import { onDatabase, type ServerInputs } from "./connection.ts";
import {
  dismissalStatements,
  grantedSchemas,
  type Layout,
  layoutStatements,
  PRIVILEGES,
} from "./layout.ts";
import { existingRoles, observe } from "./observe.ts";

const SERVER = {
  host: { type: "string", mode: "required", doc: "Host name or address of the server." },
  port: { type: "integer", mode: "required", doc: "Its port; not a pooler's." },
  user: { type: "string", mode: "required", doc: "The administrator's name." },
  password: { type: "string", mode: "required", secret: true, doc: "Their password." },
  database: { type: "string", mode: "required", doc: "A database that exists already." },
  sslMode: {
    type: "string",
    mode: "required",
    values: ["require", "verify-ca", "verify-full"],
    doc: "How the server's certificate is checked, as libpq names it.",
  },
  caCertificate: {
    type: "string",
    mode: "optional",
    doc: "PEM of the authorities to trust; else the system's.",
  },
} as const satisfies Properties;

const ROLE = {
  name: { type: "string", mode: "required", doc: "The role's name." },
  privileges: {
    type: "string",
    mode: "required",
    values: [...PRIVILEGES],
    doc: "What it may do in the database's schemas.",
  },
  password: {
    type: "string",
    mode: "optional",
    secret: true,
    doc: "Makes the role, with this password; else it must exist.",
  },
  connectionLimit: {
    type: "integer",
    mode: "optional",
    doc: "Connections at a time, for a role that is made.",
  },
} as const satisfies Properties;

const PROPERTIES = {
  server: { type: { object: SERVER }, mode: "required", doc: "Where it is." },
  name: { type: "string", mode: "required", replace: true, doc: "The database's name." },
  create: {
    type: "boolean",
    mode: "optional",
    unset: false,
    replace: true,
    doc: "Makes the database, and deletes it with this resource; else the vendor has made it.",
  },
  schemas: { type: { array: "string" }, mode: "optional", unset: [], doc: "Schemas to have." },
  extensions: {
    type: { array: "string" },
    mode: "optional",
    unset: [],
    doc: "Extensions to have.",
  },
  roles: {
    type: { array: { object: ROLE } },
    mode: "optional",
    unset: [],
    doc: "Who may connect, and what they may do.",
  },
} as const satisfies Properties;

type DatabaseInputs = InputsOf<typeof PROPERTIES>;

/**
 * `bulkhead:postgres:Database`: schemas, extensions and least privileges inside one database, which no
 * vendor's API reaches. Extensions and schemas hold data and stay when they are no longer declared.
 */
export const postgresDatabase = defineResource<BulkheadClient>()({
  token: "bulkhead:postgres:Database",
  title: "PostgreSQL database",
  doc: "What a PostgreSQL database holds besides tables: schemas, extensions, roles and grants.",
  identity: ["name"],
  properties: PROPERTIES,
  async create(_context, inputs) {
    if (inputs.create) await makeDatabase(inputs.server, inputs.name);
    await apply(inputs, []);
    const { host, port } = inputs.server;
    return { id: `${host}:${port}/${inputs.name}`, state: {} };
  },
  async read(_context, id, { inputs, state }) {
    const { name } = state;
    const server = inputs?.server ?? state.server;
    if (!server || !name) return undefined;
    // What is declared, although an earlier refresh may have found less.
    const layout = layoutOf({ ...state, ...inputs, server, name } as DatabaseInputs);
    const found = await orGone(onDatabase(server, name, (client) => observe(client, layout)));
    return found && { id, state: found };
  },
  async update(_context, _id, inputs, { inputs: before }) {
    const kept = new Set((inputs.roles ?? []).map((role) => role.name));
    await apply(
      inputs,
      (before?.roles ?? []).filter((role) => !kept.has(role.name)),
    );
    return {};
  },
  async delete(_context, _id, state) {
    const { server, name } = state;
    if (!server || !name) return;
    const inputs = { ...state, server, name } as DatabaseInputs;
    await orGone(inputs.create ? dropDatabase(inputs) : dismissAll(inputs));
  },
});

/** The roles that were made for the database go with it. */
async function dropDatabase({ server, name, roles = [] }: DatabaseInputs): Promise<void> {
  const made = roles.filter((role) => role.password !== undefined);
  await onDatabase(server, server.database, async (client) => {
    const existing = await existingRoles(client);
    // Whoever is a member of a role may end its connections.
    for (const role of made.filter((each) => existing.has(each.name)))
      await client.query(`GRANT ${escapeIdentifier(role.name)} TO CURRENT_USER`);
    await client.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`);
    for (const role of made)
      await client.query(`DROP ROLE IF EXISTS ${escapeIdentifier(role.name)}`);
  });
}

/** Schemas and extensions stay, since data may depend on them. */
async function dismissAll(inputs: DatabaseInputs): Promise<void> {
  const layout = layoutOf(inputs);
  await onDatabase(inputs.server, inputs.name, async (client) => {
    const existing = await existingRoles(client);
    await inTransaction(client, dismissals(layout, layout.roles, existing));
  });
}

/** May be repeated: every statement says what shall be, and all of them count together or not at all. */
async function apply(inputs: DatabaseInputs, dismissed: Layout["roles"]): Promise<void> {
  const layout = layoutOf(inputs);
  await onDatabase(inputs.server, inputs.name, async (client) => {
    const existing = await existingRoles(client);
    await inTransaction(client, [
      ...dismissals(layout, dismissed, existing),
      ...layoutStatements(layout, existing),
    ]);
  });
}

const dismissals = (layout: Layout, roles: Layout["roles"], existing: ReadonlySet<string>) =>
  roles
    .filter((role) => existing.has(role.name))
    .flatMap((role) => dismissalStatements(layout, role, grantedSchemas(layout)));

async function inTransaction(client: Client, statements: readonly string[]): Promise<void> {
  await client.query("BEGIN");
  for (const statement of statements) await client.query(statement);
  await client.query("COMMIT");
}

async function makeDatabase(server: ServerInputs, name: string): Promise<void> {
  await onDatabase(server, server.database, async (client) => {
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [name]);
    // No transaction can make a database; a repeated attempt finds what the first one made.
    if (rowCount === 0) await client.query(`CREATE DATABASE ${escapeIdentifier(name)}`);
  });
}

function layoutOf(inputs: DatabaseInputs): Layout {
  const { name, schemas = [], extensions = [], roles = [] } = inputs;
  return { name, schemas, extensions, roles };
}

/** Undefined when the database does not exist any more. */
async function orGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof VendorFault && error.kind === "not-found") return undefined;
    throw error;
  }
}
