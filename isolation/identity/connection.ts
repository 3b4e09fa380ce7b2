import { type ParsedUrl, parseHost, type UrlHost } from "./parsed-url.ts";

/** Values by keyword in lower case, without the blanks inside it. */
type Settings = ReadonlyMap<string, string>;

/** Characters above which a text is no connection string. */
const LONGEST = 4096;

/** One `key=value` of ADO.NET, the value bare or in quotes, in which the quote is doubled. */
const PAIR = /\s*([a-z][a-z _]{0,40}?)\s*=\s*("(?:[^"]|"")*"|'(?:[^']|'')*'|[^;]*)\s*(?:;|$)/iy;

/** Keywords of the server's address, and those of which one says that it is a server's. */
const ADDRESS_KEYS = ["server", "host", "datasource", "addr", "address", "networkaddress"];
const LOGIN_KEYS = [
  "database",
  "initialcatalog",
  "userid",
  "username",
  "user",
  "uid",
  "integratedsecurity",
  "trusted_connection",
  "authentication",
];
const USER_KEYS = ["userid", "username", "user", "uid"];

const AZURE_KEYS = ["accountkey", "sharedaccesssignature", "endpointsuffix", "blobendpoint"];
/** The account of the emulator, the same for everybody. */
const EMULATOR = "devstoreaccount1";

/** Options of StackExchange.Redis. */
const REDIS_OPTION =
  /^\s*(?:password|user|ssl|sslHost|sslProtocols|abortConnect|allowAdmin|channelPrefix|connectRetry|connectTimeout|defaultDatabase|keepAlive|name|serviceName|syncTimeout|asyncTimeout|tiebreaker|version|tunnel)\s*=/i;

const GO_MYSQL = /@tcp[46]?\(([^()\s@]{1,300})\)\//g;

/**
 * Every connection string inside a text that is no URL: Go's MySQL driver, ADO.NET of SQL Server,
 * MySQL and Npgsql, StackExchange.Redis, Azure Storage. Those but the first fill the text.
 *
 * @see https://github.com/go-sql-driver/mysql#dsn-data-source-name
 * @see https://learn.microsoft.com/dotnet/framework/data/adonet/connection-string-syntax
 * @see https://stackexchange.github.io/StackExchange.Redis/Configuration
 * @see https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
 */
export function findConnections(text: string): ParsedUrl[] {
  const whole = text.trim();
  if (whole.length > LONGEST) return [];
  return [...goMysql(whole), ...adoNet(whole), ...stackExchangeRedis(whole)];
}

function goMysql(text: string): ParsedUrl[] {
  if (!text.includes("@tcp")) return [];
  const hosts = [...text.matchAll(GO_MYSQL)].flatMap(
    ([, address = ""]) => parseHost(address) ?? [],
  );
  return connection("mysql", text, hosts);
}

function adoNet(text: string): ParsedUrl[] {
  const settings = settingsOf(text);
  if (settings === undefined) return [];
  const account = settings.get("accountname");
  if (account !== undefined && /^[a-z0-9]{3,24}$/.test(account) && account !== EMULATOR)
    return AZURE_KEYS.some((key) => settings.has(key))
      ? connection("https", text, [{ host: `${account}.blob.core.windows.net`, port: undefined }])
      : [];
  if (!LOGIN_KEYS.some((key) => settings.has(key))) return [];
  const address = firstOf(settings, ADDRESS_KEYS) ?? "";
  const scheme = settings.has("host") ? "postgresql" : "sqlserver";
  const port = Number(settings.get("port")) || undefined;
  const hosts = addressesIn(address).map((host) => ({ ...host, port: host.port ?? port }));
  return connection(scheme, text, hosts, firstOf(settings, USER_KEYS));
}

/** Undefined where the text is not made of `key=value;` alone, or of one of them. */
function settingsOf(text: string): Settings | undefined {
  if (!text.includes(";") || !text.includes("=")) return undefined;
  const settings = new Map<string, string>();
  for (PAIR.lastIndex = 0; PAIR.lastIndex < text.length; ) {
    const [, key = "", value = ""] = PAIR.exec(text) ?? [];
    if (key === "") return undefined;
    settings.set(
      key.toLowerCase().replaceAll(" ", ""),
      value.trim().replace(/^(["'])(.*)\1$/s, "$2"),
    );
  }
  return settings.size > 1 ? settings : undefined;
}

/** `tcp:host,1433`, `host\instance`, `host:1521/service`, and several hosts with commas. */
function addressesIn(text: string): UrlHost[] {
  const bare = text.replace(/^(?:tcp|np|admin):/i, "").replace(/^\/\//, "");
  const [, sqlHost, sqlPort] = /^([^,:]+),\s*(\d{1,5})$/.exec(bare) ?? [];
  const items = sqlHost === undefined ? bare.split(",") : [`${sqlHost}:${sqlPort}`];
  // An instance stands before the port.
  return items.flatMap(
    (item) =>
      parseHost(
        item
          .trim()
          .replace(/\\[^:]*/, "")
          .replace(/\/.*$/s, ""),
      ) ?? [],
  );
}

function stackExchangeRedis(text: string): ParsedUrl[] {
  if (!text.includes(",") || !text.includes("=") || /[\s;]/.test(text)) return [];
  const items = text.split(",").filter((item) => item !== "");
  const first = items.findIndex((item) => item.includes("="));
  const addresses = items.slice(0, first);
  if (!items.slice(first).some((item) => REDIS_OPTION.test(item))) return [];
  const hosts = addresses.flatMap((address) => parseHost(address) ?? []);
  const telling = hosts.every(({ host, port }) => port !== undefined || host.includes("."));
  return telling && hosts.length === addresses.length ? connection("redis", text, hosts) : [];
}

const firstOf = (settings: Settings, keys: readonly string[]): string | undefined =>
  keys.map((key) => settings.get(key)).find((value) => value !== undefined);

/** @param user empty where the text has one that is not told. */
function connection(
  scheme: string,
  text: string,
  hosts: readonly UrlHost[],
  user = "",
): ParsedUrl[] {
  if (hosts.length === 0) return [];
  return [{ text, scheme, hosts, user, password: undefined, path: "", query: [] }];
}
