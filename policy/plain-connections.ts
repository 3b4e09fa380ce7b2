/** Addresses that make a client talk without TLS. */
import { canonicalHost, isLoopback } from "../isolation/identity/host.ts";
import { type ParsedUrl, parseUrl } from "../isolation/identity/url.ts";
import { nameWords } from "./secret-names.ts";

/** Parameters that switch TLS off, or leave it to the server, by name, with those values. */
const WEAK_PARAMETERS: Readonly<Record<string, RegExp>> = {
  sslmode: /^(?:disable|allow|prefer)$/i,
  "ssl-mode": /^(?:disabled|preferred)$/i,
  ssl: /^(?:false|0|no|off)$/i,
  tls: /^(?:false|0|no|off|skip-verify|preferred)$/i,
  usessl: /^(?:false|0|no|off)$/i,
  encrypt: /^(?:false|0|no|off|disable)$/i,
  sslaccept: /^accept_invalid_certs$/i,
};

/** Schemes without TLS whose scheme with TLS is another one. */
const PLAIN_SCHEMES: Readonly<Record<string, string>> = {
  redis: "rediss",
  valkey: "valkeys",
  amqp: "amqps",
  mqtt: "mqtts",
  ldap: "ldaps",
};

/** Words in the names of variables that hold the address of a store. */
const STORES: ReadonlySet<string> = new Set([
  "bucket",
  "clickhouse",
  "couchdb",
  "database",
  "db",
  "elasticsearch",
  "influxdb",
  "libsql",
  "minio",
  "object",
  "opensearch",
  "qdrant",
  "r2",
  "s3",
  "spaces",
  "storage",
  "turso",
  "vault",
  "weaviate",
]);

const STORE_HOSTS =
  /(?:^|\.)(?:amazonaws\.com|digitaloceanspaces\.com|r2\.cloudflarestorage\.com|db\.ondigitalocean\.com|turso\.io)$/;

/** Characters. Longer texts are programs, whose addresses are examples. */
const LONGEST_ADDRESS = 4096;

/** Why a connection to the address is not encrypted; undefined where it is, or where the text is none. */
export function plainConnection(name: string, text: string): string | undefined {
  if (text.length > LONGEST_ADDRESS) return undefined;
  const urls = text.split(/[\s,;]+(?=[a-z][a-z0-9+.-]*:\/\/)/i).map(parseUrl);
  for (const url of urls) {
    const problem = url && problemOf(name, url);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function problemOf(name: string, { scheme, hosts, query }: ParsedUrl): string | undefined {
  const names = hosts.map(({ host }) => canonicalHost(host) ?? host);
  if (names.length === 0 || names.every(isLoopback)) return undefined;
  const weak = query.find(([key, value]) => WEAK_PARAMETERS[key.toLowerCase()]?.test(value));
  if (weak) return `It connects with ${weak[0]}=${weak[1]}, which does without encryption.`;
  const secure = PLAIN_SCHEMES[scheme];
  if (secure !== undefined)
    return `It connects by ${scheme}://, which is not encrypted; ${secure}:// is.`;
  const store =
    names.some((host) => STORE_HOSTS.test(host)) ||
    nameWords(name).some((word) => STORES.has(word));
  return scheme === "http" && store
    ? "It reaches stored data by http://, which is not encrypted."
    : undefined;
}

/** True for a variable that may hold such an address. */
export const mayHoldAddress = (name: string): boolean =>
  nameWords(name).some((word) =>
    /^(?:url|urls|uri|uris|dsn|endpoint|endpoints|connection)$/.test(word),
  );
