import {
  CreateUserCommand,
  CreateUserGroupCommand,
  DeleteUserCommand,
  DeleteUserGroupCommand,
  DescribeUserGroupsCommand,
  DescribeUsersCommand,
  ModifyUserCommand,
  ModifyUserGroupCommand,
} from "@aws-sdk/client-elasticache";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf, startAws, type TestAccount, type TestAws, until } from "../../support/aws.ts";
import { connectRedis, type Login } from "../../support/aws-databases.ts";
import { cacheLogin, cacheReached, createCache } from "./caches.ts";

let aws: TestAws;
let staging: TestAccount;
let cache: TestAccount["elastiCache"];

const passwords = { app: "a-password-of-app", next: "next-password-of-app" };

/** A cache with a group of users, which the tests share. */
beforeAll(async () => {
  aws = await startAws();
  staging = aws.account("staging");
  cache = staging.elastiCache;
  const user = (UserId: string, UserName: string, AccessString: string, password: string) =>
    cache.send(
      new CreateUserCommand({
        UserId,
        UserName,
        AccessString,
        Engine: "redis",
        Passwords: [password],
      }),
    );
  await user("app", "app", "on ~app:* +@all", passwords.app);
  await user("nobody", "default", "off -@all", "a-password-of-nobody");
  await cache.send(
    new CreateUserGroupCommand({
      UserGroupId: "apps",
      Engine: "redis",
      UserIds: ["app", "nobody"],
    }),
  );
  await createCache(staging, {
    ReplicationGroupId: "users",
    Engine: "redis",
    UserGroupIds: ["apps"],
  });
  await cacheReached(staging, "users");
});
afterAll(() => aws.close());

async function userStatus(UserId: string) {
  const { Users } = await cache.send(new DescribeUsersCommand({ UserId }));
  return Users?.[0]?.Status;
}

const isActive = (id: string) =>
  until(
    () => userStatus(id),
    (status) => status === "active",
  );

const login = async (user: string, password: string): Promise<Login> => ({
  ...(await cacheLogin(aws, staging, "users", password)),
  user,
});

test("users do what their access strings let them, with either of two passwords", async () => {
  const app = await connectRedis(await login("app", passwords.app));
  await app.set("app:key", "value");
  await expect(app.set("other", "value")).rejects.toThrow(/NOPERM/);
  await expect(connectRedis(await login("default", "a-password-of-nobody"))).rejects.toThrow(
    /WRONGPASS/,
  );

  await cache.send(
    new ModifyUserCommand({ UserId: "app", Passwords: [passwords.app, passwords.next] }),
  );
  await isActive("app");
  for (const password of Object.values(passwords)) {
    await connectRedis(await login("app", password));
  }
  await cache.send(
    new ModifyUserCommand({
      UserId: "app",
      AccessString: "on ~app:* +@read",
      Passwords: [passwords.next],
    }),
  );
  await isActive("app");
  const reader = await connectRedis(await login("app", passwords.next));
  expect(await reader.get("app:key")).toBe("value");
  await expect(reader.set("app:key", "other")).rejects.toThrow(/NOPERM/);
  await expect(connectRedis(await login("app", passwords.app))).rejects.toThrow(/WRONGPASS/);
});

test("a user who joins a group is let in, and out again with it", async () => {
  const password = "a-password-of-late-comers";
  await cache.send(
    new CreateUserCommand({
      UserId: "late",
      UserName: "late",
      Engine: "redis",
      AccessString: "on ~* +ping",
      Passwords: [password],
    }),
  );
  const change = async (to: object) => {
    await cache.send(new ModifyUserGroupCommand({ UserGroupId: "apps", ...to }));
    await until(
      async () =>
        (await cache.send(new DescribeUserGroupsCommand({ UserGroupId: "apps" }))).UserGroups?.[0]
          ?.Status,
      (status) => status === "active",
    );
  };
  await expect(connectRedis(await login("late", password))).rejects.toThrow(/WRONGPASS/);
  await change({ UserIdsToAdd: ["late"] });
  await connectRedis(await login("late", password));
  await change({ UserIdsToRemove: ["late"] });
  await expect(connectRedis(await login("late", password))).rejects.toThrow(/WRONGPASS/);
  const without = { UserGroupId: "apps", UserIdsToRemove: ["nobody"] };
  expect(await codeOf(cache.send(new ModifyUserGroupCommand(without)))).toBe("DefaultUserRequired");
  expect(await codeOf(cache.send(new DeleteUserGroupCommand({ UserGroupId: "apps" })))).toBe(
    "InvalidUserGroupStateFault",
  );
  expect(await codeOf(cache.send(new DeleteUserCommand({ UserId: "nobody" })))).toBe(
    "DefaultUserAssociatedToUserGroupFault",
  );
  await cache.send(new DeleteUserCommand({ UserId: "late" }));
});

test.each([
  ["a password in the access string", { AccessString: "on ~* +@all >secret" }],
  ["no password in the access string", { AccessString: "on ~* +@all nopass" }],
  ["what nobody may do", { AccessString: "on ~* +config" }],
  ["a short password", { Passwords: ["short"] }],
  ["no need of a password", { Passwords: undefined, NoPasswordRequired: true }],
  ["nothing about passwords", { Passwords: undefined }],
])("a user with %s is refused", async (_, change) => {
  const create = new CreateUserCommand({
    UserId: "refused",
    UserName: "refused",
    Engine: "redis",
    AccessString: "on ~* +@all",
    Passwords: ["a-password-of-refused"],
    ...change,
  });
  expect(await codeOf(cache.send(create))).toMatch(/^InvalidParameter/);
  expect(await codeOf(cache.send(new DescribeUsersCommand({ UserId: "refused" })))).toBe(
    "UserNotFoundFault",
  );
});
