import type { AccountSpec } from "../runtime/account-spec.ts";
import { accountsService } from "./accounts.ts";
import { d1Service } from "./d1/index.ts";
import { kvService } from "./kv/index.ts";
import { r2Service } from "./r2/index.ts";
import type { CloudContext, CloudflareService } from "./service.ts";
import { workersService } from "./workers/index.ts";
import { zonesService } from "./zones/index.ts";

/** Every vendor product that the local cloud serves; Workers come last, since they are bound to the others. */
export const services: readonly CloudflareService[] = [
  accountsService,
  d1Service,
  kvService,
  r2Service,
  zonesService,
  workersService,
];

/** What the account's runtime must hold, as its services say. */
export function describeAccount(cloud: CloudContext, accountId: string): AccountSpec {
  const nothing: AccountSpec = { databases: [], buckets: [], namespaces: [], workers: [] };
  return services.reduce((spec, service) => {
    const part = service.contribute?.(cloud, accountId, spec) ?? {};
    return {
      databases: [...spec.databases, ...(part.databases ?? [])],
      buckets: [...spec.buckets, ...(part.buckets ?? [])],
      namespaces: [...spec.namespaces, ...(part.namespaces ?? [])],
      workers: [...spec.workers, ...(part.workers ?? [])],
    };
  }, nothing);
}
