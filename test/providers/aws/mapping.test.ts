import { expect, test } from "vitest";
import { parameterChanges } from "../../../local/providers/aws/parameters.ts";
import { requestFields } from "../../../local/providers/aws/request-fields.ts";
import {
  fieldIn,
  instanceState,
} from "../../../local/providers/aws/resources/rds/instance-state.ts";
import {
  groupedRules,
  permissionOf,
  ruleChanges,
  rulesOfPermissions,
  singleRules,
} from "../../../local/providers/aws/rules.ts";
import { allTags, liveTags, tagChanges } from "../../../local/providers/aws/tags.ts";

const client = { defaultTags: { environment: "dev", owner: "shop" } };

test("a resource's own tag wins over a default one", () => {
  expect(allTags(client, { tags: { owner: "me" } })).toEqual({ environment: "dev", owner: "me" });
});

test("default tags are not taken for the resource's own, unless the program says them too", () => {
  const live = [
    { Key: "environment", Value: "dev" },
    { Key: "owner", Value: "shop" },
    { Key: "Name", Value: "orders" },
    { Key: "aws:rds:primaryDBInstanceArn", Value: "arn" },
  ];
  const tagsAll = { environment: "dev", owner: "shop", Name: "orders" };
  expect(liveTags(client, live, {})).toEqual({ tags: { Name: "orders" }, tagsAll });
  const said = { tags: { owner: "shop" } };
  expect(liveTags(client, live, said)).toEqual({
    tags: { Name: "orders", owner: "shop" },
    tagsAll,
  });
});

test("without tags of its own a resource has what the program says: nothing, or an empty map", () => {
  const live = [{ Key: "environment", Value: "dev" }];
  const tagsAll = { environment: "dev" };
  expect(liveTags(client, live, {})).toEqual({ tags: undefined, tagsAll });
  expect(liveTags(client, live, { tags: {} })).toEqual({ tags: {}, tagsAll });
  expect(liveTags(client, live, { tags: { gone: "x" } })).toEqual({ tags: {}, tagsAll });
});

test("a default tag that somebody changed shows as drift", () => {
  const live = [{ Key: "environment", Value: "production" }];
  expect(liveTags(client, live, {}).tags).toEqual({ environment: "production" });
});

test("tags that go and tags that change are told apart", () => {
  expect(tagChanges({ a: "1", b: "2" }, { b: "3", c: "4" })).toEqual({
    removed: ["a"],
    changed: { b: "3", c: "4" },
  });
});

test("requests have the API's names, and what only Pulumi knows stays at home", () => {
  const inputs = {
    identifier: "orders",
    multiAz: true,
    skipFinalSnapshot: true,
    tags: { a: "b" },
    port: 5433,
    storageType: "gp3",
  };
  expect(requestFields(inputs, fieldIn("create"))).toEqual({
    DBInstanceIdentifier: "orders",
    MultiAZ: true,
    Port: 5433,
    StorageType: "gp3",
  });
  expect(requestFields(inputs, fieldIn("modify"))).toEqual({
    NewDBInstanceIdentifier: "orders",
    MultiAZ: true,
    DBPortNumber: 5433,
    StorageType: "gp3",
  });
});

test("a version that the program gives in part stays as it is while it fits", () => {
  const found = { EngineVersion: "17.10", DBInstanceIdentifier: "orders" };
  expect(instanceState(found, { engineVersion: "17" })).toMatchObject({
    engineVersion: "17",
    engineVersionActual: "17.10",
  });
  expect(instanceState(found, { engineVersion: "17.1" }).engineVersion).toBe("17.10");
  expect(instanceState(found, undefined).engineVersion).toBe("17.10");
});

const RULE = {
  protocol: "tcp",
  fromPort: 5432,
  toPort: 5432,
  cidrBlocks: ["10.0.0.0/16"],
  securityGroups: ["sg-2"],
  self: true,
  description: "app",
};

test("inline rules become single permissions and come back together", () => {
  const singles = singleRules([RULE]);
  expect(singles).toHaveLength(3);
  const live = rulesOfPermissions(
    singles.map((each) => permissionOf(each, "sg-1")),
    "sg-1",
  );
  expect(live).toEqual(singles);
  expect(groupedRules(live)).toEqual([{ ...RULE, ipv6CidrBlocks: [], prefixListIds: [] }]);
});

test("only what differs is revoked and authorised, a description being a difference", () => {
  const before = singleRules([RULE]);
  const after = singleRules([{ ...RULE, cidrBlocks: ["10.1.0.0/16"] }]);
  const { revoke, authorize } = ruleChanges(before, after);
  expect(revoke.map(({ peer }) => peer)).toEqual(["10.0.0.0/16"]);
  expect(authorize.map(({ peer }) => peer)).toEqual(["10.1.0.0/16"]);
  const described = ruleChanges(before, singleRules([{ ...RULE, description: "other" }]));
  expect(described.revoke).toHaveLength(3);
  expect(ruleChanges(before, before)).toEqual({ revoke: [], authorize: [] });
});

test("a rule for all protocols has no ports", () => {
  const [all] = singleRules([
    { protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] },
  ]);
  expect(all && permissionOf(all, "sg-1")).toEqual({
    IpProtocol: "-1",
    IpRanges: [{ CidrIp: "0.0.0.0/0" }],
  });
});

test("a parameter that is taken out of the program is set back", () => {
  const before = [
    { name: "work_mem", value: "1", applyMethod: "immediate" },
    { name: "jit", value: "0" },
  ];
  const after = [{ name: "work_mem", value: "2" }];
  expect(parameterChanges(before, after)).toEqual({ set: after, reset: [before[1]] });
  expect(parameterChanges(before, before)).toEqual({ set: [], reset: [] });
});
