/** Servers that keep data, by the scheme of their URLs, with the port of a URL that names none. */
const SERVER_PORTS: ReadonlyMap<string, number> = new Map([
  ["postgres", 5432],
  ["postgresql", 5432],
  ["cockroachdb", 26257],
  ["mysql", 3306],
  ["mysql2", 3306],
  ["mysqlx", 33060],
  ["mariadb", 3306],
  ["sqlserver", 1433],
  ["mssql", 1433],
  ["mongodb", 27017],
  ["redis", 6379],
  ["rediss", 6379],
  ["redis-sentinel", 26379],
  ["rediss-sentinel", 26379],
  ["valkey", 6379],
  ["valkeys", 6379],
  ["memcached", 11211],
  ["amqp", 5672],
  ["amqps", 5671],
  ["nats", 4222],
  ["kafka", 9092],
  ["mqtt", 1883],
  ["mqtts", 8883],
  ["clickhouse", 9000],
  ["cassandra", 9042],
  ["neo4j", 7687],
  ["bolt", 7687],
  ["ldap", 389],
  ["ldaps", 636],
  ["libsql", 443],
  ["oracle", 1521],
  ["db2", 50000],
  ["snowflake", 443],
  ["etcd", 2379],
  ["scylla", 9042],
  ["influxdb", 8086],
  ["couchbase", 11210],
  ["couchbases", 11207],
  ["elasticsearch", 9200],
  ["opensearch", 9200],
  ["pulsar", 6650],
  ["zookeeper", 2181],
  // Azure Service Bus and Event Hubs
  ["sb", 5671],
]);

/** Services behind HTTP, with the port of a URL that names none. */
const HTTP_PORTS: ReadonlyMap<string, number> = new Map([
  ["http", 80],
  ["https", 443],
  ["ws", 80],
  ["wss", 443],
  // Prisma's proxy: which database it reaches is told by its key alone.
  ["prisma", 443],
]);

/**
 * Schemes whose URLs lead to no server of anybody's own: files and data, buckets, code and images,
 * apps on a device.
 */
const OTHER_SCHEMES: ReadonlySet<string> = new Set([
  "file",
  "data",
  "urn",
  "mailto",
  "about",
  "blob",
  "jar",
  "node",
  "webpack",
  "view-source",
  "s3",
  "s3a",
  "s3n",
  "gs",
  "r2",
  "ipfs",
  "ipns",
  "git",
  "ssh",
  "npm",
  "docker",
  "oci",
  "pulumi",
  "otpauth",
  "intent",
  "vscode",
  "app",
  "capacitor",
  "ionic",
  "tauri",
  "android-app",
  "ios-app",
  "chrome-extension",
  "moz-extension",
  "safari-web-extension",
]);

const POSTGRES_SCHEMES: ReadonlySet<string> = new Set(["postgres", "postgresql", "cockroachdb"]);

/** Ports that say nothing of what listens there. */
const HTTP_PORT_NUMBERS: ReadonlySet<number> = new Set(HTTP_PORTS.values());

const SERVER_PORT_NUMBERS: ReadonlySet<number> = new Set(
  [...SERVER_PORTS.values()].filter((port) => !HTTP_PORT_NUMBERS.has(port)),
);

/** Without the driver: `postgresql+psycopg2` and `mongodb+srv` are `postgresql` and `mongodb`. */
const protocolOf = (scheme: string): string => scheme.replace(/\+.*$/, "");

/** True where a URL of the scheme leads to a server that keeps data. */
export const isServerScheme = (scheme: string): boolean => SERVER_PORTS.has(protocolOf(scheme));

/**
 * True for a scheme that is in no table, and so may lead to a server of any kind: `sftp`, `smtp`,
 * `nfs`, `presto`.
 */
export function isUnknownScheme(scheme: string): boolean {
  return !isServerScheme(scheme) && !isHttpScheme(scheme) && !OTHER_SCHEMES.has(protocolOf(scheme));
}

/** True where libpq's rules for URLs apply. */
export const isPostgresScheme = (scheme: string): boolean =>
  POSTGRES_SCHEMES.has(protocolOf(scheme));

/** True where a URL of the scheme leads to a service behind HTTP. */
export const isHttpScheme = (scheme: string): boolean => HTTP_PORTS.has(protocolOf(scheme));

/** The port of a URL that names none; undefined where the scheme has no such port. */
export function defaultPort(scheme: string): number | undefined {
  const protocol = protocolOf(scheme);
  return SERVER_PORTS.get(protocol) ?? HTTP_PORTS.get(protocol);
}

/** True for a port that servers which keep data listen on by default. */
export const isServerPort = (port: number | undefined): boolean =>
  port !== undefined && SERVER_PORT_NUMBERS.has(port);
