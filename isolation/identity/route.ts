import type { Identity } from "../observation.ts";
import { canonicalHost } from "./host.ts";

/**
 * A pattern of Workers' routes: the host part in lower-case, the path as it is, `/` where none is
 * given.
 *
 * @see https://developers.cloudflare.com/workers/configuration/routing/routes/
 */
export function routeIdentity(pattern: string): Identity {
  const { host, path } = routeParts(pattern);
  return `route:${host}${path}`;
}

/** The host of a route; undefined where the route is for many. */
export function routeHost(pattern: string): string | undefined {
  const { host } = routeParts(pattern);
  return host.includes("*") ? undefined : host;
}

function routeParts(pattern: string): { readonly host: string; readonly path: string } {
  const bare = pattern.trim().replace(/^(?:https?|\*):\/\//i, "");
  const slash = bare.indexOf("/");
  const host = slash === -1 ? bare : bare.slice(0, slash);
  const wild = /^\*+\.?/.exec(host)?.[0] ?? "";
  const name = host.slice(wild.length);
  return {
    host: wild + (canonicalHost(name) ?? name.toLowerCase()),
    path: slash === -1 ? "/" : bare.slice(slash),
  };
}
