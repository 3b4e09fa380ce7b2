import type { DigitalOceanApi } from "../../../../providers/digitalocean-api/client.ts";
import { orMissing } from "../../../../providers/digitalocean-api/fault.ts";
import type { AnyResource } from "../../../../providers/sdk/definition.ts";
import type { Properties, Property } from "../../../../providers/sdk/properties.ts";
import type { PlainMap, PlainValue } from "../../../../providers/sdk/values.ts";
import type { DigitalOceanClient } from "../client.ts";
import { clusterId, clusterPath, define } from "./shared.ts";

type Kind = "string" | "number" | "integer" | "boolean";

/** Settings by the program's name: their type, and the vendor's name where the rule does not give it. */
type Settings = { readonly [name: string]: Kind | readonly [Kind, string] };

const POSTGRESQL: Settings = {
  autovacuumAnalyzeScaleFactor: "number",
  autovacuumAnalyzeThreshold: "integer",
  autovacuumFreezeMaxAge: "integer",
  autovacuumMaxWorkers: "integer",
  autovacuumNaptime: "integer",
  autovacuumVacuumCostDelay: "integer",
  autovacuumVacuumCostLimit: "integer",
  autovacuumVacuumScaleFactor: "number",
  autovacuumVacuumThreshold: "integer",
  backupHour: "integer",
  backupMinute: "integer",
  bgwriterDelay: "integer",
  bgwriterFlushAfter: "integer",
  bgwriterLruMaxpages: "integer",
  bgwriterLruMultiplier: "number",
  deadlockTimeout: "integer",
  defaultToastCompression: "string",
  idleInTransactionSessionTimeout: "integer",
  jit: "boolean",
  logAutovacuumMinDuration: "integer",
  logErrorVerbosity: "string",
  logLinePrefix: "string",
  logMinDurationStatement: "integer",
  maxFilesPerProcess: "integer",
  maxLocksPerTransaction: "integer",
  maxLogicalReplicationWorkers: "integer",
  maxParallelWorkers: "integer",
  maxParallelWorkersPerGather: "integer",
  maxPredLocksPerTransaction: "integer",
  maxPreparedTransactions: "integer",
  maxReplicationSlots: "integer",
  maxStackDepth: "integer",
  maxStandbyArchiveDelay: "integer",
  maxStandbyStreamingDelay: "integer",
  maxWalSenders: "integer",
  maxWorkerProcesses: "integer",
  pgPartmanBgwInterval: ["integer", "pg_partman_bgw.interval"],
  pgPartmanBgwRole: ["string", "pg_partman_bgw.role"],
  pgStatStatementsTrack: ["string", "pg_stat_statements.track"],
  sharedBuffersPercentage: "number",
  tempFileLimit: "integer",
  timezone: "string",
  trackActivityQuerySize: "integer",
  trackCommitTimestamp: "string",
  trackFunctions: "string",
  trackIoTiming: "string",
  walSenderTimeout: "integer",
  walWriterDelay: "integer",
  workMem: "integer",
};

const VALKEY: Settings = {
  aclChannelsDefault: ["string", "valkey_acl_channels_default"],
  frequentSnapshots: "boolean",
  ioThreads: ["integer", "valkey_io_threads"],
  lfuDecayTime: ["integer", "valkey_lfu_decay_time"],
  lfuLogFactor: ["integer", "valkey_lfu_log_factor"],
  notifyKeyspaceEvents: ["string", "valkey_notify_keyspace_events"],
  numberOfDatabases: ["integer", "valkey_number_of_databases"],
  persistence: ["string", "valkey_persistence"],
  pubsubClientOutputBufferLimit: ["integer", "valkey_pubsub_client_output_buffer_limit"],
  ssl: ["boolean", "valkey_ssl"],
  timeout: ["integer", "valkey_timeout"],
  valkeyActiveExpireEffort: "integer",
  valkeyMaxmemoryPolicy: "string",
};

/** `digitalocean.DatabasePostgresqlConfig`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#operation/databases_patch_config */
export const databasePostgresqlConfig = databaseConfig({
  token: "digitalocean:index/databasePostgresqlConfig:DatabasePostgresqlConfig",
  suffix: "postgresql-config",
  engine: "PostgreSQL",
  settings: POSTGRESQL,
});

/** `digitalocean.DatabaseValkeyConfig`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#operation/databases_patch_config */
export const databaseValkeyConfig = databaseConfig({
  token: "digitalocean:index/databaseValkeyConfig:DatabaseValkeyConfig",
  suffix: "valkey-config",
  engine: "Valkey",
  settings: VALKEY,
});

/** A cluster's configuration. The vendor keeps what is not set, and what was set once it is destroyed. */
function databaseConfig(table: {
  readonly token: string;
  readonly suffix: string;
  readonly engine: string;
  readonly settings: Settings;
}): AnyResource<DigitalOceanClient> {
  const { token, suffix, engine, settings } = table;
  const names = Object.entries(settings).map(([name, setting]) => ({
    name,
    type: typeof setting === "string" ? setting : setting[0],
    at: typeof setting === "string" ? snakeCase(name) : setting[1],
  }));
  const rows = names.map(({ name, type, at }): [string, Property] => [
    name,
    { type, mode: "inherited", doc: `The setting ${at}.` },
  ]);
  const properties: Properties = { clusterId, ...Object.fromEntries(rows) };
  const apply = async (api: DigitalOceanApi, cluster: string, inputs: PlainMap) => {
    const set = names.flatMap(({ name, at }) => {
      const value = inputs[name];
      return value === undefined ? [] : [[at, value] as const];
    });
    if (set.length > 0)
      await api.patch(clusterPath(cluster, "config"), { config: Object.fromEntries(set) });
    return stateOf(api, cluster);
  };
  const stateOf = async (api: DigitalOceanApi, cluster: string) => {
    const { config } = await api.get<{ config: PlainMap }>(clusterPath(cluster, "config"));
    const values = names.map(({ name, at }): [string, PlainValue] => [name, config[at] ?? null]);
    return { clusterId: cluster, ...Object.fromEntries(values) };
  };
  const idOf = (cluster: string) => `${cluster}/${suffix}`;
  return define({
    token,
    title: `${engine} configuration`,
    doc: `The configuration of a ${engine} cluster. https://docs.digitalocean.com/products/databases/`,
    identity: ["clusterId"],
    importFormat: "<cluster_id>",
    properties,
    parseImportId: (id) => ({ id: idOf(id), state: { clusterId: id } }),
    async create({ client }, inputs) {
      const given = inputs as PlainMap;
      const cluster = String(given.clusterId);
      return { id: idOf(cluster), state: await apply(client.api, cluster, given) };
    },
    async read({ client }, id, { state }) {
      const found = await orMissing(stateOf(client.api, String(state.clusterId)));
      return found && { id, state: found };
    },
    async update({ client }, _id, inputs) {
      const given = inputs as PlainMap;
      return apply(client.api, String(given.clusterId), given);
    },
    // The vendor has no way back to its own values.
    async delete() {},
  });
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
