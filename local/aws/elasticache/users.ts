import type { User as UserAnswer } from "@aws-sdk/client-elasticache";
import { z } from "zod";
import { NameTakenError } from "../../store/document-store.ts";
import type { Sealed } from "../../store/vault.ts";
import type { Caller } from "../caller.ts";
import { filterSchema, select } from "../filters.ts";
import { pageOf } from "../paging.ts";
import { invalidCombination, invalidValue, refusal } from "../protocol/errors.ts";
import { type Operations, operation } from "../protocol/operation.ts";
import { tagSchema, withTags } from "../tags.ts";
import { isOn, rulesOf } from "./access-strings.ts";
import { ENGINES } from "./catalog.ts";
import { cacheArn, collectionOf, find, type User, type UserBody } from "./documents.ts";
import { advance } from "./group-work.ts";

/** The user that every account has. It has no password, so that here it is let in nowhere. */
export const DEFAULT_USER = "default";
const MAX_PASSWORDS = 2;

const authenticationFields = {
  Passwords: z.array(z.string()).min(1).max(MAX_PASSWORDS).optional(),
  NoPasswordRequired: z.boolean().optional(),
  AuthenticationMode: z
    .strictObject({
      Type: z.enum(["password", "no-password-required"]),
      Passwords: z.array(z.string()).min(1).max(MAX_PASSWORDS).optional(),
    })
    .optional(),
};

export const userOperations: Operations = {
  CreateUser: operation(
    z.strictObject({
      UserId: z.string(),
      UserName: z.string().regex(/^[a-zA-Z0-9-]{1,128}$/),
      Engine: z.string().toLowerCase().pipe(z.enum(ENGINES)),
      AccessString: z.string(),
      ...authenticationFields,
      Tags: z.array(tagSchema).default([]),
    }),
    (caller, request) => {
      const name = idFrom("UserId", request.UserId);
      if (name === DEFAULT_USER) throw alreadyExists(name);
      if (request.UserName.startsWith("bulkhead-")) {
        throw invalidValue("Names that begin with bulkhead- are reserved by the local cloud.");
      }
      rulesOf(request.AccessString);
      const passwords = passwordsFrom(caller, request);
      if (passwords === undefined) {
        throw invalidCombination("A user needs Passwords or NoPasswordRequired.");
      }
      const body: UserBody = {
        userName: request.UserName,
        engine: request.Engine,
        accessString: request.AccessString,
        passwords,
        pendingIn: [],
        tags: withTags({}, request.Tags),
      };
      refuseOpenDoor(body);
      try {
        return describeUser(
          caller,
          collectionOf(caller, "user").insert(caller.scope, { id: name, name, body }),
        );
      } catch (error) {
        if (error instanceof NameTakenError) throw alreadyExists(name);
        throw error;
      }
    },
  ),
  DescribeUsers: operation(
    z.strictObject({
      Engine: z.string().toLowerCase().optional(),
      UserId: z.string().optional(),
      Filters: filterSchema,
      MaxRecords: z.int().min(20).max(100).optional(),
      Marker: z.string().optional(),
    }),
    (caller, { Engine, UserId, Filters, MaxRecords, Marker }) => {
      const all = [
        ...ENGINES.slice(-1).map(defaultUser),
        ...collectionOf(caller, "user").list(caller.scope),
      ];
      const wanted =
        UserId === undefined || UserId.toLowerCase() === DEFAULT_USER
          ? all.filter(({ name }) => UserId === undefined || name === DEFAULT_USER)
          : [find(caller, "user", UserId)];
      const found = select(
        wanted.filter(({ body }) => (Engine ?? body.engine) === body.engine),
        Filters,
        ({ name, body }) => ({ "user-id": [name], "user-name": [body.userName] }),
      );
      const page = pageOf(found, { size: MaxRecords, marker: Marker });
      return { Users: page.items.map((user) => describeUser(caller, user)), Marker: page.next };
    },
  ),
  ModifyUser: operation(
    z.strictObject({
      UserId: z.string(),
      AccessString: z.string().optional(),
      AppendAccessString: z.string().optional(),
      Engine: z.string().toLowerCase().pipe(z.enum(ENGINES)).optional(),
      ...authenticationFields,
    }),
    (caller, request) => {
      const { id, body } = changeable(caller, request.UserId);
      const { AccessString, AppendAccessString, Engine } = request;
      if (AccessString !== undefined && AppendAccessString !== undefined) {
        throw invalidCombination("Give either AccessString or AppendAccessString.");
      }
      const appended =
        AppendAccessString === undefined ? [] : [body.accessString, AppendAccessString];
      const accessString = AccessString ?? (appended.join(" ") || body.accessString);
      rulesOf(accessString);
      const groups = replicationGroupsOf(caller, id);
      const changed: UserBody = {
        ...body,
        accessString,
        engine: Engine ?? body.engine,
        passwords: passwordsFrom(caller, request) ?? body.passwords,
        pendingIn: [...new Set([...body.pendingIn, ...groups])],
      };
      refuseOpenDoor(changed);
      const user = collectionOf(caller, "user").update(caller.scope, id, { body: changed });
      for (const group of groups) advance(caller, group);
      return describeUser(caller, user);
    },
  ),
  DeleteUser: operation(z.strictObject({ UserId: z.string() }), (caller, { UserId }) => {
    const user = changeable(caller, UserId);
    const [group] = userGroupsWith(caller, user.id);
    if (group !== undefined) {
      const { body } = group;
      const isLastDefault =
        user.body.userName === DEFAULT_USER &&
        body.userIds.every((id) => id === user.id || userNameOf(caller, id) !== DEFAULT_USER);
      if (isLastDefault) {
        throw refusal(
          "DefaultUserAssociatedToUserGroup",
          `The user is the default user of the user group ${group.name}. Modify the group first.`,
        );
      }
    }
    const groups = replicationGroupsOf(caller, user.id);
    caller.cloud.store.transaction(() => {
      for (const { id, body } of userGroupsWith(caller, user.id)) {
        const userIds = body.userIds.filter((member) => member !== user.id);
        collectionOf(caller, "usergroup").update(caller.scope, id, { body: { ...body, userIds } });
      }
      collectionOf(caller, "user").remove(caller.scope, user.id);
    });
    for (const id of groups) advance(caller, id);
    return { ...describeUser(caller, user), Status: "deleting" };
  }),
};

/** A name that a user or a user group is kept under, in lower case. */
export function idFrom(parameter: string, text: string): string {
  const id = text.toLowerCase();
  if (/^[a-z](-?[a-z0-9])*$/.test(id) && id.length <= 40) return id;
  throw invalidValue(
    `The parameter ${parameter} must begin with a letter and contain only letters, digits and single hyphens, at most 40.`,
  );
}

/** The name that a user logs in with; undefined when there is no such user. */
export const userNameOf = (caller: Caller, userId: string): string | undefined =>
  userId === DEFAULT_USER
    ? DEFAULT_USER
    : collectionOf(caller, "user").byName(caller.scope, userId)?.body.userName;

/** The replication groups, by their documents' ids, that a user group lets its users into. */
export const replicationGroupsWith = (caller: Caller, userGroupId: string): string[] =>
  collectionOf(caller, "replicationgroup")
    .list(caller.scope)
    .filter(({ body }) => body.userGroupId === userGroupId)
    .map(({ id }) => id);

const userGroupsWith = (caller: Caller, userId: string) =>
  collectionOf(caller, "usergroup")
    .list(caller.scope)
    .filter(({ body }) => body.userIds.includes(userId));

const replicationGroupsOf = (caller: Caller, userId: string): string[] =>
  userGroupsWith(caller, userId).flatMap(({ id }) => replicationGroupsWith(caller, id));

function changeable(caller: Caller, userId: string): User {
  if (userId.toLowerCase() === DEFAULT_USER) {
    throw refusal("InvalidParameterValue", "The user default cannot be modified or deleted.");
  }
  return find(caller, "user", userId);
}

/** None when the user needs none; undefined when the request says nothing of passwords. */
function passwordsFrom(
  { cloud }: Caller,
  request: {
    readonly Passwords?: readonly string[] | undefined;
    readonly NoPasswordRequired?: boolean | undefined;
    readonly AuthenticationMode?:
      | { readonly Type: string; readonly Passwords?: readonly string[] | undefined }
      | undefined;
  },
): Sealed[] | undefined {
  const { Passwords, NoPasswordRequired, AuthenticationMode: mode } = request;
  const passwords = Passwords ?? mode?.Passwords;
  const isOpen = NoPasswordRequired === true || mode?.Type === "no-password-required";
  if (isOpen && passwords !== undefined) {
    throw invalidCombination("A user cannot have passwords and need none.");
  }
  if (mode?.Type === "password" && passwords === undefined) {
    throw invalidCombination("The authentication type password needs Passwords.");
  }
  const wrong = passwords?.some((password) => !/^[\x21-\x7e]{16,128}$/.test(password));
  if (wrong) throw invalidValue("Passwords must have 16 to 128 printable ASCII characters.");
  if (isOpen) return [];
  return passwords?.map((password) => cloud.vault.seal(password));
}

/** On the vendor's network such a user is open to the VPC; here it would be to every environment. */
function refuseOpenDoor({ passwords, accessString }: UserBody): void {
  if (passwords.length > 0 || !isOn(accessString)) return;
  throw invalidCombination(
    "The local cloud lets nobody in without a password. Give Passwords, or an access string with off.",
  );
}

const alreadyExists = (id: string) => refusal("UserAlreadyExists", `User ${id} already exists.`);

const defaultUser = (engine: UserBody["engine"]): Pick<User, "name" | "body"> => ({
  name: DEFAULT_USER,
  body: {
    userName: DEFAULT_USER,
    engine,
    accessString: "off ~* +@all",
    passwords: [],
    pendingIn: [],
    tags: {},
  },
});

function describeUser(caller: Caller, { name, body }: Pick<User, "name" | "body">): UserAnswer {
  const count = body.passwords.length;
  return {
    UserId: name,
    UserName: body.userName,
    Engine: body.engine,
    Status: body.pendingIn.length > 0 ? "modifying" : "active",
    MinimumEngineVersion: body.engine === "redis" ? "6.0" : "7.2",
    AccessString: body.accessString,
    UserGroupIds: userGroupsWith(caller, name).map((group) => group.name),
    Authentication:
      count > 0 ? { Type: "password", PasswordCount: count } : { Type: "no-password" },
    ARN: cacheArn(caller, "user", name),
  };
}
