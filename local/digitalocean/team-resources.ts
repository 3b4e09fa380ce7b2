import type { VendorContext } from "../vendor-context.ts";
import type { DigitalOceanService, TeamResource } from "./service.ts";

/** Everything of the team that has a URN, whichever product it belongs to. */
export const teamResources = (
  cloud: VendorContext,
  accountId: string,
  services: readonly DigitalOceanService[],
): TeamResource[] => services.flatMap(({ resources }) => resources?.(cloud, accountId) ?? []);
