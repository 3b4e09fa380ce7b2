import { findAccountBySubdomain } from "../accounts.ts";
import type { CloudContext } from "../service.ts";
import { findZoneOfHost } from "../zones/zones.ts";
import { domainsOf } from "./domains.ts";
import { matchesRoute } from "./route-pattern.ts";
import { routesOf } from "./routes.ts";
import { scriptsOf } from "./scripts.ts";

/** The Worker that answers for a host name and path. */
export interface WorkerTarget {
  readonly accountId: string;
  readonly script: string;
  /** The public host name, as the Worker sees it. */
  readonly hostname: string;
}

const WORKERS_DEV = /^([a-z0-9_-]+)\.([a-z0-9-]+)\.(?:workers\.dev|localhost)$/;

/**
 * By custom domain, by route, or by `<script>.<subdomain>.workers.dev`; the last also with the
 * ending `.localhost`, which browsers and curl resolve to this machine by themselves.
 */
export function workerForHost(
  cloud: CloudContext,
  hostname: string,
  path: string,
): WorkerTarget | undefined {
  const [, script, subdomain] = WORKERS_DEV.exec(hostname) ?? [];
  if (script !== undefined && subdomain !== undefined) {
    const account = findAccountBySubdomain(cloud, subdomain);
    const document = account && scriptsOf(cloud).byName(account.id, script);
    if (account === undefined || !document?.body.subdomain.enabled) return undefined;
    return { accountId: account.id, script, hostname: `${script}.${subdomain}.workers.dev` };
  }

  // No host name lies in two zones, so no other environment's addresses are even looked at.
  const zone = findZoneOfHost(cloud, hostname);
  if (zone === undefined) return undefined;
  const { accountId } = zone;
  const domain = domainsOf(cloud).byName(accountId, hostname);
  if (domain !== undefined) return { accountId, script: domain.body.service, hostname };
  const [route] = routesOf(cloud)
    .list(accountId)
    .filter(({ name, body }) => body.zoneId === zone.id && matchesRoute(name, hostname, path))
    .sort((a, b) => b.name.length - a.name.length);
  if (route?.body.script == null) return undefined;
  return { accountId, script: route.body.script, hostname };
}
