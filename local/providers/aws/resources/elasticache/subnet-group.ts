import type { CacheSubnetGroup } from "@aws-sdk/client-elasticache";
import { present } from "../../../present.ts";
import { orMissing } from "../../fault.ts";
import { fitName, nameRow } from "../../names.ts";
import { optional, output, required } from "../../rows.ts";
import { asSet, changedInputs, define, lowerCase, MANAGED, regionRow } from "../../shared.ts";
import { allTags, liveTags, syncTags, tagList, tagRows } from "../../tags.ts";

const properties = {
  ...regionRow,
  ...tagRows,
  name: nameRow("Name of the group.", 255, { normalize: lowerCase }),
  description: optional("string", "Description of the group.", { unset: MANAGED }),
  subnetIds: required({ array: "string" }, "Ids of the subnets.", { normalize: asSet }),
  arn: output("string", "ARN of the group."),
  vpcId: output("string", "VPC of the subnets."),
} as const;

/** `aws.elasticache.SubnetGroup`. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheSubnetGroup.html */
export const cacheSubnetGroup = define({
  token: "aws:elasticache/subnetGroup:SubnetGroup",
  title: "cache subnet group",
  doc: "Subnets for caches. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/SubnetGroups.html",
  identity: ["region", "name"],
  importFormat: "<name>",
  properties,
  creationTimeUnknown: true,
  parseImportId: (id) => (id === "" ? undefined : { id, state: { name: id } }),
  seal: fitName("name"),
  async create({ client }, inputs) {
    const cache = await client.elasticache(inputs);
    const tagsAll = allTags(client, inputs);
    const { CacheSubnetGroup: made } = await cache.createCacheSubnetGroup({
      CacheSubnetGroupName: inputs.name,
      CacheSubnetGroupDescription: inputs.description ?? MANAGED,
      SubnetIds: [...inputs.subnetIds],
      Tags: tagList(tagsAll),
    });
    const region = client.regionOf(inputs);
    return { id: inputs.name.toLowerCase(), state: { ...stateOf(made ?? {}), region, tagsAll } };
  },
  async read({ client }, id, { inputs, state }) {
    const cache = await client.elasticache(state);
    const answer = await orMissing(cache.describeCacheSubnetGroups({ CacheSubnetGroupName: id }));
    const found = answer?.CacheSubnetGroups?.[0];
    if (found?.ARN === undefined) return undefined;
    const tags = await cache.listTagsForResource({ ResourceName: found.ARN });
    return {
      id,
      state: {
        ...stateOf(found),
        region: client.regionOf(state),
        ...liveTags(client, tags.TagList, inputs ?? state),
      },
    };
  },
  async update({ client }, id, inputs, known) {
    const cache = await client.elasticache(inputs);
    const { tags: _, ...changed } = changedInputs(properties, known, inputs);
    if (Object.keys(changed).length > 0)
      await cache.modifyCacheSubnetGroup({
        CacheSubnetGroupName: id,
        CacheSubnetGroupDescription: inputs.description ?? MANAGED,
        SubnetIds: [...inputs.subnetIds],
      });
    if (known.state.arn) await syncTags(cache, client, known.state.arn, inputs);
    return { tagsAll: allTags(client, inputs) };
  },
  async delete({ client }, id, state) {
    const cache = await client.elasticache(state);
    await cache.deleteCacheSubnetGroup({ CacheSubnetGroupName: id });
  },
  async findExisting({ client }, inputs) {
    const cache = await client.elasticache(inputs);
    const CacheSubnetGroupName = inputs.name;
    const answer = await orMissing(cache.describeCacheSubnetGroups({ CacheSubnetGroupName }));
    const found = answer?.CacheSubnetGroups?.[0];
    const region = client.regionOf(inputs);
    return found && { id: inputs.name.toLowerCase(), state: { ...stateOf(found), region } };
  },
});

function stateOf(found: CacheSubnetGroup) {
  return present({
    name: found.CacheSubnetGroupName,
    description: found.CacheSubnetGroupDescription,
    subnetIds: found.Subnets?.flatMap(({ SubnetIdentifier: id }) => id ?? []),
    arn: found.ARN,
    vpcId: found.VpcId,
  });
}
