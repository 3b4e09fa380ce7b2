import { isServerPort } from "./schemes.ts";

/** What the name of a variable or property says about its text. */
export interface NameHint {
  /** The id of an account or of a zone, which looks like every other id. */
  readonly id: "account" | "zone" | undefined;
  /** A host on its own: of a server that keeps data, or of a service behind HTTP. */
  readonly host: "server" | "http" | undefined;
  /** A digest or a secret, which may look like an id and is none. */
  readonly noId: boolean;
  /** A bucket by its name; of Google or R2 where the words say so. */
  readonly bucket: "any" | "gcs" | "r2" | undefined;
  /** The connection name of an instance of Cloud SQL. */
  readonly connection: boolean;
}

const HOST_WORDS: ReadonlySet<string> = new Set(["host", "hosts", "hostname", "hostaddr"]);

/** Words that make a host, a server, an endpoint or an address the one of a server that keeps data. */
const SERVER_WORDS: ReadonlySet<string> = new Set([
  "db",
  "database",
  "pg",
  "postgres",
  "postgresql",
  "mysql",
  "mariadb",
  "mongo",
  "mongodb",
  "redis",
  "valkey",
  "amqp",
  "rabbitmq",
  "rabbit",
  "broker",
  "brokers",
  "bootstrap",
  "kafka",
  "nats",
  "mqtt",
  "memcache",
  "memcached",
  "elasticsearch",
  "es",
  "opensearch",
  "cassandra",
  "scylla",
  "clickhouse",
  "influxdb",
  "etcd",
  "zookeeper",
  "neo4j",
  "couchbase",
]);

const ADDRESS_WORDS: ReadonlySet<string> = new Set([
  "server",
  "servers",
  "endpoint",
  "endpoints",
  "address",
  "addresses",
  "addr",
  "addrs",
  "node",
  "nodes",
  "seeds",
  "broker",
  "brokers",
]);

const GOOGLE_WORDS: ReadonlySet<string> = new Set(["gcs", "gcp", "gs", "google"]);

const CONNECTION_WORDS: ReadonlySet<string> = new Set([
  "connection",
  "cloudsql",
  "sql",
  "instance",
  "instances",
]);

/** The variables of libpq and others, written in one word. */
const JOINED_HOST = /^(?:pg|db|postgres|mysql|mongo|redis|valkey)(?:host|hostaddr|hostname)$/;

const DIGEST_WORDS: ReadonlySet<string> = new Set([
  "etag",
  "md5",
  "hash",
  "checksum",
  "digest",
  "fingerprint",
  "signature",
]);

const SECRET_WORDS: ReadonlySet<string> = new Set([
  "secret",
  "password",
  "passwd",
  "passphrase",
  "token",
  "credential",
  "credentials",
]);

/**
 * Reads a name.
 *
 * @param port of the same server, where it stands beside the text.
 */
export function hintOf(name: string, port?: number): NameHint {
  const words = wordsOf(name);
  const says = (set: ReadonlySet<string>): boolean => words.some((word) => set.has(word));
  const last = words.at(-1) ?? "";
  const joined = JOINED_HOST.test(last);
  const server = joined || says(SERVER_WORDS) || isServerPort(port);
  const host = joined || HOST_WORDS.has(last);
  const key = words.includes("key") && last !== "id";
  return {
    id: words.includes("account") ? "account" : words.includes("zone") ? "zone" : undefined,
    host: server && (host || ADDRESS_WORDS.has(last)) ? "server" : host ? "http" : undefined,
    bucket: bucketIn(name, words),
    connection: says(CONNECTION_WORDS),
    noId: key || says(DIGEST_WORDS) || says(SECRET_WORDS),
  };
}

/** A property of a vendor's resource is often `bucket` alone, of any vendor; a variable says more. */
function bucketIn(name: string, words: readonly string[]): NameHint["bucket"] {
  const last = words.at(-1) === "name" ? words.at(-2) : words.at(-1);
  if (last !== "bucket" || name === "bucket") return undefined;
  if (words.includes("r2")) return "r2";
  return words.some((word) => GOOGLE_WORDS.has(word)) ? "gcs" : "any";
}

/** `databaseUrl`, `DATABASE_URL` and `qhub:database-url` in lower-case words. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}
