/** Takes off a PostgreSQL server what the stack does not declare. */

import { onDatabase, type ServerInputs } from "../../../providers/bulkhead/postgres/connection.ts";
import type { OpenResource } from "../../engine/secrets.ts";
import type { Subject } from "../../finding.ts";
import { numberAt, textAt } from "../../probes/facts.ts";
import { type Repair, type RepairRule, type RepairSite, resourceOf } from "./repair.ts";

const DATABASE = "bulkhead:postgres:Database";

/** What findings about a server are about. */
const SERVERS = [
  "digitalocean:index/databaseCluster:DatabaseCluster",
  "digitalocean:index/droplet:Droplet",
  "aws:rds/instance:Instance",
  DATABASE,
];

export const POSTGRES_REPAIRS: readonly RepairRule[] = [
  {
    types: SERVERS,
    key: /^role (.+)$/,
    repair: (subject, role) => ({
      effect: `Ends the role's sessions, takes its rights away in every database, gives what it owns to the administrator, and runs \`DROP ROLE ${name(role)}\`.`,
      apply: (site) => dropRole(site, subject, role),
    }),
  },
  {
    types: SERVERS,
    key: /^database (.+)$/,
    repair: (subject, database) => ({
      ...statement(subject, `DROP DATABASE ${name(database)} WITH (FORCE)`),
      loses: `the database ${database}`,
    }),
  },
  {
    types: SERVERS,
    key: /^slot (.+)$/,
    repair: (subject, slot) => statement(subject, `SELECT pg_drop_replication_slot(${text(slot)})`),
  },
  {
    types: SERVERS,
    key: /^setting (\S+ \S+ \S+)$/,
    repair: (subject, words) => {
      const [role = "null", database = "null", setting = ""] = words.split(" ");
      const where = database === "null" ? "" : ` IN DATABASE ${name(database)}`;
      return statement(
        subject,
        role === "null"
          ? `ALTER ${database === "null" ? "ROLE ALL" : `DATABASE ${name(database)}`} RESET ${name(setting)}`
          : `ALTER ROLE ${name(role)}${where} RESET ${name(setting)}`,
      );
    },
  },
  {
    types: [DATABASE],
    key: /^(channels)$/,
    repair: (subject) => ({
      effect:
        "Drops the publications, subscriptions and foreign servers of the database: each by `DROP … CASCADE`.",
      apply: (site) => dropChannels(site, subject),
    }),
  },
];

function statement(subject: Subject, sql: string): Repair {
  return {
    effect: `Runs \`${sql}\` on the server as its administrator.`,
    apply: (site) => {
      const server = serverOf(site, subject);
      return onDatabase(server, server.database, (client) => client.query(sql));
    },
  };
}

async function dropRole(site: RepairSite, subject: Subject, role: string): Promise<void> {
  const server = serverOf(site, subject);
  const databases = await onDatabase(server, server.database, async (client) => {
    await client.query(`ALTER ROLE ${name(role)} NOLOGIN`);
    await client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1",
      [role],
    );
    const { rows } = await client.query<{ name: string }>(
      "SELECT datname AS name FROM pg_database WHERE datallowconn AND NOT datistemplate AND has_database_privilege(datname, 'CONNECT')",
    );
    // An administrator who is no superuser acts for a role only as its member.
    await client.query(`DO $$ BEGIN
      IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT %I TO current_user', ${text(role)});
      END IF;
    END $$`);
    return rows.map((row) => row.name);
  });
  for (const database of databases)
    await onDatabase(server, database, async (client) => {
      await client.query(`REASSIGN OWNED BY ${name(role)} TO CURRENT_USER`);
      await client.query(`DROP OWNED BY ${name(role)}`);
    });
  await onDatabase(server, server.database, (client) => client.query(`DROP ROLE ${name(role)}`));
}

const CHANNELS = `
  SELECT format('DROP PUBLICATION %I CASCADE', pubname) AS sql FROM pg_publication
  UNION ALL
  SELECT format('DROP SUBSCRIPTION %I CASCADE', subname) FROM pg_subscription s
    JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database()
  UNION ALL
  SELECT format('DROP SERVER %I CASCADE', srvname) FROM pg_foreign_server`;

async function dropChannels(site: RepairSite, subject: Subject): Promise<void> {
  const database = textAt(resourceOf(site, subject).inputs, "name") ?? "";
  await onDatabase(serverOf(site, subject), database, async (client) => {
    const { rows } = await client.query<{ sql: string }>(CHANNELS);
    for (const { sql } of rows) await client.query(sql);
  });
}

/** The administrator's login, which a declared database on the server holds. */
function serverOf(site: RepairSite, subject: Subject): ServerInputs {
  const host = hostOf(resourceOf(site, subject));
  const layout = site.resources.find(
    ({ type, inputs }) => type === DATABASE && textAt(inputs, "server", "host") === host,
  );
  const at = (field: string) => textAt(layout?.inputs ?? {}, "server", field);
  const port = numberAt(layout?.inputs ?? {}, "server", "port");
  const [user, password, database] = [at("user"), at("password"), at("database")];
  if (!host || !port || !user || !password || !database)
    throw new Error(
      `The stack holds no administrator's login of ${subject.name}. Use the vendor's own tools.`,
    );
  const sslMode = at("sslMode") ?? "verify-full";
  return { host, port, user, password, database, sslMode, caCertificate: at("caCertificate") };
}

const hostOf = ({ type, inputs, outputs }: OpenResource): string | undefined =>
  type === DATABASE
    ? textAt(inputs, "server", "host")
    : (textAt(outputs, "host") ?? textAt(outputs, "address") ?? textAt(outputs, "ipv4Address"));

/** A name in a statement, whatever its characters. */
const name = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
