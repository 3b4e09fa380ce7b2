import type { AvailabilityZone, Region } from "@aws-sdk/client-ec2";
import { z } from "zod";
import { filterSchema, select } from "../filters.ts";
import { invalidValue } from "../protocol/errors.ts";
import { type Operations, operation } from "../protocol/operation.ts";
import { regions, zoneIdOf, zonesOf } from "../regions.ts";

/** Where things can be. */
export const placeOperations: Operations = {
  DescribeRegions: operation(
    z.strictObject({
      RegionNames: z.array(z.string()).optional(),
      AllRegions: z.boolean().optional(),
      Filters: filterSchema,
      DryRun: z.literal(false).optional(),
    }),
    (_caller, { RegionNames, Filters }) => {
      const all = regions.map(
        (name): Region => ({
          RegionName: name,
          Endpoint: `ec2.${name}.amazonaws.com`,
          OptInStatus: "opt-in-not-required",
        }),
      );
      const named = chosen(all, RegionNames, ({ RegionName }) => RegionName, "region");
      return {
        Regions: select(named, Filters, ({ RegionName, Endpoint, OptInStatus }) => ({
          "region-name": [RegionName],
          endpoint: [Endpoint],
          "opt-in-status": [OptInStatus],
        })),
      };
    },
  ),
  DescribeAvailabilityZones: operation(
    z.strictObject({
      ZoneNames: z.array(z.string()).optional(),
      ZoneIds: z.array(z.string()).optional(),
      AllAvailabilityZones: z.boolean().optional(),
      Filters: filterSchema,
      DryRun: z.literal(false).optional(),
    }),
    ({ region }, { ZoneNames, ZoneIds, Filters }) => {
      const all = zonesOf(region).map(
        (zone): AvailabilityZone => ({
          ZoneName: zone,
          ZoneId: zoneIdOf(zone),
          ZoneType: "availability-zone",
          RegionName: region,
          GroupName: region,
          NetworkBorderGroup: region,
          State: "available",
          OptInStatus: "opt-in-not-required",
          Messages: [],
        }),
      );
      const byName = chosen(all, ZoneNames, ({ ZoneName }) => ZoneName, "availability zone");
      const byId = chosen(byName, ZoneIds, ({ ZoneId }) => ZoneId, "availability zone");
      return {
        AvailabilityZones: select(byId, Filters, (zone) => ({
          "zone-name": [zone.ZoneName],
          "zone-id": [zone.ZoneId],
          "zone-type": [zone.ZoneType],
          "region-name": [zone.RegionName],
          "group-name": [zone.GroupName],
          state: [zone.State],
          "opt-in-status": [zone.OptInStatus],
        })),
      };
    },
  ),
};

/** Those that are named, each of which must be; all when none is. */
function chosen<T>(
  all: readonly T[],
  names: readonly string[] | undefined,
  nameOf: (item: T) => string | undefined,
  what: string,
): readonly T[] {
  if (names === undefined || names.length === 0) return all;
  const missing = names.find((name) => !all.some((item) => nameOf(item) === name));
  if (missing !== undefined) throw invalidValue(`Invalid ${what}: [${missing}]`);
  return all.filter((item) => names.includes(nameOf(item) ?? ""));
}
