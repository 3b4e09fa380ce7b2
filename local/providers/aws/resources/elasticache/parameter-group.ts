import type { CacheParameterGroup } from "@aws-sdk/client-elasticache";
import type { InputsOf, StateOf } from "../../../../../providers/sdk/properties.ts";
import { present } from "../../../present.ts";
import type { AwsClient, Regional } from "../../client.ts";
import { namedOperations } from "../../named.ts";
import { fitName } from "../../names.ts";
import {
  bringParameters,
  ownParameters,
  type ParameterApi,
  parameterGroupRows,
  parameterRows,
  parametersRow,
} from "../../parameter-groups.ts";
import type { Parameter } from "../../parameters.ts";
import { define, MANAGED } from "../../shared.ts";

const properties = { ...parameterGroupRows, parameters: parametersRow(parameterRows) } as const;

const { operations } = namedOperations<
  InputsOf<typeof properties>,
  StateOf<typeof properties>,
  CacheParameterGroup
>({
  properties,
  nameProperty: "name",
  async open(client, where) {
    const cache = await client.elasticache(where);
    return {
      service: cache,
      create: async ({ name, family, description = MANAGED }, Tags) => {
        const { CacheParameterGroup: made } = await cache.createCacheParameterGroup({
          CacheParameterGroupName: name,
          CacheParameterGroupFamily: family,
          Description: description,
          Tags,
        });
        return made;
      },
      find: async (CacheParameterGroupName) => {
        const answer = await cache.describeCacheParameterGroups({ CacheParameterGroupName });
        return answer.CacheParameterGroups?.[0];
      },
      remove: (CacheParameterGroupName) =>
        cache.deleteCacheParameterGroup({ CacheParameterGroupName }),
    };
  },
  stateOf: (found) =>
    present({
      name: found.CacheParameterGroupName,
      description: found.Description,
      family: found.CacheParameterGroupFamily,
      arn: found.ARN,
    }),
  details: async ({ client }, where, name) => ({
    parameters: await ownParameters(await openParameters(client, where), name),
  }),
});

/** `aws.elasticache.ParameterGroup`. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheParameterGroup.html */
export const cacheParameterGroup = define({
  token: "aws:elasticache/parameterGroup:ParameterGroup",
  title: "cache parameter group",
  doc: "Parameters of caches. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.html",
  identity: ["region", "name"],
  importFormat: "<name>",
  properties,
  creationTimeUnknown: true,
  seal: fitName("name"),
  ...operations,
  async finish({ client }, live, inputs) {
    const { parameters = [] } = inputs;
    await bringParameters(await openParameters(client, inputs), live.id, parameters);
    return { id: live.id, state: { ...live.state, parameters } };
  },
});

async function openParameters(
  client: AwsClient,
  where: Regional,
): Promise<ParameterApi<Parameter>> {
  const cache = await client.elasticache(where);
  const change = (CacheParameterGroupName: string, parameters: readonly Parameter[]) => ({
    CacheParameterGroupName,
    ParameterNameValues: parameters.map(({ name, value }) => ({
      ParameterName: name,
      ParameterValue: value,
    })),
  });
  return {
    async page(CacheParameterGroupName, marker) {
      const request = { CacheParameterGroupName, Source: "user", ...marker };
      const { Parameters = [], Marker } = await cache.describeCacheParameters(request);
      const parameters = Parameters.map((found) => ({
        name: found.ParameterName ?? "",
        value: found.ParameterValue ?? "",
      }));
      return { parameters, marker: Marker };
    },
    set: (group, parameters) => cache.modifyCacheParameterGroup(change(group, parameters)),
    reset: (group, parameters) => cache.resetCacheParameterGroup(change(group, parameters)),
  };
}
