import type { AccountInventory, AccountSpec } from "../runtime/account-spec.ts";
import { accountsService } from "./accounts.ts";
import { auditLogsService } from "./audit-logs/index.ts";
import { d1Service } from "./d1/index.ts";
import { hyperdriveService } from "./hyperdrive/index.ts";
import { kvService } from "./kv/index.ts";
import { mtlsCertificatesService } from "./mtls-certificates/index.ts";
import { r2Service } from "./r2/index.ts";
import type { CloudContext, CloudflareService } from "./service.ts";
import { workersService } from "./workers/index.ts";
import { zonesService } from "./zones/index.ts";

/** Every vendor product that the local cloud serves. */
export const services: readonly CloudflareService[] = [
  accountsService,
  auditLogsService,
  d1Service,
  kvService,
  r2Service,
  zonesService,
  mtlsCertificatesService,
  hyperdriveService,
  workersService,
];

/** What the account holds, as its services say. */
export function accountInventory(cloud: CloudContext, accountId: string): AccountInventory {
  const parts = services.map((service) => service.contribute?.(cloud, accountId) ?? {});
  const all = (kind: keyof AccountInventory) => parts.flatMap((part) => part[kind] ?? []);
  return {
    databases: all("databases"),
    buckets: all("buckets"),
    namespaces: all("namespaces"),
    hyperdrives: all("hyperdrives"),
    workers: all("workers"),
  };
}

/** What the account's runtime must hold: costs reading all code and opening all secrets. */
export function describeAccount(cloud: CloudContext, accountId: string): AccountSpec {
  const inventory = accountInventory(cloud, accountId);
  const workers = services.flatMap(
    (service) => service.describeWorkers?.(cloud, accountId, inventory) ?? [],
  );
  const hyperdrives = services.flatMap(
    (service) => service.describeHyperdrives?.(cloud, accountId) ?? [],
  );
  return { ...inventory, hyperdrives, workers };
}
