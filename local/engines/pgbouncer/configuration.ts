import type { CertificateFiles } from "../certificates.ts";
import type { PgBouncerSpec } from "../engines.ts";

/** The engine's own user, for the console alone. */
export const ADMINISTRATOR = "bulkhead-engine";
/** PgBouncer's console is a database of this name. */
export const CONSOLE = "pgbouncer";

/** The pooler's settings. */
const OWN_SETTINGS = {
  unix_socket_dir: "",
  logfile: "",
  pidfile: "",
  log_connections: "0",
  log_disconnections: "0",
  stats_period: "86400",
  client_tls_sslmode: "require",
  client_tls_protocols: "secure",
  server_tls_sslmode: "verify-full",
  auth_type: "hba",
  max_client_conn: "1000",
  // A server that was killed is back within a second.
  server_login_retry: "1",
  // What JDBC sends with each login, and a pooler cannot keep for one client.
  ignore_startup_parameters: "extra_float_digits",
} as const;

/** The text of the settings, without the pools. */
export function pgbouncerSettings(
  { endpoint }: PgBouncerSpec,
  files: CertificateFiles & { readonly usersFile: string; readonly accessFile: string },
): string {
  const all: Record<string, string> = {
    ...OWN_SETTINGS,
    listen_addr: endpoint.host,
    listen_port: String(endpoint.port),
    client_tls_cert_file: files.certificateFile,
    client_tls_key_file: files.keyFile,
    server_tls_ca_file: files.authorityFile,
    auth_file: files.usersFile,
    auth_hba_file: files.accessFile,
    admin_users: ADMINISTRATOR,
  };
  return section("pgbouncer", Object.entries(all));
}

/** The text of the pools: what a client may name as its database, and where that is. */
export function poolSection({ backend, pools }: PgBouncerSpec): string {
  return section(
    "databases",
    pools.map(({ name, database, mode, size }) => [
      poolName(name),
      [
        `host=${backend.host}`,
        `port=${backend.port}`,
        `dbname=${value(database)}`,
        `pool_mode=${mode}`,
        `pool_size=${size}`,
      ].join(" "),
    ]),
  );
}

/** The text of the file of users: what PostgreSQL keeps of their passwords lets the pooler log in for them. */
export function usersFile({ users }: PgBouncerSpec, administratorVerifier: string): string {
  const all = [...users, { name: ADMINISTRATOR, verifier: administratorVerifier }];
  return all.map(({ name, verifier }) => `${quoted(name)} ${quoted(verifier)}\n`).join("");
}

const section = (name: string, lines: readonly (readonly [string, string])[]): string =>
  `[${name}]\n${lines.map(([key, text]) => `${key} = ${text}\n`).join("")}`;

function poolName(name: string): string {
  if (name === CONSOLE || !/^[\w.-]+$/.test(name)) {
    throw new Error(
      `"${name}" cannot be a pool's name. Use letters, digits, dots, hyphens and underscores, and not "${CONSOLE}".`,
    );
  }
  return name;
}

/** A word of a connection string. */
function value(text: string): string {
  return `'${oneLine(text).replaceAll("'", "''")}'`;
}

const quoted = (text: string): string => `"${oneLine(text).replaceAll('"', '""')}"`;

function oneLine(text: string): string {
  if (text === "" || /[\0\r\n]/.test(text)) {
    throw new Error("A pool's database or user is empty or has a line break. Name one.");
  }
  return text;
}
