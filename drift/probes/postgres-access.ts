/** Who may do what on each PostgreSQL server beside what the stack declares in its databases. */
import type { Client } from "pg";
import type { ResourceFact } from "../../isolation/facts.ts";
import { onDatabase, type ServerInputs } from "../../providers/bulkhead/postgres/connection.ts";
import type { Difference } from "../finding.ts";
import {
  found,
  grouped,
  isThere,
  listed,
  lookAtEach,
  mapsAt,
  numberAt,
  openResources,
  textAt,
} from "./facts.ts";
import type { Probe, ProbeInput } from "./probe.ts";
import { TYPES } from "./stack-logins.ts";

/** The vendors' own roles and databases, by the kind of server. */
const VENDORS_OWN = {
  digitalocean: {
    roles: /^(?:_do.*|doadmin|postgres)$/,
    databases: /^(?:_dodb|defaultdb|postgres)$/,
  },
  aws: { roles: /^(?:rds.*|postgres)$/, databases: /^(?:rdsadmin|postgres)$/ },
  selfHosted: { roles: /^postgres$/, databases: /^postgres$/ },
} as const;

/** One server, with all that the stack declares on it. */
interface Server {
  readonly inputs: ServerInputs;
  readonly vendor: keyof typeof VENDORS_OWN;
  /** What a finding about the server is about: the vendor's resource, else a database on it. */
  readonly resource: ResourceFact;
  readonly roles: ReadonlySet<string>;
  readonly databases: ReadonlySet<string>;
  /** By the names of the databases whose contents the stack declares. */
  readonly layouts: ReadonlyMap<string, ResourceFact>;
}

export const postgresAccess: Probe = {
  name: "postgres-access",
  looksAt: "the users of the PostgreSQL servers",
  async run(input) {
    // What is gone is told of by the refresh.
    const resources = await openResources(input);
    const servers = serversOf(resources.filter((each) => isThere(input, each)));
    return lookAtEach(servers, async (declared) => {
      const server = await withVendors(declared, input);
      return [
        ...(await looking(server.inputs, server.inputs.database, (client) =>
          ofServer(client, server),
        )),
        ...(await lookAtEach([...server.layouts], ([name, resource]) =>
          looking(server.inputs, name, (client) => ofDatabase(client, resource, name)),
        )),
      ];
    });
  },
};

/** Looks, and nothing else: it writes nothing, and waits for no lock that somebody holds. */
const looking = (
  server: ServerInputs,
  database: string,
  work: (client: Client) => Promise<Difference[]>,
): Promise<Difference[]> =>
  onDatabase(server, database, async (client) => {
    await client.query(
      "SET default_transaction_read_only = on; SET lock_timeout = '5s'; SET statement_timeout = '15s'",
    );
    return work(client);
  });

function serversOf(resources: readonly ResourceFact[]): Server[] {
  const of = (type: string) => resources.filter((each) => each.type === type);
  const byAddress = grouped(of(TYPES.database), ({ inputs }) =>
    JSON.stringify([textAt(inputs, "server", "host"), numberAt(inputs, "server", "port")]),
  );
  return [...byAddress.values()].flatMap((layouts): Server[] => {
    const [first] = layouts;
    const inputs = first && serverInputs(first);
    if (first === undefined || inputs === undefined) return [];
    const { host } = inputs;
    const cluster = of(TYPES.cluster).find(({ outputs }) => textAt(outputs, "host") === host);
    const instance = of(TYPES.instance).find(({ outputs }) => textAt(outputs, "address") === host);
    const machine = of("digitalocean:index/droplet:Droplet").find(
      ({ outputs }) => textAt(outputs, "ipv4Address") === host,
    );
    const inCluster = (type: string) =>
      of(type)
        .filter(
          ({ outputs }) => cluster !== undefined && textAt(outputs, "clusterId") === cluster.id,
        )
        .flatMap(({ outputs }) => textAt(outputs, "name") ?? []);
    return [
      {
        inputs,
        vendor: cluster ? "digitalocean" : instance ? "aws" : "selfHosted",
        resource: cluster ?? instance ?? machine ?? first,
        roles: new Set([
          inputs.user,
          ...layouts.flatMap((layout) =>
            mapsAt(layout.inputs, "roles").flatMap((role) => textAt(role, "name") ?? []),
          ),
          ...inCluster(TYPES.clusterUser),
        ]),
        databases: new Set([
          inputs.database,
          ...layouts.flatMap((layout) => textAt(layout.inputs, "name") ?? []),
          ...inCluster("digitalocean:index/databaseDb:DatabaseDb"),
        ]),
        layouts: new Map(
          layouts.map((layout) => [textAt(layout.inputs, "name") ?? "", layout] as const),
        ),
      },
    ];
  });
}

/** With what DigitalOcean's API lists: that is looked at with all that no stack owns. */
async function withVendors(server: Server, { accounts }: ProbeInput): Promise<Server> {
  const { id } = server.resource;
  const { digitalocean } = server.vendor === "digitalocean" ? await accounts() : {};
  if (digitalocean === undefined || id === undefined) return server;
  const names = async (key: "users" | "dbs") => {
    const path = `/databases/${encodeURIComponent(id)}/${key}`;
    return (await digitalocean.api.list<{ readonly name: string }>(path, key)).map(
      ({ name }) => name,
    );
  };
  return {
    ...server,
    roles: new Set([...server.roles, ...(await names("users"))]),
    databases: new Set([...server.databases, ...(await names("dbs"))]),
  };
}

function serverInputs({ inputs }: ResourceFact): ServerInputs | undefined {
  const text = (name: string) => textAt(inputs, "server", name);
  const [host, user, password, database] = ["host", "user", "password", "database"].map(text);
  const port = numberAt(inputs, "server", "port");
  if (host === undefined || user === undefined || password === undefined) return undefined;
  if (database === undefined || port === undefined) return undefined;
  const sslMode = text("sslMode") ?? "verify-full";
  return { host, port, user, password, database, sslMode, caCertificate: text("caCertificate") };
}

/** Roles that may log in, or more than others. */
const ROLES = `
  SELECT rolname AS name, rolcanlogin AS login,
         array_remove(ARRAY[CASE WHEN rolsuper THEN 'SUPERUSER' END,
                            CASE WHEN rolcreaterole THEN 'CREATEROLE' END,
                            CASE WHEN rolreplication THEN 'REPLICATION' END,
                            CASE WHEN rolbypassrls THEN 'BYPASSRLS' END], NULL)::text[] AS rights
    FROM pg_roles
   WHERE rolname !~ '^pg_' AND (rolcanlogin OR rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls)
   ORDER BY rolname`;

const DATABASES = "SELECT datname AS name FROM pg_database WHERE NOT datistemplate ORDER BY 1";

/** Settings that a role or a database gives to each of its connections: such as where names are looked up. */
const SETTINGS = `
  SELECT d.datname AS database, r.rolname AS role, split_part(c, '=', 1) AS name
    FROM pg_db_role_setting s
    CROSS JOIN unnest(s.setconfig) AS c
    LEFT JOIN pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole
   ORDER BY 1, 2, 3`;

/** A logical slot hands every change of a database out; a vendor's standbys have physical ones. */
const SLOTS = `
  SELECT slot_name AS name, database FROM pg_replication_slots
   WHERE slot_type = 'logical' AND NOT temporary ORDER BY 1`;

async function ofServer(client: Client, server: Server): Promise<Difference[]> {
  const own = VENDORS_OWN[server.vendor];
  const roles = await client.query<{ name: string; login: boolean; rights: string[] }>(ROLES);
  const databases = await client.query<{ name: string }>(DATABASES);
  const settings = await client.query<{
    database: string | null;
    role: string | null;
    name: string;
  }>(SETTINGS);
  const slots = await client.query<{ name: string; database: string }>(SLOTS);
  const place = `${server.resource.name} (${server.inputs.host}:${server.inputs.port})`;
  const say = (kind: "access" | "schema" | "changed", key: string, message: string) =>
    found(kind, server.resource, message, { key });
  return [
    ...roles.rows
      .filter(({ name }) => !server.roles.has(name) && !own.roles.test(name))
      .map(({ name, login, rights }) => {
        const what = [...(login ? ["may log in"] : []), ...rights.map((right) => `has ${right}`)];
        return say(
          "access",
          `role ${name}`,
          `${place} has a role ${name}, which ${what.join(" and ")}, and which the stack does not declare.`,
        );
      }),
    ...databases.rows
      .filter(({ name }) => !server.databases.has(name) && !own.databases.test(name))
      .map(({ name }) =>
        say(
          "schema",
          `database ${name}`,
          `${place} has a database ${name}, which the stack does not declare.`,
        ),
      ),
    ...settings.rows
      .filter(({ role }) => role === null || server.roles.has(role))
      // Nobody but the vendor can give one to every connection of a managed server.
      .filter(({ role, database }) => (role ?? database) !== null || server.vendor === "selfHosted")
      .filter(({ role }) => role !== server.inputs.user)
      .filter(({ database }) => database === null || server.databases.has(database))
      .map(({ role, database, name }) => {
        const whose =
          (role ?? database) === null
            ? ["every role"]
            : [role && `the role ${role}`, database && `the database ${database}`];
        return say(
          "changed",
          `setting ${role} ${database} ${name}`,
          `On ${place} ${whose.filter(Boolean).join(" in ")} has a setting of its own for ${name}, which the stack does not declare.`,
        );
      }),
    ...slots.rows
      .filter(({ database }) => server.databases.has(database))
      .map(({ name, database }) =>
        say(
          "access",
          `slot ${name}`,
          `On ${place} the replication slot ${name} hands out every change of ${database}, which the stack does not declare.`,
        ),
      ),
  ];
}

/** What lets data out of a database, or in, beside its roles; extensions' own are left out. */
const CHANNELS = `
  SELECT 'publication' AS kind, pubname AS name FROM pg_publication
  UNION ALL
  SELECT 'subscription', subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
   WHERE d.datname = current_database()
  UNION ALL
  SELECT 'foreign server', srvname FROM pg_foreign_server
  ORDER BY 1, 2`;

async function ofDatabase(
  client: Client,
  resource: ResourceFact,
  database: string,
): Promise<Difference[]> {
  const { rows } = await client.query<{ kind: string; name: string }>(CHANNELS);
  if (rows.length === 0) return [];
  const names = rows.map(({ kind, name }) => `the ${kind} ${name}`);
  const message = `The database ${database} has ${listed(names)}, by which its data is connected elsewhere, and which the stack does not declare.`;
  const changes = rows.map(({ kind, name }) => ({
    path: `${kind}[${name}]`,
    before: null,
    after: "true",
  }));
  return [found("access", resource, message, { key: "channels", changes })];
}
