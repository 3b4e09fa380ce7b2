import type { VendorContext } from "../vendor-context.ts";

/** Who makes a request, as its signature proves, and where. */
export interface Caller {
  readonly cloud: VendorContext;
  readonly accountId: string;
  readonly region: string;
  /** What the region's documents are kept under: resources of one region are not seen in another. */
  readonly scope: string;
}

export const callerOf = (cloud: VendorContext, accountId: string, region: string): Caller => ({
  cloud,
  accountId,
  region,
  scope: `${accountId}/${region}`,
});

/** The caller that a stored document belongs to. */
export function callerOfScope(cloud: VendorContext, scope: string): Caller {
  const [accountId = "", region = ""] = scope.split("/");
  return callerOf(cloud, accountId, region);
}

/** `arn:aws:<service>:<region>:<account>:<resource>` */
export const arnOf = ({ region, accountId }: Caller, service: string, resource: string): string =>
  `arn:aws:${service}:${region}:${accountId}:${resource}`;
