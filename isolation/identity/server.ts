import type { Identity } from "../observation.ts";
import { canonicalHost, isLoopback, isLoopbackName } from "./host.ts";
import { defaultPort } from "./schemes.ts";

/** What is known of a host besides its name. */
export interface HostContext {
  readonly port?: number | undefined;
  /** Tells the port where none is given. */
  readonly scheme?: string | undefined;
  /** Some vendors' poolers serve many servers, and the user says which. */
  readonly user?: string | undefined;
}

/** A vendor's second name of a server. */
interface Alias {
  readonly host: RegExp;
  /** Where the host alone does not tell the server. */
  readonly user?: RegExp;
  /** With what the expressions captured, the user's after the host's. */
  readonly server: (...captured: string[]) => string;
}

const ALIASES: readonly Alias[] = [
  // https://neon.com/docs/connect/connection-pooling
  {
    host: /^(ep-[a-z0-9-]+?)(?:-pooler)+(\..+\.neon\.tech)$/,
    server: (id, rest) => `${id}${rest}`,
  },
  // https://docs.digitalocean.com/products/databases/postgresql/how-to/secure/
  { host: /^(?:private-)+(.+\.db\.ondigitalocean\.com)$/, server: (name) => `${name}` },
  // https://supabase.com/docs/guides/database/connecting-to-postgres
  {
    host: /^.+\.pooler\.supabase\.com$/,
    user: /\.([a-z0-9]+)$/,
    server: (project) => `db.${project}.supabase.co`,
  },
  { host: /^([a-z0-9]{20})\.supabase\.co$/, server: (project) => `db.${project}.supabase.co` },
  // https://learn.microsoft.com/azure/storage/common/storage-account-overview
  {
    host: /^([a-z0-9]{3,24})(?:-secondary)?\.(?:blob|dfs|file|queue|table)\.core\.windows\.net$/,
    server: (account) => `${account}.blob.core.windows.net`,
  },
  // https://www.mongodb.com/docs/atlas/reference/faq/connection-changes/
  {
    host: /^(.+?)(?:-shard-\d\d-\d\d)+(\..+\.mongodb\.net)$/,
    server: (cluster, rest) => `${cluster}${rest}`,
  },
];

/** Vendors whose servers answer HTTP too, under the same name. */
const SERVERS_OVER_HTTP =
  /\.(?:upstash\.io|turso\.io|documents\.azure\.com|(?:blob|dfs|file|queue|table)\.core\.windows\.net)$|^[a-z0-9]{20}\.supabase\.co$/;

/**
 * A server that keeps data, whatever its port, database or index. On the machine itself, which runs
 * many servers, the port tells them apart. Undefined where the text is no host.
 */
export function serverIdentity(text: string, context: HostContext = {}): Identity | undefined {
  const host = canonicalHost(text);
  if (host === undefined) return undefined;
  return isLoopback(host) ? loopback("server", context) : `server:${aliased(host, context.user)}`;
}

/** A service behind HTTP, whatever its port; on the machine itself the port tells them apart. */
export function httpIdentity(text: string, context: HostContext = {}): Identity | undefined {
  const host = canonicalHost(text);
  if (host === undefined) return undefined;
  if (SERVERS_OVER_HTTP.test(host)) return serverIdentity(host);
  return isLoopback(host) && !isLoopbackName(host) ? loopback("host", context) : `host:${host}`;
}

function loopback(kind: string, { port, scheme }: HostContext): Identity {
  const at = port ?? (scheme === undefined ? undefined : defaultPort(scheme));
  return at === undefined ? `${kind}:loopback` : `${kind}:loopback:${at}`;
}

function aliased(host: string, user: string | undefined): string {
  for (const alias of ALIASES) {
    const name = alias.host.exec(host);
    const role = alias.user === undefined ? [] : alias.user.exec(user ?? "");
    if (name !== null && role !== null) return alias.server(...name.slice(1), ...role.slice(1));
  }
  return host;
}
