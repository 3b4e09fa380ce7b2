import type { UserGroup } from "@aws-sdk/client-elasticache";
import { SERVER_TIMEOUT_MS, waitUntil } from "../../../../../providers/sdk/wait.ts";
import { present } from "../../../present.ts";
import type { Regional } from "../../client.ts";
import { awsCode, orMissing } from "../../fault.ts";
import { optional, output, required } from "../../rows.ts";
import {
  type AwsContext,
  asSet,
  changedInputs,
  define,
  lowerCase,
  regionRow,
} from "../../shared.ts";
import { allTags, liveTags, syncTags, tagList, tagRows } from "../../tags.ts";

const properties = {
  ...regionRow,
  ...tagRows,
  userGroupId: required("string", "Id of the group.", { replace: true, normalize: lowerCase }),
  engine: required("string", "Engine that the users are for.", {
    values: ["redis", "valkey", "REDIS", "VALKEY"],
    normalize: lowerCase,
  }),
  userIds: optional({ array: "string" }, "Ids of the users.", { unset: [], normalize: asSet }),
  arn: output("string", "ARN of the group."),
} as const;

/** `aws.elasticache.UserGroup`. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateUserGroup.html */
export const cacheUserGroup = define({
  token: "aws:elasticache/userGroup:UserGroup",
  title: "cache user group",
  doc: "Users who may log in to a cache. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html",
  identity: ["region", "userGroupId"],
  importFormat: "<user_group_id>",
  properties,
  creationTimeUnknown: true,
  parseImportId: (id) => (id === "" ? undefined : { id, state: { userGroupId: id } }),
  async create({ client }, inputs) {
    const cache = await client.elasticache(inputs);
    const tagsAll = allTags(client, inputs);
    const made = await cache.createUserGroup({
      UserGroupId: inputs.userGroupId,
      Engine: inputs.engine,
      UserIds: [...(inputs.userIds ?? [])],
      Tags: tagList(tagsAll),
    });
    const region = client.regionOf(inputs);
    return { id: inputs.userGroupId.toLowerCase(), state: { ...stateOf(made), region, tagsAll } };
  },
  async finish(context, { id, state }, inputs) {
    const found = await waitUntil(context, {
      doing: "making active",
      timeoutMs: SERVER_TIMEOUT_MS,
      probe: async () => {
        const found = await describe(context, inputs, id);
        const status = found?.Status ?? "not found";
        const outcome = status === "active" ? "ready" : found ? "waiting" : "failed";
        return { value: found ?? {}, status, outcome };
      },
    });
    return { id, state: { ...state, ...stateOf(found) } };
  },
  async read(context, id, { inputs, state }) {
    const { client } = context;
    const found = await describe(context, state, id);
    if (found === undefined) return undefined;
    const cache = await client.elasticache(state);
    const tags = found.ARN && (await cache.listTagsForResource({ ResourceName: found.ARN }));
    return {
      id,
      state: {
        ...stateOf(found),
        region: client.regionOf(state),
        ...(tags ? liveTags(client, tags.TagList, inputs ?? state) : {}),
      },
    };
  },
  async update(context, id, inputs, known) {
    const { client } = context;
    const cache = await client.elasticache(inputs);
    const { tags: _, ...changed } = changedInputs(properties, known, inputs);
    if (Object.keys(changed).length > 0) {
      const wanted = inputs.userIds ?? [];
      const members = (await describe(context, inputs, id))?.UserIds ?? [];
      const added = wanted.filter((each) => !members.includes(each));
      const removed = members.filter((each) => !wanted.includes(each));
      await cache.modifyUserGroup({
        UserGroupId: id,
        ...(added.length > 0 ? { UserIdsToAdd: added } : {}),
        ...(removed.length > 0 ? { UserIdsToRemove: removed } : {}),
        ...("engine" in changed ? { Engine: inputs.engine } : {}),
      });
    }
    if (known.state.arn) await syncTags(cache, client, known.state.arn, inputs);
    return { tagsAll: allTags(client, inputs) };
  },
  async delete(context, id, state) {
    const cache = await context.client.elasticache(state);
    try {
      await cache.deleteUserGroup({ UserGroupId: id });
    } catch (error) {
      // Another run's deletion that goes on.
      if (awsCode(error) !== "InvalidUserGroupState") throw error;
      if ((await describe(context, state, id))?.Status !== "deleting") throw error;
    }
    await waitUntil(context, {
      doing: "deleting",
      timeoutMs: SERVER_TIMEOUT_MS,
      probe: async () => {
        const found = await describe(context, state, id);
        const outcome = found ? "waiting" : "ready";
        return { value: undefined, status: found?.Status ?? "deleted", outcome };
      },
    });
  },
  async findExisting(context, inputs) {
    const found = await describe(context, inputs, inputs.userGroupId);
    const region = context.client.regionOf(inputs);
    return found && { id: inputs.userGroupId.toLowerCase(), state: { ...stateOf(found), region } };
  },
});

async function describe(
  { client }: AwsContext,
  where: Regional,
  id: string,
): Promise<UserGroup | undefined> {
  const cache = await client.elasticache(where);
  return (await orMissing(cache.describeUserGroups({ UserGroupId: id })))?.UserGroups?.[0];
}

function stateOf(found: UserGroup) {
  return present({
    userGroupId: found.UserGroupId,
    engine: found.Engine,
    userIds: found.UserIds,
    arn: found.ARN,
  });
}
