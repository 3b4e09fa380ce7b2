import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { awsProvider } from "../../../local/providers/aws/provider.ts";
import { Journal } from "../../../providers/sdk/journal.ts";
import { packageSchema } from "../../../providers/sdk/package-schema.ts";
import { Provider } from "../../../providers/sdk/provider.ts";
import { type PropertyMap, Secret, UNKNOWN } from "../../../providers/sdk/values.ts";

const definition = awsProvider("7.48.0");
const provider = new Provider(definition, new Journal(mkdtempSync(join(tmpdir(), "journal-"))));

const SEED = new Uint8Array([1, 2, 3]);

function target(token: string, name = "orders") {
  return { urn: `urn:pulumi:test::shop::${token}::${name}`, type: token, name };
}

function check(token: string, news: PropertyMap, olds: PropertyMap = {}, name?: string) {
  return provider.check(target(token, name), olds, news, { seed: SEED, mode: "propose" });
}

/** Paths of changes, those that replace marked by a star. */
function changes(token: string, olds: PropertyMap, news: PropertyMap, state: PropertyMap = {}) {
  const found = provider.diff(target(token), olds, { ...olds, ...state }, news);
  return found.changes.map(({ path, replace }) => (replace ? `${path}*` : path));
}

const INSTANCE = "aws:rds/instance:Instance";
const BUCKET = "aws:s3/bucket:Bucket";
const GROUP = "aws:ec2/securityGroup:SecurityGroup";

const instance: PropertyMap = {
  identifier: "orders",
  engine: "postgres",
  engineVersion: "17",
  allocatedStorage: 20,
  instanceClass: "db.t4g.micro",
  username: "owner",
  password: new Secret("a password of some length"),
  vpcSecurityGroupIds: ["sg-1", "sg-2"],
};

test("the schema describes every resource and function", () => {
  const schema = packageSchema(definition) as unknown as {
    resources: Record<string, unknown>;
    functions: Record<string, unknown>;
  };
  expect(Object.keys(schema.resources)).toHaveLength(22);
  expect(Object.keys(schema.functions)).toHaveLength(3);
});

test("a name that is left out is chosen, in lower case, and stays", () => {
  const first = check(BUCKET, {}, {}, "Orders").inputs;
  expect(first.bucket).toMatch(/^orders-[0-9a-f]{7}$/);
  expect(check(BUCKET, {}, first, "Orders").inputs.bucket).toBe(first.bucket);
});

test("a prefix makes a unique name that stays until the prefix changes", () => {
  const first = check(BUCKET, { bucketPrefix: "shop-" }).inputs;
  expect(first.bucket).toMatch(/^shop-[0-9a-f]{26}$/);
  expect(check(BUCKET, { bucketPrefix: "shop-" }, first).inputs).toEqual(first);
  const other = check(BUCKET, { bucketPrefix: "store-" }, first).inputs;
  expect(other.bucket).toMatch(/^store-[0-9a-f]{26}$/);
  expect(changes(BUCKET, first, other)).toEqual(["bucket*", "bucketPrefix*"]);
  expect(check(BUCKET, { bucketPrefix: UNKNOWN }).inputs.bucket).toBe(UNKNOWN);
});

test("a name and a prefix exclude each other", () => {
  const { failures } = check(BUCKET, { bucket: "orders", bucketPrefix: "shop-" });
  expect(failures.map(({ property }) => property)).toEqual(["bucketPrefix"]);
});

test("an inline setting of a bucket is refused with the resource to use instead", () => {
  const { failures } = check(BUCKET, { bucket: "orders", versioning: { enabled: true } });
  expect(failures).toEqual([
    { property: "versioning", reason: expect.stringContaining("aws.s3.BucketVersioning") },
  ]);
  expect(check(BUCKET, { bucket: "orders", tags: { a: "b" } }).failures).toEqual([]);
});

test("a DB instance without a password, engine or storage is refused by name", () => {
  const { failures } = check(INSTANCE, { identifier: "orders", instanceClass: "db.t4g.micro" });
  expect(failures.map(({ property }) => property)).toEqual([
    "engine",
    "allocatedStorage",
    "username",
    "password",
  ]);
  expect(check(INSTANCE, instance).failures).toEqual([]);
});

test("what a DB instance cannot change replaces it, the rest changes in place", () => {
  const change = (news: PropertyMap) => changes(INSTANCE, instance, { ...instance, ...news });
  expect(change({})).toEqual([]);
  expect(change({ allocatedStorage: 30, instanceClass: "db.t4g.small" })).toEqual([
    "allocatedStorage",
    "instanceClass",
  ]);
  expect(change({ identifier: "renamed" })).toEqual(["identifier"]);
  expect(change({ username: "other" })).toEqual(["username*"]);
  expect(change({ engine: "mysql" })).toEqual(["engine*"]);
  expect(change({ dbName: "shop" })).toEqual(["dbName*"]);
  expect(change({ storageEncrypted: true })).toEqual(["storageEncrypted*"]);
  expect(change({ region: "eu-west-1" })).toEqual(["region*"]);
  expect(change({ vpcSecurityGroupIds: ["sg-2", "sg-1"] })).toEqual([]);
  expect(change({ deletionProtection: false, autoMinorVersionUpgrade: true })).toEqual([]);
});

test("what the vendor chose is no change when the program leaves it out", () => {
  const state = { backupRetentionPeriod: 1, availabilityZone: "us-east-1a", port: 5432 };
  expect(changes(INSTANCE, instance, instance, state)).toEqual([]);
  const moved = { ...instance, availabilityZone: "us-east-1b" };
  expect(changes(INSTANCE, instance, moved, state)).toEqual(["availabilityZone*"]);
});

test("inline rules of a security group are compared as a set of single rules", () => {
  const rule = { protocol: "tcp", fromPort: 5432, toPort: 5432 };
  const together = {
    name: "db",
    ingress: [{ ...rule, cidrBlocks: ["10.0.0.0/16", "10.1.0.0/16"] }],
  };
  const apart = {
    name: "db",
    ingress: [
      { ...rule, protocol: "6", cidrBlocks: ["10.1.0.0/16"], description: "" },
      { ...rule, cidrBlocks: ["10.0.0.0/16"], self: false },
    ],
  };
  expect(changes(GROUP, together, apart)).toEqual([]);
  const less = { name: "db", ingress: [{ ...rule, cidrBlocks: ["10.1.0.0/16"] }] };
  expect(changes(GROUP, together, less)).not.toEqual([]);
  expect(changes(GROUP, together, { ...together, description: "other" })).toEqual(["description*"]);
});

test("a bucket policy is compared as JSON, whichever way it is written", () => {
  const token = "aws:s3/bucketPolicy:BucketPolicy";
  const policy = { Version: "2012-10-17", Statement: [] };
  const text = { bucket: "orders", policy: '{"Statement":[],"Version":"2012-10-17"}' };
  expect(changes(token, text, { bucket: "orders", policy })).toEqual([]);
  expect(changes(token, text, { bucket: "orders", policy: "{}" })).not.toEqual([]);
  expect(check(token, { bucket: "orders", policy: "{" }).failures).toHaveLength(1);
});

test("empty conditions of a lifecycle rule say nothing", () => {
  const token = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
  const rule = { id: "old", status: "Enabled", expiration: { days: 30 } };
  const plain = { bucket: "orders", rules: [rule] };
  const spelled = { bucket: "orders", rules: [{ ...rule, filter: { prefix: "" } }] };
  expect(changes(token, plain, spelled)).toEqual([]);
  const shorter = { bucket: "orders", rules: [{ ...rule, expiration: { days: 3 } }] };
  expect(changes(token, plain, shorter)).toEqual(["rules[0].expiration.days"]);
});

test("a rule of a security group has exactly one peer", () => {
  const token = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
  const rule = { securityGroupId: "sg-1", ipProtocol: "tcp", fromPort: 1, toPort: 2 };
  expect(check(token, rule).failures).toHaveLength(1);
  expect(check(token, { ...rule, cidrIpv4: "0.0.0.0/0", cidrIpv6: "::/0" }).failures).toHaveLength(
    1,
  );
  expect(check(token, { ...rule, cidrIpv4: "0.0.0.0/0" }).failures).toEqual([]);
});

test("passwords of a cache user are secret wherever they stand", () => {
  const token = "aws:elasticache/user:User";
  const user = { userId: "app", userName: "app", engine: "valkey", accessString: "on ~* +@all" };
  const { inputs, failures } = check(token, {
    ...user,
    authenticationMode: { type: "password", passwords: ["a password of some length"] },
  });
  expect(failures).toEqual([]);
  expect(inputs.authenticationMode).toEqual({
    type: "password",
    passwords: new Secret(["a password of some length"]),
  });
  // No seal inside another.
  const sealed = { type: "password", passwords: [new Secret("a password of some length")] };
  expect(check(token, { ...user, authenticationMode: sealed }).inputs.authenticationMode).toEqual(
    inputs.authenticationMode,
  );
  expect(check(token, user).failures).toHaveLength(1);
  expect(
    check(token, { ...user, passwords: ["x"], noPasswordRequired: true }).failures,
  ).toHaveLength(1);
});
