import { isIP } from "node:net";
import type { CertificateFiles } from "../certificates.ts";
import type { AccessRule, PostgresSpec } from "../engines.ts";

/** The server's settings: small, since there are many, and durable. */
const OWN_SETTINGS = {
  unix_socket_directories: "",
  max_connections: "50",
  shared_buffers: "16MB",
  max_wal_size: "64MB",
  min_wal_size: "32MB",
  jit: "off",
  max_worker_processes: "4",
  max_parallel_workers: "2",
  dynamic_shared_memory_type: "posix",
  ssl: "on",
  ssl_min_protocol_version: "TLSv1.2",
  password_encryption: "scram-sha-256",
  // The log must not hold what clients send: statements and the values that errors quote.
  log_min_messages: "log",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  log_statement: "none",
  log_checkpoints: "off",
  log_line_prefix: "",
  timezone: "UTC",
  log_timezone: "UTC",
  lc_messages: "C",
} as const;

/** The text of postgresql.conf. */
export function postgresConfiguration(
  { endpoint, addresses = [], settings = {} }: PostgresSpec,
  files: CertificateFiles & { readonly accessFile: string },
): string {
  const all: Record<string, string> = {
    ...OWN_SETTINGS,
    ...settings,
    listen_addresses: [endpoint.host, ...addresses].join(","),
    port: String(endpoint.port),
    hba_file: files.accessFile,
    ssl_cert_file: files.certificateFile,
    ssl_key_file: files.keyFile,
  };
  return lines(
    Object.entries(all).map(([name, value]) => `${settingName(name)} = ${quote(value)}`),
  );
}

/** The text of pg_hba.conf: who may log in, always with TLS; nobody else may. */
export function accessFile({
  superuser,
  endpoint,
  access,
}: Pick<PostgresSpec, "endpoint" | "access"> & {
  readonly superuser: { readonly name: string };
}): string {
  const own = [...new Set(["127.0.0.1", endpoint.host])].map((host): string =>
    line("all", quoted(superuser.name), `${host}/32`, "scram-sha-256"),
  );
  // No rule for `all` lets the superuser in from elsewhere.
  const nobodyElse = ["0.0.0.0/0", "::/0"].map((address) =>
    line("all", quoted(superuser.name), address, "reject"),
  );
  return lines([...own, ...nobodyElse, ...access.map(ruleLine)]);
}

function ruleLine({ database, user, address, method }: AccessRule): string {
  return line(nameOrAll(database), nameOrAll(user), cidr(address), method);
}

const line = (...fields: string[]): string => ["hostssl", ...fields].join("  ");
const lines = (all: readonly string[]): string => all.map((each) => `${each}\n`).join("");

const nameOrAll = (name: string): string => (name === "all" ? "all" : quoted(name));

/** Quoted, a name has no other meaning (`all`, `sameuser`, `+group`, `/pattern`). */
function quoted(name: string): string {
  if (name === "" || /[\0\r\n]/.test(name)) {
    throw new Error("An access rule's database or user is empty or has a line break. Name one.");
  }
  return `"${name.replaceAll('"', '""')}"`;
}

function cidr(address: string): string {
  const [ip = "", bits = ""] = address.split("/");
  const version = isIP(ip);
  if (version === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (version === 4 ? 32 : 128)) {
    throw new Error(`The access rule's address "${address}" is no CIDR. Write 127.0.0.0/8, say.`);
  }
  return address;
}

function settingName(name: string): string {
  if (!/^[a-z_][a-z0-9_.]*$/i.test(name)) {
    throw new Error(
      `"${name}" is no PostgreSQL setting. Use letters, digits, dots and underscores.`,
    );
  }
  return name;
}

function quote(value: string): string {
  if (/[\0\r\n]/.test(value)) {
    throw new Error("A PostgreSQL setting's value has a line break. Write it in one line.");
  }
  return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
