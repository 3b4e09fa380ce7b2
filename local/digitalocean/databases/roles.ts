import type { Client } from "pg";
import type { VendorContext } from "../../vendor-context.ts";
import { ADMIN, type Cluster, DEFAULT_DATABASE, type Step, userNamed } from "./clusters.ts";
import { postgresSpec } from "./servers.ts";

/** Where the cloud works in a server: a database that every server has and the API never shows. */
const OWN_DATABASE = "postgres";

/** What the vendor's administrator may do beyond what any role may. */
const ADMIN_ATTRIBUTES = "CREATEDB CREATEROLE REPLICATION BYPASSRLS";
const ADMIN_MEMBERSHIPS = "pg_monitor, pg_signal_backend";

/** What the new cluster's server must be given: its administrator and the administrator's database. */
export const FIRST_STEPS: readonly Step[] = [
  { kind: "role", name: ADMIN.pg },
  { kind: "database", name: DEFAULT_DATABASE },
];

/** Does the steps that the cluster's document has pending. Each may have been done before. */
export async function doPending(cloud: VendorContext, cluster: Cluster): Promise<void> {
  if (cluster.body.pending.length === 0) return;
  const spec = await postgresSpec(cloud, cluster);
  const within = <R>(database: string, work: (client: Client) => Promise<R>) =>
    cloud.engines.postgres.as(spec, database, work);
  await within(OWN_DATABASE, async (client) => {
    for (const { kind, name } of cluster.body.pending) {
      if (kind === "role") await ensureRole(cloud, cluster, name, client);
      if (kind === "drop-role") await dropRole(name, client, within);
      if (kind === "database") await ensureDatabase(name, client);
      if (kind === "drop-database") {
        await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`);
      }
    }
  });
}

/** Whether the server has a role or database of that name, however it was made. */
export async function isTaken(
  cloud: VendorContext,
  cluster: Cluster,
  kind: "role" | "database",
  name: string,
): Promise<boolean> {
  const spec = await postgresSpec(cloud, cluster);
  return cloud.engines.postgres.as(spec, OWN_DATABASE, (client) => has(client, kind, name));
}

/** Whether the server would take these values; of settings that need its restart it is not asked. */
export async function refusedSetting(
  cloud: VendorContext,
  cluster: Cluster,
  lines: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const spec = await postgresSpec(cloud, cluster);
  return cloud.engines.postgres.as(spec, OWN_DATABASE, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "SELECT name FROM pg_settings WHERE context IN ('user', 'superuser')",
    );
    const askable = rows.map(({ name }) => name.toLowerCase());
    for (const [name, value] of Object.entries(lines)) {
      if (!askable.includes(name)) continue;
      const isTaken = await client.query("SELECT set_config($1, $2, false)", [name, value]).then(
        () => true,
        () => false,
      );
      if (!isTaken) return name;
    }
    return undefined;
  });
}

async function has(client: Client, kind: "role" | "database", name: string): Promise<boolean> {
  const table = kind === "role" ? "pg_roles WHERE rolname" : "pg_database WHERE datname";
  const { rowCount } = await client.query(`SELECT FROM ${table} = $1`, [name]);
  return rowCount !== 0;
}

async function ensureRole(
  cloud: VendorContext,
  cluster: Cluster,
  name: string,
  client: Client,
): Promise<void> {
  const { verifier, replication } = userNamed(cluster, name);
  const role = client.escapeIdentifier(name);
  const isAdmin = name === ADMIN.pg;
  const own = isAdmin ? ADMIN_ATTRIBUTES : replication ? "REPLICATION" : "NOREPLICATION";
  const password = client.escapeLiteral(cloud.vault.open(verifier));
  const verb = (await has(client, "role", name)) ? "ALTER" : "CREATE";
  await client.query(`${verb} ROLE ${role} LOGIN ${own} PASSWORD ${password}`);
  const admin = client.escapeIdentifier(ADMIN.pg);
  await client.query(
    isAdmin
      ? `GRANT ${ADMIN_MEMBERSHIPS} TO ${admin} WITH ADMIN OPTION`
      : `GRANT ${role} TO ${admin} WITH ADMIN OPTION`,
  );
}

async function ensureDatabase(name: string, client: Client): Promise<void> {
  if (await has(client, "database", name)) return;
  await client.query(
    `CREATE DATABASE ${client.escapeIdentifier(name)} OWNER ${client.escapeIdentifier(ADMIN.pg)}`,
  );
}

/** What the role owns becomes the administrator's, as at the vendor; its rights and sessions end. */
async function dropRole(
  name: string,
  client: Client,
  within: (database: string, work: (client: Client) => Promise<void>) => Promise<void>,
): Promise<void> {
  if (!(await has(client, "role", name))) return;
  const role = client.escapeIdentifier(name);
  await client.query(`ALTER ROLE ${role} NOLOGIN`);
  await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", [
    name,
  ]);
  const { rows } = await client.query<{ datname: string }>(
    "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate",
  );
  for (const { datname } of rows) {
    await within(datname, async (inside) => {
      await inside.query(`REASSIGN OWNED BY ${role} TO ${inside.escapeIdentifier(ADMIN.pg)}`);
      await inside.query(`DROP OWNED BY ${role}`);
    });
  }
  await client.query(`DROP ROLE ${role}`);
}
