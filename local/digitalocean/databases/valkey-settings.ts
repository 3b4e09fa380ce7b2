import { choice, integer, named, type Settings, text } from "./setting.ts";

/** The vendor writes eviction policies with underscores; some of its clients, as the server, with hyphens. */
export const EVICTION_POLICIES = [
  ...["noeviction", "allkeys_lru", "allkeys_random", "volatile_lru", "volatile_random"],
  "volatile_ttl",
];
export const EVICTION_POLICY = "valkey_maxmemory_policy";

const toServer = (value: unknown) => String(value).replaceAll("_", "-");
/** The soft limit is a quarter of the hard one, for at most a minute, as at the vendor. */
const pubsubLimit = (megabytes: unknown) => `pubsub ${megabytes}mb ${Number(megabytes) / 4}mb 60`;

/**
 * The advanced settings of Valkey that the local server can take, with the vendor's limits.
 * @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Databases/operation/databases_patch_config
 */
export const VALKEY_SETTINGS: Settings = named({
  [EVICTION_POLICY]: choice(EVICTION_POLICIES, "noeviction", {
    parameter: "maxmemory-policy",
    toText: toServer,
  }),
  valkey_pubsub_client_output_buffer_limit: integer(32, 512, 32, {
    parameter: "client-output-buffer-limit",
    toText: pubsubLimit,
  }),
  valkey_number_of_databases: integer(1, 128, 16, { parameter: "databases" }),
  valkey_io_threads: integer(1, 32, 1, { parameter: "io-threads" }),
  valkey_lfu_log_factor: integer(0, 100, 10, { parameter: "lfu-log-factor" }),
  valkey_lfu_decay_time: integer(1, 120, 1, { parameter: "lfu-decay-time" }),
  valkey_timeout: integer(0, 31_536_000, 300, { parameter: "timeout" }),
  valkey_notify_keyspace_events: text(/^[KEg$lshzxeA]{0,32}$/, "", {
    parameter: "notify-keyspace-events",
  }),
});
