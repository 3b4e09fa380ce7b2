import { allAccounts, findAccountBySubdomain } from "../accounts.ts";
import type { CloudContext } from "../service.ts";
import { domainsOf, routesOf } from "./domains.ts";
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

  for (const { id: accountId } of allAccounts(cloud)) {
    const domain = domainsOf(cloud).byName(accountId, hostname);
    if (domain !== undefined) return { accountId, script: domain.body.service, hostname };
    const route = routesOf(cloud)
      .list(accountId)
      .filter(({ name }) => matchesRoute(name, hostname, path))
      .sort((a, b) => b.name.length - a.name.length)[0];
    if (route?.body.script != null) return { accountId, script: route.body.script, hostname };
  }
  return undefined;
}

/** Whether a route pattern such as `*.example.com/api/*` covers a host name and path. */
export function matchesRoute(pattern: string, hostname: string, path: string): boolean {
  const bare = pattern.replace(/^https?:\/\//, "");
  const withPath = bare.includes("/") ? bare : `${bare}/`;
  const expression = withPath
    .split("*")
    .map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${expression}$`).test(`${hostname}${path}`);
}
