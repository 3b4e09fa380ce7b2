import type { UserGroup } from "@aws-sdk/client-elasticache";
import type { InputsOf, StateOf } from "../../../../../providers/sdk/properties.ts";
import { present } from "../../../present.ts";
import { namedOperations } from "../../named.ts";
import { optional, output, required } from "../../rows.ts";
import { asSet, define, lowerCase, regionRow } from "../../shared.ts";
import { tagRows } from "../../tags.ts";
import { untilActive } from "../../waiting.ts";

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

const { operations, find } = namedOperations<
  InputsOf<typeof properties>,
  StateOf<typeof properties>,
  UserGroup
>({
  properties,
  nameProperty: "userGroupId",
  async open(client, where) {
    const cache = await client.elasticache(where);
    const ask = async (UserGroupId: string) =>
      (await cache.describeUserGroups({ UserGroupId })).UserGroups?.[0];
    return {
      service: cache,
      create: ({ userGroupId, engine, userIds = [] }, Tags) =>
        cache.createUserGroup({
          UserGroupId: userGroupId,
          Engine: engine,
          UserIds: [...userIds],
          Tags,
        }),
      find: ask,
      async change(UserGroupId, { engine, userIds: wanted = [] }, changed) {
        const { UserIds: members = [] } = (await ask(UserGroupId)) ?? {};
        const added = wanted.filter((each) => !members.includes(each));
        const removed = members.filter((each) => !wanted.includes(each));
        await cache.modifyUserGroup({
          UserGroupId,
          ...(added.length > 0 ? { UserIdsToAdd: added } : {}),
          ...(removed.length > 0 ? { UserIdsToRemove: removed } : {}),
          ...("engine" in changed ? { Engine: engine } : {}),
        });
      },
      remove: (UserGroupId) => cache.deleteUserGroup({ UserGroupId }),
    };
  },
  stateOf,
  slow: { busyCode: "InvalidUserGroupState", statusOf: ({ Status }) => Status },
});

/** `aws.elasticache.UserGroup`. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateUserGroup.html */
export const cacheUserGroup = define({
  token: "aws:elasticache/userGroup:UserGroup",
  title: "cache user group",
  doc: "Users who may log in to a cache. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html",
  identity: ["region", "userGroupId"],
  importFormat: "<user_group_id>",
  properties,
  creationTimeUnknown: true,
  ...operations,
  async finish(context, { id, state }, inputs) {
    const found = await untilActive(context, () => find(context.client, inputs, id));
    return { id, state: { ...state, ...stateOf(found) } };
  },
});

function stateOf(found: UserGroup) {
  return present({
    userGroupId: found.UserGroupId,
    engine: found.Engine,
    userIds: found.UserIds,
    arn: found.ARN,
  });
}
