import { choice, fraction, integer, named, type Settings, text, toggle } from "./setting.ts";

const MOST_INT = 2_147_483_647;
const DAY_MS = 86_400_000;
const onOff = ["off", "on"];

/**
 * The advanced settings of PostgreSQL that a single server without the vendor's extensions can take,
 * with the vendor's limits.
 * @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Databases/operation/databases_patch_config
 */
export const POSTGRES_SETTINGS: Settings = named({
  autovacuum_freeze_max_age: integer(200_000_000, 1_500_000_000, 200_000_000),
  autovacuum_max_workers: integer(1, 20, 3),
  autovacuum_naptime: integer(1, 86_400, 60, { toText: (seconds) => `${seconds}s` }),
  autovacuum_vacuum_threshold: integer(0, MOST_INT, 50),
  autovacuum_analyze_threshold: integer(0, MOST_INT, 50),
  autovacuum_vacuum_scale_factor: fraction(1, 0.2),
  autovacuum_analyze_scale_factor: fraction(1, 0.1),
  autovacuum_vacuum_cost_delay: integer(-1, 100, 2),
  autovacuum_vacuum_cost_limit: integer(-1, 10_000, -1),
  bgwriter_delay: integer(10, 10_000, 200),
  bgwriter_flush_after: integer(0, 2048, 512, { toText: (kilobytes) => `${kilobytes}kB` }),
  bgwriter_lru_maxpages: integer(0, 1_073_741_823, 100),
  bgwriter_lru_multiplier: fraction(10, 2),
  deadlock_timeout: integer(500, 1_800_000, 1000),
  default_toast_compression: choice(["lz4", "pglz"], "pglz"),
  idle_in_transaction_session_timeout: integer(0, 7 * DAY_MS, 0),
  jit: toggle(false),
  log_autovacuum_min_duration: integer(-1, MOST_INT, -1),
  log_error_verbosity: choice(["TERSE", "DEFAULT", "VERBOSE"], "TERSE"),
  log_line_prefix: choice(
    [
      "pid=%p,user=%u,db=%d,app=%a,client=%h",
      "%m [%p] %q[user=%u,db=%d,app=%a]",
      "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h",
    ],
    undefined,
  ),
  log_min_duration_statement: integer(-1, DAY_MS, -1),
  max_files_per_process: integer(1000, 4096, 1000),
  max_locks_per_transaction: integer(64, 6400, 64),
  max_parallel_workers: integer(0, 96, 2),
  max_parallel_workers_per_gather: integer(0, 96, 2),
  max_pred_locks_per_transaction: integer(64, 640, 64),
  max_prepared_transactions: integer(0, 10_000, 0),
  max_stack_depth: integer(2_097_152, 6_291_456, 2_097_152, {
    toText: (bytes) => `${Math.floor(Number(bytes) / 1024)}kB`,
  }),
  max_worker_processes: integer(8, 96, 8),
  temp_file_limit: integer(-1, MOST_INT, -1),
  timezone: text(/^[\w+/-]{1,64}$/, "UTC"),
  track_activity_query_size: integer(1024, 10_240, 1024),
  track_commit_timestamp: choice(onOff, "off"),
  track_functions: choice(["all", "pl", "none"], "none"),
  track_io_timing: choice(onOff, "off"),
  wal_writer_delay: integer(10, 200, 200),
  work_mem: integer(1, 1024, 4, { toText: (megabytes) => `${megabytes}MB` }),
});
