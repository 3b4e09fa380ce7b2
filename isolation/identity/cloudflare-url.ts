import type { Identity } from "../observation.ts";
import { cloudflareAccount, cloudflareZone, inAccount } from "./account.ts";
import { r2Bucket } from "./bucket.ts";
import { canonicalHost } from "./host.ts";
import type { ParsedUrl } from "./parsed-url.ts";
import { percentDecoded } from "./percent.ts";

/** A part of Cloudflare's API, of its dashboard or of its AI gateways, by the URL after the host. */
interface Address {
  readonly path: RegExp;
  readonly identities: (...captured: string[]) => Identity[];
}

const HEX = "([0-9a-f]{32})";
const ACCOUNT = `^/client/v4/accounts/${HEX}`;

/** The first that matches decides. The API's paths are looked for on every host: it may be a proxy. */
const ADDRESSES: readonly Address[] = [
  named("/r2/buckets/([^/]+)", (account, name) => r2Bucket(account, name)),
  named("/workers/(?:scripts|services)/([^/]+)", (account, name) =>
    inAccount("worker", account, name),
  ),
  named("/workers/dispatch/namespaces/([^/]+)", (account, name) =>
    inAccount("dispatch", account, name),
  ),
  named("/pages/projects/([^/]+)", (account, name) => inAccount("pages", account, name)),
  named("/ai-gateway/gateways/([^/]+)", (account, name) => inAccount("ai-gateway", account, name)),
  named("/vectorize/(?:v2/)?indexes/([^/]+)", (account, name) =>
    inAccount("vectorize", account, name),
  ),
  named("/workflows/([^/]+)", (account, name) => inAccount("workflow", account, name)),
  { path: new RegExp(ACCOUNT, "i"), identities: (account) => [cloudflareAccount(account)] },
  {
    path: new RegExp(`^/client/v4/zones/${HEX}`, "i"),
    identities: (zone) => [cloudflareZone(zone)],
  },
];

const GATEWAY_HOST = "gateway.ai.cloudflare.com";
const DASHBOARD_HOST = "dash.cloudflare.com";

function named(path: string, identity: (account: string, name: string) => Identity): Address {
  return {
    path: new RegExp(ACCOUNT + path, "i"),
    identities: (account, name) => [
      identity(account, percentDecoded(name)),
      cloudflareAccount(account),
    ],
  };
}

/** What a URL of Cloudflare's API, dashboard or AI gateways names. Empty for other URLs. */
export function cloudflareUrl(url: ParsedUrl): Identity[] {
  const host = canonicalHost(url.hosts[0]?.host ?? "");
  if (host === GATEWAY_HOST) return gateway(url.path);
  if (host === DASHBOARD_HOST) {
    const account = new RegExp(`^/${HEX}(?:/|$)`, "i").exec(url.path)?.[1];
    return account === undefined ? [] : [cloudflareAccount(account)];
  }
  for (const { path, identities } of ADDRESSES) {
    const match = path.exec(url.path);
    if (match !== null) return identities(...match.slice(1));
  }
  return [];
}

/** @see https://developers.cloudflare.com/ai-gateway/get-started/ */
function gateway(path: string): Identity[] {
  const [account, name] = new RegExp(`^/v1/${HEX}(?:/([^/]+))?`, "i").exec(path)?.slice(1) ?? [];
  if (account === undefined) return [];
  const named = name === undefined ? [] : [inAccount("ai-gateway", account, percentDecoded(name))];
  return [...named, cloudflareAccount(account)];
}

/** What an API token may be used on: `com.cloudflare.api.account.…`, `….zone.…`, `….r2.bucket.…`. */
const TOKEN_RESOURCE =
  /com\.cloudflare\.(?:api\.account\.zone\.([0-9a-f]{32})|api\.account\.([0-9a-f]{32})|edge\.r2\.bucket\.([0-9a-f]{32})_([a-z-]+)_([a-z0-9-]+))/gi;

/** @see https://developers.cloudflare.com/r2/api/tokens/ */
export function findTokenResources(text: string): Identity[] {
  return [...text.matchAll(TOKEN_RESOURCE)].map(
    ([, zone, account, owner, jurisdiction, bucket = ""]) => {
      if (zone !== undefined) return cloudflareZone(zone);
      if (owner === undefined) return cloudflareAccount(account ?? "");
      return r2Bucket(owner, bucket, jurisdiction);
    },
  );
}
