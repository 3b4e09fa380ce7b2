import type { UserGroup as UserGroupAnswer } from "@aws-sdk/client-elasticache";
import { z } from "zod";
import { NameTakenError } from "../../store/document-store.ts";
import type { Caller } from "../caller.ts";
import { pageOf } from "../paging.ts";
import { invalidCombination, notFound, refusal } from "../protocol/errors.ts";
import { type Operations, operation } from "../protocol/operation.ts";
import { tagSchema, withTags } from "../tags.ts";
import { ENGINES, type Engine } from "./catalog.ts";
import { cacheArn, collectionOf, find, type UserGroup } from "./documents.ts";
import { advance } from "./group-work.ts";
import { DEFAULT_USER, idFrom, replicationGroupsWith, userNameOf } from "./users.ts";

export const userGroupOperations: Operations = {
  CreateUserGroup: operation(
    z.strictObject({
      UserGroupId: z.string(),
      Engine: z.string().toLowerCase().pipe(z.enum(ENGINES)),
      UserIds: z.array(z.string()).default([]),
      Tags: z.array(tagSchema).default([]),
    }),
    (caller, request) => {
      const name = idFrom("UserGroupId", request.UserGroupId);
      const userIds = checkedUsers(caller, request.Engine, request.UserIds);
      const tags = withTags({}, request.Tags);
      try {
        const group = collectionOf(caller, "usergroup").insert(caller.scope, {
          id: name,
          name,
          body: { engine: request.Engine, userIds, pendingIn: [], tags },
        });
        return describe(caller, group);
      } catch (error) {
        if (!(error instanceof NameTakenError)) throw error;
        throw refusal("UserGroupAlreadyExists", `User Group ${name} already exists.`);
      }
    },
  ),
  DescribeUserGroups: operation(
    z.strictObject({
      UserGroupId: z.string().optional(),
      MaxRecords: z.int().min(20).max(100).optional(),
      Marker: z.string().optional(),
    }),
    (caller, { UserGroupId, MaxRecords, Marker }) => {
      const groups =
        UserGroupId === undefined
          ? collectionOf(caller, "usergroup").list(caller.scope)
          : [find(caller, "usergroup", UserGroupId)];
      const page = pageOf(groups, { size: MaxRecords, marker: Marker });
      return {
        UserGroups: page.items.map((group) => describe(caller, group)),
        Marker: page.next,
      };
    },
  ),
  ModifyUserGroup: operation(
    z.strictObject({
      UserGroupId: z.string(),
      UserIdsToAdd: z.array(z.string()).default([]),
      UserIdsToRemove: z.array(z.string()).default([]),
      Engine: z.string().toLowerCase().pipe(z.enum(ENGINES)).optional(),
    }),
    (caller, request) => {
      const { id, body } = find(caller, "usergroup", request.UserGroupId);
      const removed = request.UserIdsToRemove.map((userId) => userId.toLowerCase());
      const missing = removed.find((userId) => !body.userIds.includes(userId));
      if (missing !== undefined) {
        throw refusal("InvalidParameterValue", `User ${missing} is not a member of the group.`);
      }
      const kept = body.userIds.filter((userId) => !removed.includes(userId));
      const engine = request.Engine ?? body.engine;
      const userIds = checkedUsers(caller, engine, [...kept, ...request.UserIdsToAdd]);
      const groups = replicationGroupsWith(caller, id);
      const pendingIn = [...new Set([...body.pendingIn, ...groups])];
      const group = collectionOf(caller, "usergroup").update(caller.scope, id, {
        body: { ...body, engine, userIds, pendingIn },
      });
      for (const replicationGroup of groups) advance(caller, replicationGroup);
      return describe(caller, group);
    },
  ),
  DeleteUserGroup: operation(
    z.strictObject({ UserGroupId: z.string() }),
    (caller, { UserGroupId }) => {
      const group = find(caller, "usergroup", UserGroupId);
      if (replicationGroupsWith(caller, group.id).length > 0) {
        throw refusal(
          "InvalidUserGroupState",
          `User group ${group.name} is still used by a replication group.`,
        );
      }
      collectionOf(caller, "usergroup").remove(caller.scope, group.id);
      return { ...describe(caller, group), Status: "deleting" };
    },
  ),
};

/** The users of a group: each there, no name twice, and one of them named default. */
function checkedUsers(caller: Caller, engine: Engine, ids: readonly string[]): string[] {
  const userIds = ids.map((id) => id.toLowerCase());
  const names = userIds.map((id) => {
    const name = userNameOf(caller, id);
    if (name === undefined) throw notFound("UserNotFound", `User ${id} not found.`);
    return name;
  });
  if (new Set(names).size < names.length) {
    throw refusal("DuplicateUserName", "A user group cannot have two users with the same name.");
  }
  // Clients that name no user are this one; groups for Valkey may do without.
  if (engine === "redis" && !names.includes(DEFAULT_USER)) {
    throw refusal("DefaultUserRequired", "A user group needs a user with the name default.");
  }
  const open = userIds.find((id) => {
    const user = collectionOf(caller, "user").byName(caller.scope, id);
    return engine === "valkey" && (user?.body.passwords.length ?? 0) === 0;
  });
  if (open !== undefined) {
    throw invalidCombination(`A Valkey user group takes users with passwords only, not ${open}.`);
  }
  const other = userIds.find((id) => {
    const user = collectionOf(caller, "user").byName(caller.scope, id);
    return user !== undefined && engine === "redis" && user.body.engine !== engine;
  });
  if (other !== undefined) {
    throw invalidCombination(`The user ${other} is not one of the engine ${engine}.`);
  }
  return userIds;
}

const describe = (caller: Caller, { name, id, body }: UserGroup): UserGroupAnswer => ({
  UserGroupId: name,
  Engine: body.engine,
  Status: body.pendingIn.length > 0 ? "modifying" : "active",
  MinimumEngineVersion: body.engine === "redis" ? "6.0" : "7.2",
  UserIds: [...body.userIds],
  ReplicationGroups: collectionOf(caller, "replicationgroup")
    .list(caller.scope)
    .filter((group) => group.body.userGroupId === id)
    .map((group) => group.name),
  ARN: cacheArn(caller, "usergroup", name),
});
