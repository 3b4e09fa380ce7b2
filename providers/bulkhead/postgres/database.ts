import type { CheckFailure } from "../../sdk/check.ts";
import { defineResource } from "../../sdk/definition.ts";
import { VendorFault } from "../../sdk/fault.ts";
import type { InputsOf, Properties, StateOf } from "../../sdk/properties.ts";
import { isMap, type RevealedMap, type RevealedValue } from "../../sdk/values.ts";
import type { BulkheadClient } from "../client.ts";
import { apply, dismissAll, dropDatabase, makeDatabase, type Target } from "./administer.ts";
import { onDatabase, type ServerInputs } from "./connection.ts";
import { PRIVILEGES } from "./layout.ts";
import { type Claim, markFor, thingId } from "./mark.ts";
import { type Observed, observe } from "./observe.ts";
import { isReservedName } from "./reserved.ts";

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
    doc: "Connections at a time; else without a limit.",
  },
} as const satisfies Properties;

const RIGHT = {
  role: { type: "string", mode: "required", doc: "Who has it, or PUBLIC." },
  right: { type: "string", mode: "required", doc: "What it is, as GRANT or ALTER ROLE names it." },
  on: { type: "string", mode: "required", doc: "On what, such as `schema config`." },
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
  undeclaredRights: {
    type: { array: { object: RIGHT } },
    mode: "optional",
    unset: [],
    doc: "Rights beyond the declared ones that a refresh has found, and the next update takes away. Not for programs.",
  },
  undeclaredSchemas: {
    type: { array: "string" },
    mode: "output",
    volatile: true,
    doc: "Schemas that are there and not declared; they stay.",
  },
  undeclaredExtensions: {
    type: { array: "string" },
    mode: "output",
    volatile: true,
    doc: "Extensions that are there and not declared; they stay.",
  },
  mark: {
    type: "string",
    mode: "output",
    volatile: true,
    doc: "The comment on the database and the roles that the resource has made: whose they are.",
  },
} as const satisfies Properties;

type DatabaseInputs = InputsOf<typeof PROPERTIES>;
type DatabaseState = StateOf<typeof PROPERTIES>;

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
  validate,
  async create({ urn }, inputs) {
    const claim: Claim = { mark: markFor(urn, inputs.name), recorded: new Set() };
    const target = targetOf(inputs);
    if (target.makes) await makeDatabase(target, claim);
    const found = await apply(target, undefined, claim);
    const { host, port } = inputs.server;
    return { id: `${host}:${port}/${inputs.name}`, state: outputsOf(claim, found) };
  },
  async read(_context, id, { inputs, state }) {
    const { name } = state;
    const server = inputs?.server ?? state.server;
    if (!server || !name) return undefined;
    // What is declared, although an earlier refresh may have found less.
    const { layout } = targetOf({ ...state, ...inputs, server, name } as DatabaseInputs);
    const found = await orGone(onDatabase(server, name, (client) => observe(client, layout)));
    return found && { id, state: found };
  },
  async update({ urn }, _id, inputs, { inputs: before, state }) {
    const roles = before?.roles ?? [];
    const made = roles.filter((role) => role.password !== undefined);
    const claim: Claim = {
      mark: markFor(urn, inputs.name),
      before: state.mark ?? undefined,
      recorded: new Set([
        ...(inputs.create ? [thingId({ kind: "database", name: inputs.name })] : []),
        ...made.map(({ name }) => thingId({ kind: "role", name })),
      ]),
    };
    const schemas = [...(before?.schemas ?? []), ...(state.schemas ?? [])];
    return outputsOf(claim, await apply(targetOf(inputs), { roles, schemas }, claim));
  },
  async delete({ urn }, _id, state) {
    const { server, name } = state;
    if (!server || !name) return;
    const target = targetOf({ ...state, server, name } as DatabaseInputs);
    // A state of before there were marks has none; another's is refused all the same.
    const mark = state.mark ?? markFor(urn, name);
    await orGone(target.makes ? dropDatabase(target, mark) : dismissAll(target, mark));
  },
});

function targetOf(inputs: DatabaseInputs): Target & { readonly server: ServerInputs } {
  const { server, name, create = false, schemas = [], extensions = [], roles = [] } = inputs;
  return { server, layout: { name, schemas, extensions, roles }, makes: create };
}

const outputsOf = (
  { mark }: Claim,
  { undeclaredSchemas, undeclaredExtensions }: Observed,
): DatabaseState => ({ mark, undeclaredSchemas, undeclaredExtensions });

/** Names that are a server's own, and what only a refresh may say. */
function validate(inputs: RevealedMap): CheckFailure[] {
  const roles = Array.isArray(inputs.roles) ? inputs.roles : [];
  const server = inputs.server;
  const administrator = isMap(server) ? (server as RevealedMap).user : undefined;
  const names: readonly (readonly [string, RevealedValue | undefined])[] = [
    ["name", inputs.name],
    ...roles.map(
      (role, index) =>
        [`roles[${index}].name`, isMap(role) ? (role as RevealedMap).name : undefined] as const,
    ),
  ];
  const failures = names.flatMap(([property, value]) =>
    typeof value === "string" &&
    (isReservedName(value) || (property !== "name" && value === administrator))
      ? [
          {
            property,
            reason: `"${property}" is "${value}", which is the server's or the vendor's own. Choose another name.`,
          },
        ]
      : [],
  );
  if (!Array.isArray(inputs.undeclaredRights) || inputs.undeclaredRights.length === 0)
    return failures;
  const reason = `"undeclaredRights" says what a refresh has found. Leave it out, and declare who may do what under roles.`;
  return [...failures, { property: "undeclaredRights", reason }];
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
