import type { Sealed } from "../../store/vault.ts";
import type { Caller } from "../caller.ts";
import { invalidCombination, invalidValue } from "../protocol/errors.ts";
import type { Engine } from "./catalog.ts";
import { find, type ReplicationGroupBody } from "./documents.ts";

type Access = Pick<ReplicationGroupBody, "authTokens" | "userGroupId">;

/** Who is let in: the bearers of one password, or the users of a group. */
export function accessFrom(
  caller: Caller,
  engine: Engine,
  authToken: string | undefined,
  userGroupId: string | undefined,
): Access {
  if ((authToken === undefined) === (userGroupId === undefined)) {
    throw invalidCombination(
      "The local cloud lets nobody in without a password. Give either AuthToken or UserGroupIds.",
    );
  }
  if (authToken !== undefined) return { authTokens: [sealedToken(caller, authToken)] };
  return { authTokens: [], userGroupId: usableUserGroup(caller, engine, userGroupId ?? "") };
}

/** Who is let in after a change. */
export function accessAfter(
  caller: Caller,
  body: ReplicationGroupBody,
  request: {
    readonly AuthToken?: string | undefined;
    readonly AuthTokenUpdateStrategy: "SET" | "ROTATE" | "DELETE";
    readonly UserGroupIdsToAdd: readonly string[];
    readonly UserGroupIdsToRemove: readonly string[];
    readonly RemoveUserGroups: boolean;
  },
): Access {
  const { AuthToken, AuthTokenUpdateStrategy: strategy, UserGroupIdsToAdd } = request;
  const [added] = UserGroupIdsToAdd;
  const removed = request.UserGroupIdsToRemove.map((id) => id.toLowerCase());
  const isGroupGone =
    request.RemoveUserGroups || removed.includes(body.userGroupId ?? "") || AuthToken !== undefined;
  const kept = isGroupGone ? undefined : body.userGroupId;
  const userGroupId =
    added === undefined ? kept : usableUserGroup(caller, body.engine, added.toLowerCase());
  if (added !== undefined && kept !== undefined) {
    throw invalidCombination("A replication group can have one user group. Remove the other.");
  }
  const tokens = AuthToken === undefined ? body.authTokens : [sealedToken(caller, AuthToken)];
  const isRotation = AuthToken !== undefined && strategy === "ROTATE";
  const authTokens = isRotation ? [...tokens, ...body.authTokens.slice(0, 1)] : tokens;
  // With a user group the password of the whole ends, as at the vendor.
  if (userGroupId !== undefined) return { authTokens: [], userGroupId };
  if (strategy === "DELETE" || authTokens.length === 0) {
    throw invalidCombination(
      "The local cloud lets nobody in without a password. Give AuthToken or UserGroupIdsToAdd.",
    );
  }
  return { authTokens };
}

function sealedToken({ cloud }: Caller, token: string): Sealed {
  if (!/^[\x21-\x7e]{16,128}$/.test(token) || /[^a-zA-Z0-9!&#$^<>-]/.test(token)) {
    throw invalidValue(
      "The parameter AuthToken must have 16 to 128 letters, digits and of the signs !&#$^<>- only.",
    );
  }
  return cloud.vault.seal(token);
}

function usableUserGroup(caller: Caller, engine: Engine, id: string): string {
  const group = find(caller, "usergroup", id);
  if (engine === "redis" && group.body.engine !== engine) {
    throw invalidCombination(`The user group ${group.name} is not one of the engine ${engine}.`);
  }
  return group.name;
}
