import type { Client } from "pg";
import type { AccessRule, Endpoint, KeyPair, PostgresSpec } from "../../engines/engines.ts";
import type { Sealed } from "../../store/vault.ts";
import { accountAuthority } from "../accounts.ts";
import type { Caller } from "../caller.ts";
import { rangesLetIn } from "../ec2/placement.ts";
import type { InstanceBody } from "./documents.ts";

/** The vendor's own superuser; a master user may not have its name. */
export const SUPERUSER = "rdsadmin";
/** The role that stands for what a master user may do beyond its own things. */
const MASTERS = "rds_superuser";
const OWN_DATABASE = "postgres";

/** What the vendor lets members of `rds_superuser` do. */
const MASTERS_RIGHTS = [
  "pg_monitor",
  "pg_signal_backend",
  "pg_checkpoint",
  "pg_maintain",
  "pg_use_reserved_connections",
];

/** What a server is, wherever it is kept. */
interface ServerBody {
  readonly serverId: string;
  readonly endpoint?: Endpoint;
  readonly superuserPassword: Sealed;
}

/** An instance's server: its security groups and the operator's own machine are let in. */
export async function instanceSpec(caller: Caller, body: InstanceBody): Promise<PostgresSpec> {
  const ranges = ["127.0.0.1/32", ...rangesLetIn(caller, body.securityGroupIds, body.port)];
  const access = [...new Set(ranges)].map(
    (address): AccessRule => ({
      database: "all",
      user: "all",
      address,
      method: "scram-sha-256",
    }),
  );
  return { ...(await serverSpec(caller, body)), settings: body.parameters.static, access };
}

/** A server that nobody is let into: a snapshot's, while it is written or read. */
export async function serverSpec(caller: Caller, body: ServerBody): Promise<PostgresSpec> {
  if (body.endpoint === undefined) throw new Error(`The server ${body.serverId} has no endpoint.`);
  const authority: KeyPair = await accountAuthority(caller.cloud, caller.accountId);
  const password = caller.cloud.vault.open(body.superuserPassword);
  return {
    id: body.serverId,
    endpoint: body.endpoint,
    authority,
    superuser: { name: SUPERUSER, password },
    access: [],
  };
}

/** Gives the server what a new instance has: the master user and its databases. May be done again. */
export async function setUpMaster(client: Client, body: InstanceBody): Promise<void> {
  const master = client.escapeIdentifier(body.masterUsername);
  await createRole(client, MASTERS, `CREATE ROLE ${MASTERS} NOLOGIN`);
  await client.query(`GRANT ${MASTERS_RIGHTS.join(", ")} TO ${MASTERS} WITH ADMIN OPTION`);
  await createRole(client, body.masterUsername, `CREATE ROLE ${master} LOGIN CREATEDB CREATEROLE`);
  await client.query(`GRANT ${MASTERS} TO ${master} WITH ADMIN OPTION`);
  await client.query(`ALTER DATABASE ${OWN_DATABASE} OWNER TO ${master}`);
  if (body.dbName === undefined) return;
  const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [
    body.dbName,
  ]);
  if (rowCount !== 0) return;
  await client.query(`CREATE DATABASE ${client.escapeIdentifier(body.dbName)} OWNER ${master}`);
}

/** Gives the master user its new password, as what PostgreSQL keeps of it. */
export async function setMasterPassword(
  client: Client,
  masterUsername: string,
  verifier: string,
): Promise<void> {
  const master = client.escapeIdentifier(masterUsername);
  await client.query(`ALTER ROLE ${master} PASSWORD ${client.escapeLiteral(verifier)}`);
}

async function createRole(client: Client, name: string, statement: string): Promise<void> {
  const { rowCount } = await client.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [name]);
  if (rowCount === 0) await client.query(statement);
}
