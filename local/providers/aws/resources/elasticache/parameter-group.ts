import type { Parameter as CacheParameter, CacheParameterGroup } from "@aws-sdk/client-elasticache";
import { present } from "../../../present.ts";
import type { Regional } from "../../client.ts";
import { orMissing } from "../../fault.ts";
import { fitName, nameRow } from "../../names.ts";
import {
  inRequests,
  normalizeParameters,
  type Parameter,
  parameterChanges,
} from "../../parameters.ts";
import { optional, output, REPLACE, required } from "../../rows.ts";
import { type AwsContext, define, lowerCase, MANAGED, regionRow } from "../../shared.ts";
import { allTags, liveTags, syncTags, tagList, tagRows } from "../../tags.ts";

const properties = {
  ...regionRow,
  ...tagRows,
  name: nameRow("Name of the group.", 255, { normalize: lowerCase }),
  description: optional("string", "Description of the group.", { replace: true, unset: MANAGED }),
  family: required("string", "Family of engine versions, such as valkey8.", REPLACE),
  parameters: optional(
    {
      array: {
        object: {
          name: required("string", "Name of the parameter."),
          value: required("string", "Value of the parameter."),
        },
      },
    },
    "Parameters that differ from the family's own.",
    { unset: [], normalize: normalizeParameters },
  ),
  arn: output("string", "ARN of the group."),
} as const;

/** `aws.elasticache.ParameterGroup`. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheParameterGroup.html */
export const cacheParameterGroup = define({
  token: "aws:elasticache/parameterGroup:ParameterGroup",
  title: "cache parameter group",
  doc: "Parameters of caches. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.html",
  identity: ["region", "name"],
  importFormat: "<name>",
  properties,
  creationTimeUnknown: true,
  parseImportId: (id) => (id === "" ? undefined : { id, state: { name: id } }),
  seal: fitName("name"),
  async create({ client }, inputs) {
    const cache = await client.elasticache(inputs);
    const tagsAll = allTags(client, inputs);
    const { CacheParameterGroup: made } = await cache.createCacheParameterGroup({
      CacheParameterGroupName: inputs.name,
      CacheParameterGroupFamily: inputs.family,
      Description: inputs.description ?? MANAGED,
      Tags: tagList(tagsAll),
    });
    const region = client.regionOf(inputs);
    return { id: inputs.name.toLowerCase(), state: { ...stateOf(made ?? {}), region, tagsAll } };
  },
  async finish(context, live, inputs) {
    const cache = await context.client.elasticache(inputs);
    const group = { CacheParameterGroupName: live.id };
    const { set, reset } = parameterChanges(
      await ownParameters(context, inputs, live.id),
      inputs.parameters ?? [],
    );
    for (const part of inRequests(reset))
      await cache.resetCacheParameterGroup({ ...group, ParameterNameValues: part.map(requestOf) });
    for (const part of inRequests(set))
      await cache.modifyCacheParameterGroup({ ...group, ParameterNameValues: part.map(requestOf) });
    return live;
  },
  async read(context, id, { inputs, state }) {
    const { client } = context;
    const found = await describe(context, state, id);
    if (found?.ARN === undefined) return undefined;
    const cache = await client.elasticache(state);
    const tags = await cache.listTagsForResource({ ResourceName: found.ARN });
    return {
      id,
      state: {
        ...stateOf(found),
        region: client.regionOf(state),
        parameters: await ownParameters(context, state, id),
        ...liveTags(client, tags.TagList, inputs ?? state),
      },
    };
  },
  async update({ client }, _id, inputs, known) {
    const cache = await client.elasticache(inputs);
    if (known.state.arn) await syncTags(cache, client, known.state.arn, inputs);
    return { tagsAll: allTags(client, inputs) };
  },
  async delete({ client }, id, state) {
    const cache = await client.elasticache(state);
    await cache.deleteCacheParameterGroup({ CacheParameterGroupName: id });
  },
  async findExisting(context, inputs) {
    const found = await describe(context, inputs, inputs.name);
    const region = context.client.regionOf(inputs);
    return found && { id: inputs.name.toLowerCase(), state: { ...stateOf(found), region } };
  },
});

async function describe(
  { client }: AwsContext,
  where: Regional,
  name: string,
): Promise<CacheParameterGroup | undefined> {
  const cache = await client.elasticache(where);
  const CacheParameterGroupName = name;
  const answer = await orMissing(cache.describeCacheParameterGroups({ CacheParameterGroupName }));
  return answer?.CacheParameterGroups?.[0];
}

function stateOf(found: CacheParameterGroup) {
  return present({
    name: found.CacheParameterGroupName,
    description: found.Description,
    family: found.CacheParameterGroupFamily,
    arn: found.ARN,
  });
}

/** Parameters that somebody has set in the group. */
async function ownParameters(
  { client }: AwsContext,
  where: Regional,
  name: string,
): Promise<Parameter[]> {
  const cache = await client.elasticache(where);
  const found: CacheParameter[] = [];
  for (let Marker: string | undefined; ; ) {
    const page = await cache.describeCacheParameters({
      CacheParameterGroupName: name,
      Source: "user",
      ...(Marker ? { Marker } : {}),
    });
    found.push(...(page.Parameters ?? []));
    Marker = page.Marker;
    if (!Marker) break;
  }
  return found.map((each) => ({
    name: each.ParameterName ?? "",
    value: each.ParameterValue ?? "",
  }));
}

const requestOf = ({ name, value }: Parameter) => ({ ParameterName: name, ParameterValue: value });
