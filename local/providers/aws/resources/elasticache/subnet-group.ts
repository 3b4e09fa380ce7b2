import type { CacheSubnetGroup } from "@aws-sdk/client-elasticache";
import type { InputsOf, StateOf } from "../../../../../providers/sdk/properties.ts";
import { present } from "../../../present.ts";
import { namedOperations, subnetGroupRows } from "../../named.ts";
import { fitName } from "../../names.ts";
import { define, MANAGED } from "../../shared.ts";

const { operations } = namedOperations<
  InputsOf<typeof subnetGroupRows>,
  StateOf<typeof subnetGroupRows>,
  CacheSubnetGroup
>({
  properties: subnetGroupRows,
  nameProperty: "name",
  async open(client, where) {
    const cache = await client.elasticache(where);
    return {
      service: cache,
      create: async ({ name, description = MANAGED, subnetIds }, Tags) => {
        const { CacheSubnetGroup: made } = await cache.createCacheSubnetGroup({
          CacheSubnetGroupName: name,
          CacheSubnetGroupDescription: description,
          SubnetIds: [...subnetIds],
          Tags,
        });
        return made;
      },
      find: async (CacheSubnetGroupName) =>
        (await cache.describeCacheSubnetGroups({ CacheSubnetGroupName })).CacheSubnetGroups?.[0],
      change: (CacheSubnetGroupName, { description = MANAGED, subnetIds }) =>
        cache.modifyCacheSubnetGroup({
          CacheSubnetGroupName,
          CacheSubnetGroupDescription: description,
          SubnetIds: [...subnetIds],
        }),
      remove: (CacheSubnetGroupName) => cache.deleteCacheSubnetGroup({ CacheSubnetGroupName }),
    };
  },
  stateOf: (found) =>
    present({
      name: found.CacheSubnetGroupName,
      description: found.CacheSubnetGroupDescription,
      subnetIds: found.Subnets?.flatMap(({ SubnetIdentifier: id }) => id ?? []),
      arn: found.ARN,
      vpcId: found.VpcId,
    }),
});

/** `aws.elasticache.SubnetGroup`. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheSubnetGroup.html */
export const cacheSubnetGroup = define({
  token: "aws:elasticache/subnetGroup:SubnetGroup",
  title: "cache subnet group",
  doc: "Subnets for caches. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/SubnetGroups.html",
  identity: ["region", "name"],
  importFormat: "<name>",
  properties: subnetGroupRows,
  creationTimeUnknown: true,
  seal: fitName("name"),
  ...operations,
});
