import { type ParsedUrl, parseHost, type UrlHost } from "./parsed-url.ts";

/** One `keyword=value` of libpq, the value bare or quoted. Quoted values are bounded for speed. */
const PAIR =
  /(?<![\w.-])(host|hostaddr|port|dbname|user|password|passfile|sslmode|sslrootcert|sslcert|sslkey|connect_timeout|application_name|options|client_encoding|target_session_attrs|channel_binding|gssencmode|keepalives(?:_\w{1,20})?)\s{0,8}=\s{0,8}(?:'((?:[^'\\]|\\.){0,1024})'|([^\s'"]{0,1024}))/g;

/** Values by keyword, in order. */
type Keywords = readonly (readonly [string, string])[];

interface Pair {
  readonly from: number;
  readonly to: number;
  readonly key: string;
  readonly value: string;
}

/**
 * Every libpq connection string of keywords inside a text: `host=db.example port=5432 user=app`.
 * Two keywords are the least, one of them a host.
 *
 * @see https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE
 */
export function findDsns(text: string): ParsedUrl[] {
  return groupsOf(text).flatMap((group) => {
    const first = group[0];
    const last = group.at(-1);
    if (first === undefined || last === undefined || group.length < 2) return [];
    const values = group.map(({ key, value }) => [key, value] as const);
    const hosts = hostsOf(values);
    return hosts.length === 0 ? [] : [parsed(text.slice(first.from, last.to), values, hosts)];
  });
}

/**
 * The servers that libpq's `host`, `hostaddr` and `port` name, each a list. Both hosts mean the same
 * server. Unix sockets are none.
 */
export function hostsOf(values: Keywords): UrlHost[] {
  const ports = listed(values, "port").map(Number);
  return ["host", "hostaddr"].flatMap((key) =>
    listed(values, key).flatMap((text, index) => {
      const parsed = parseHost(text) ?? parseHost(`[${text}]`);
      if (parsed === undefined) return [];
      const port = parsed.port ?? ports[index] ?? ports.at(-1);
      return [{ host: parsed.host, port: isPort(port) ? port : undefined }];
    }),
  );
}

const isPort = (port: number | undefined): boolean => Number.isInteger(port) && port !== 0;

const listed = (values: Keywords, key: string): string[] =>
  values.flatMap(([name, value]) => (name === key ? value.split(",") : []));

/** Pairs with nothing but white space between them, together. */
function groupsOf(text: string): Pair[][] {
  const groups: Pair[][] = [];
  for (const match of text.matchAll(PAIR)) {
    const pair: Pair = {
      from: match.index,
      to: match.index + match[0].length,
      key: match[1] ?? "",
      value: match[2]?.replace(/\\(.)/gs, "$1") ?? match[3] ?? "",
    };
    const group = groups.at(-1);
    const before = group?.at(-1);
    const adjacent = before !== undefined && text.slice(before.to, pair.from).trim() === "";
    if (group !== undefined && adjacent) group.push(pair);
    else groups.push([pair]);
  }
  return groups;
}

function parsed(text: string, values: Keywords, hosts: readonly UrlHost[]): ParsedUrl {
  const taken = new Set(["host", "hostaddr", "port", "user", "password", "dbname"]);
  const last = new Map(values);
  const database = last.get("dbname");
  return {
    text,
    scheme: "postgresql",
    hosts,
    user: last.get("user"),
    password: last.get("password"),
    path: database === undefined ? "" : `/${database}`,
    query: values.filter(([key]) => !taken.has(key)),
  };
}
