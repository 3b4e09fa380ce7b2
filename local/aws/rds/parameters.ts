import { invalidValue } from "../protocol/errors.ts";

/** One parameter that a parameter group can set. */
export interface Parameter {
  readonly name: string;
  /** A static one takes effect at the next reboot, whatever is asked for. */
  readonly applyType: "static" | "dynamic";
  readonly dataType: "integer" | "float" | "boolean" | "string" | "list";
  /** `10-200`, `on,off`; none is any text. */
  readonly allowed: string | undefined;
  readonly description: string;
}

export const FAMILY = "postgres17";

type Row = readonly [
  name: string,
  applyType: Parameter["applyType"],
  dataType: Parameter["dataType"],
  allowed: string | undefined,
  description: string,
];

const ROWS: readonly Row[] = [
  ["autovacuum", "dynamic", "boolean", "0,1", "Starts the autovacuum subprocess."],
  [
    "autovacuum_analyze_scale_factor",
    "dynamic",
    "float",
    "0-100",
    "Share of changed rows before an analyze.",
  ],
  ["autovacuum_max_workers", "static", "integer", "1-8", "Number of autovacuum processes."],
  ["autovacuum_naptime", "dynamic", "integer", "1-2147483", "(s) Time between autovacuum runs."],
  [
    "autovacuum_vacuum_scale_factor",
    "dynamic",
    "float",
    "0-100",
    "Share of changed rows before a vacuum.",
  ],
  [
    "checkpoint_timeout",
    "dynamic",
    "integer",
    "30-86400",
    "(s) Time between automatic checkpoints.",
  ],
  [
    "client_min_messages",
    "dynamic",
    "string",
    "debug5,debug4,debug3,debug2,debug1,log,notice,warning,error",
    "Messages that are sent to the client.",
  ],
  [
    "deadlock_timeout",
    "dynamic",
    "integer",
    "1-2147483647",
    "(ms) Time to wait on a lock before checking for deadlock.",
  ],
  ["default_statistics_target", "dynamic", "integer", "1-10000", "Default statistics target."],
  [
    "default_transaction_isolation",
    "dynamic",
    "string",
    "serializable,repeatable read,read committed,read uncommitted",
    "Isolation level of new transactions.",
  ],
  [
    "effective_cache_size",
    "dynamic",
    "integer",
    "1-2147483647",
    "(8kB) The planner's assumption about caches.",
  ],
  [
    "idle_in_transaction_session_timeout",
    "dynamic",
    "integer",
    "0-2147483647",
    "(ms) Longest idle time in a transaction.",
  ],
  [
    "idle_session_timeout",
    "dynamic",
    "integer",
    "0-2147483647",
    "(ms) Longest idle time outside a transaction.",
  ],
  ["lock_timeout", "dynamic", "integer", "0-2147483647", "(ms) Longest wait for a lock."],
  [
    "log_autovacuum_min_duration",
    "dynamic",
    "integer",
    "-1-2147483647",
    "(ms) Autovacuum actions that are logged.",
  ],
  ["log_connections", "dynamic", "boolean", "0,1", "Logs each successful connection."],
  ["log_disconnections", "dynamic", "boolean", "0,1", "Logs the end of each session."],
  ["log_lock_waits", "dynamic", "boolean", "0,1", "Logs long lock waits."],
  [
    "log_min_duration_statement",
    "dynamic",
    "integer",
    "-1-2147483647",
    "(ms) Statements that are logged.",
  ],
  [
    "log_statement",
    "dynamic",
    "string",
    "none,ddl,mod,all",
    "Kinds of statements that are logged.",
  ],
  [
    "log_temp_files",
    "dynamic",
    "integer",
    "-1-2147483647",
    "(kB) Temporary files that are logged.",
  ],
  [
    "maintenance_work_mem",
    "dynamic",
    "integer",
    "1024-2147483647",
    "(kB) Memory for maintenance operations.",
  ],
  ["max_connections", "static", "integer", "6-8388607", "Number of concurrent connections."],
  ["max_locks_per_transaction", "static", "integer", "10-2147483647", "Locks per transaction."],
  [
    "max_parallel_workers_per_gather",
    "dynamic",
    "integer",
    "0-1024",
    "Parallel processes per executor node.",
  ],
  [
    "max_prepared_transactions",
    "static",
    "integer",
    "0-8388607",
    "Transactions prepared at the same time.",
  ],
  ["max_replication_slots", "static", "integer", "5-8388607", "Replication slots."],
  ["max_wal_senders", "static", "integer", "5-8388607", "WAL sender processes."],
  [
    "max_wal_size",
    "dynamic",
    "integer",
    "128-201326592",
    "(MB) WAL size that triggers a checkpoint.",
  ],
  ["max_worker_processes", "static", "integer", "0-262143", "Concurrent worker processes."],
  [
    "pg_stat_statements.max",
    "static",
    "integer",
    "100-2147483647",
    "Statements that pg_stat_statements tracks.",
  ],
  [
    "pg_stat_statements.track",
    "dynamic",
    "string",
    "none,top,all",
    "Which statements pg_stat_statements tracks.",
  ],
  [
    "random_page_cost",
    "dynamic",
    "float",
    "0-1.79769e+308",
    "Cost of a page fetched out of order.",
  ],
  ["rds.force_ssl", "dynamic", "boolean", "0,1", "Refuses connections without SSL."],
  ["rds.logical_replication", "static", "boolean", "0,1", "Enables logical decoding."],
  ["shared_buffers", "static", "integer", "16-1073741823", "(8kB) Shared memory buffers."],
  [
    "shared_preload_libraries",
    "static",
    "list",
    "auto_explain,pg_prewarm,pg_stat_statements",
    "Libraries that the server loads.",
  ],
  [
    "statement_timeout",
    "dynamic",
    "integer",
    "0-2147483647",
    "(ms) Longest duration of a statement.",
  ],
  ["tcp_keepalives_count", "dynamic", "integer", "0-2147483647", "TCP keepalive retransmits."],
  ["tcp_keepalives_idle", "dynamic", "integer", "0-2147483647", "(s) Time between TCP keepalives."],
  [
    "tcp_keepalives_interval",
    "dynamic",
    "integer",
    "0-2147483647",
    "(s) Time between keepalive retransmits.",
  ],
  ["temp_buffers", "dynamic", "integer", "100-1073741823", "(8kB) Temporary buffers per session."],
  ["timezone", "dynamic", "string", undefined, "Time zone of time stamps."],
  [
    "track_activity_query_size",
    "static",
    "integer",
    "100-1048576",
    "(B) Room for a running statement's text.",
  ],
  ["track_functions", "dynamic", "string", "none,pl,all", "Function calls that are counted."],
  ["track_io_timing", "dynamic", "boolean", "0,1", "Collects timing of I/O."],
  [
    "wal_sender_timeout",
    "dynamic",
    "integer",
    "0-3600000",
    "(ms) Longest wait for WAL replication.",
  ],
  ["work_mem", "dynamic", "integer", "64-2147483647", "(kB) Memory for each query operation."],
];

/** The parameters of PostgreSQL that the local servers really take. */
export const parameters: ReadonlyMap<string, Parameter> = new Map(
  ROWS.map(([name, applyType, dataType, allowed, description]) => [
    name,
    { name, applyType, dataType, allowed, description },
  ]),
);

/** Only what RDS itself sets; the engine has its own word for it or does it anyway. */
const OF_RDS: Readonly<Record<string, (value: string) => Record<string, string>>> = {
  "rds.force_ssl": () => ({}),
  "rds.logical_replication": (value) => (isOn(value) ? { wal_level: "logical" } : {}),
};

/** RDS's value of a parameter in the engine's words. */
export const engineSettings = (name: string, value: string): Record<string, string> =>
  OF_RDS[name]?.(value) ?? { [name]: value };

/** Throws the vendor's refusal of a value that the parameter cannot have. */
export function checkValue({ name, dataType, allowed }: Parameter, value: string): void {
  const invalid = (why: string) =>
    invalidValue(`Invalid parameter value: ${value} for: ${name} ${why}`);
  if (value.includes("{")) {
    throw invalid(
      "- the local cloud does not compute formulas of the instance's class. Give the value.",
    );
  }
  if (name === "rds.force_ssl" && !isOn(value)) {
    throw invalid("- the local cloud refuses every connection without SSL, so it can only be 1.");
  }
  if (/[\0\r\n]/.test(value)) throw invalid("- it has a line break.");
  if (allowed === undefined) return;
  if (dataType === "integer" || dataType === "float") {
    const [, least = "", most = ""] = /^(-?[^-]+)-(.+)$/.exec(allowed) ?? [];
    const isNumber = dataType === "integer" ? /^-?\d+$/.test(value) : /^-?\d+(\.\d+)?$/.test(value);
    const number = Number(value);
    if (!isNumber || number < Number(least) || number > Number(most)) {
      throw invalid(`allowed values: ${allowed}`);
    }
    return;
  }
  const options = allowed.split(",");
  const given = dataType === "list" ? value.split(",").map((part) => part.trim()) : [value];
  const accepted = dataType === "boolean" ? ["0", "1", "on", "off", "true", "false"] : options;
  if (given.some((one) => one !== "" && !accepted.includes(one.toLowerCase()))) {
    throw invalid(`allowed values: ${allowed}`);
  }
}

const isOn = (value: string): boolean => ["1", "on", "true"].includes(value.toLowerCase());
