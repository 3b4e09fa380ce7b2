/*
 * Patterns such as `*.example.com/api/*`. Pure.
 * @see https://developers.cloudflare.com/workers/configuration/routing/routes/#matching-behavior
 */

const SCHEME = /^https?:\/\//i;
/** A host name, after a wildcard that only its beginning may be. */
const HOST = /^(?:\*\.?)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)$/i;

/** The pattern with its host in lower case, as requests have it. */
export function normalPattern(pattern: string): string {
  const scheme = SCHEME.exec(pattern)?.[0] ?? "";
  const { host, path } = parts(pattern);
  return `${scheme}${host.toLowerCase()}${path}`;
}

/** The domain that covers every host name that is meant; undefined when the pattern has none. */
export const patternDomain = (pattern: string): string | undefined =>
  HOST.exec(parts(pattern).host)?.[1];

/** Whether a normal pattern covers a host name and path. */
export function matchesRoute(pattern: string, hostname: string, path: string): boolean {
  const { host, path: pathPattern } = parts(pattern);
  const expression = `${host}${pathPattern || "/"}`
    .split("*")
    .map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${expression}$`).test(`${hostname}${path}`);
}

function parts(pattern: string): { host: string; path: string } {
  const bare = pattern.replace(SCHEME, "");
  const slash = bare.indexOf("/");
  return slash === -1
    ? { host: bare, path: "" }
    : { host: bare.slice(0, slash), path: bare.slice(slash) };
}
