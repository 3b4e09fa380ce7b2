import { type Outcome, type Refusal, refuse } from "./refusal.ts";

/**
 * Settings of a `postgresql.conf` that go to the server as they are. None of them puts statements into
 * the log, in which there may be passwords.
 */
const TUNABLE = new Set([
  "checkpoint_completion_target",
  "checkpoint_timeout",
  "default_statistics_target",
  "effective_cache_size",
  "effective_io_concurrency",
  "idle_in_transaction_session_timeout",
  "lock_timeout",
  "log_connections",
  "log_disconnections",
  "log_lock_waits",
  "log_timezone",
  "maintenance_work_mem",
  "max_connections",
  "max_parallel_workers",
  "max_wal_size",
  "max_worker_processes",
  "min_wal_size",
  "random_page_cost",
  "shared_buffers",
  "ssl_min_protocol_version",
  "statement_timeout",
  "superuser_reserved_connections",
  "timezone",
  "wal_buffers",
  "work_mem",
]);

/** Settings that must have one of these values, and whether they may be left out. */
const FIXED: Readonly<
  Record<string, { readonly values: readonly string[]; readonly needed: boolean }>
> = {
  listen_addresses: { values: ["*", "0.0.0.0"], needed: true },
  ssl: { values: ["on", "true", "yes", "1"], needed: true },
  password_encryption: { values: ["scram-sha-256"], needed: false },
  hba_file: { values: ["/etc/postgresql/17/main/pg_hba.conf"], needed: false },
};

/** What a configuration file of the server says. */
export interface PostgresConf {
  readonly port: number;
  readonly certificateFile: string;
  readonly privateKeyFile: string;
  readonly dataDirectory?: string;
  /** Settings that go to the server as they are. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Reads lines `key = value`; `file` is named in refusals. */
export function parsePostgresConf(text: string, file: string): Outcome<PostgresConf> {
  const read = readLines(text, file);
  if (read.refusals !== undefined) return read;
  const values = read.value;
  const key = (name: string) => `${file} ${name}`;
  const refusals: Refusal[] = [];
  for (const [name, { values: allowed, needed }] of Object.entries(FIXED)) {
    const value = values.get(name);
    if (value === undefined ? needed : !allowed.includes(value.toLowerCase())) {
      refusals.push({ key: key(name), message: `must be ${allowed.join(" or ")}.` });
    }
  }
  const certificateFile = values.get("ssl_cert_file");
  const privateKeyFile = values.get("ssl_key_file");
  if (certificateFile === undefined || privateKeyFile === undefined) {
    const missing = certificateFile === undefined ? "ssl_cert_file" : "ssl_key_file";
    return { refusals: [...refusals, { key: key(missing), message: "is missing. Add it." }] };
  }
  const port = Number(values.get("port") ?? 5432);
  if (!Number.isInteger(port) || port < 1024 || port > 65_535) {
    refusals.push({ key: key("port"), message: "must be a number from 1024 to 65535." });
  }
  const dataDirectory = values.get("data_directory");
  const settings = [...values].filter(([name]) => TUNABLE.has(name));
  if (refusals.length > 0) return { refusals };
  return {
    value: {
      port,
      certificateFile,
      privateKeyFile,
      ...(dataDirectory === undefined ? {} : { dataDirectory }),
      settings: Object.fromEntries(settings),
    },
  };
}

const OWN = new Set(["port", "ssl_cert_file", "ssl_key_file", "data_directory"]);
const LINE = /^([A-Za-z_]\w*)(?:\s*=\s*|\s+)('(?:[^'\\]|'')*'|[^\s'#]+)\s*(?:#.*)?$/;

/** Each setting's value without its quotation marks; the last line of a setting counts. */
function readLines(text: string, file: string): Outcome<Map<string, string>> {
  const values = new Map<string, string>();
  const refusals: Refusal[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [, written = "", value = ""] = LINE.exec(line) ?? [];
    const name = written.toLowerCase();
    if (name === "") {
      refusals.push(...refuse(`${file} line ${index + 1}`, "must be `key = value`.").refusals);
    } else if (!(TUNABLE.has(name) || OWN.has(name) || Object.hasOwn(FIXED, name))) {
      refusals.push({
        key: `${file} ${name}`,
        message: "is not a setting that the local machine serves. Leave it out.",
      });
    } else {
      const quoted = value.startsWith("'");
      values.set(name, quoted ? value.slice(1, -1).replaceAll("''", "'") : value);
    }
  }
  return refusals.length > 0 ? { refusals } : { value: values };
}
