import { describe, expect, it } from "vitest";
import { type Difference, type Grade, KINDS, type PropertyChange } from "../../../drift/finding.ts";
import { gradeOf } from "../../../drift/grade/grade.ts";
import type { BrokenSeverity } from "../../../drift/grade/rule.ts";
import { GRADE_RULES } from "../../../drift/grade/rules.ts";

const D1 = "cloudflare:index/d1Database:D1Database";
const WORKER = "cloudflare:index/workersScript:WorkersScript";
const SUBDOMAIN = "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain";
const HYPERDRIVE = "cloudflare:index/hyperdriveConfig:HyperdriveConfig";
const R2_LIFECYCLE = "cloudflare:index/r2BucketLifecycle:R2BucketLifecycle";
const TRUSTED = "digitalocean:index/databaseFirewall:DatabaseFirewall";
const FIREWALL = "digitalocean:index/firewall:Firewall";
const CLUSTER = "digitalocean:index/databaseCluster:DatabaseCluster";
const DROPLET = "digitalocean:index/droplet:Droplet";
const SPACES = "digitalocean:index/spacesBucket:SpacesBucket";
const KEY = "digitalocean:index/spacesKey:SpacesKey";
const RDS = "aws:rds/instance:Instance";
const SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup";
const CACHE = "aws:elasticache/replicationGroup:ReplicationGroup";
const CACHE_USER = "aws:elasticache/user:User";
const USER_GROUP = "aws:elasticache/userGroup:UserGroup";
const PARAMETERS = "aws:elasticache/parameterGroup:ParameterGroup";
const BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
const VERSIONING = "aws:s3/bucketVersioning:BucketVersioning";
const OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls";
const ENCRYPTION =
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
const DATABASE = "bulkhead:postgres:Database";

interface Case {
  /** The line that decides. */
  readonly rule: string;
  readonly type: string;
  readonly difference: Partial<Difference>;
  readonly broken?: readonly BrokenSeverity[];
  /** In production, and elsewhere. */
  readonly grades: readonly [Grade, Grade];
}

const shown = (value: unknown): string | null =>
  value === undefined ? null : JSON.stringify(value);

const change = (path: string, before: unknown, after: unknown): PropertyChange => ({
  path,
  before: shown(before),
  after: shown(after),
});

const WEAKER = ["high", "medium"] as const;
const OTHER = ["medium", "low"] as const;

/** One changed property and the line that it comes under. */
const changed = (
  rule: string,
  type: string,
  path: string,
  before: unknown,
  after: unknown,
  grades: Case["grades"] = WEAKER,
): Case => ({ rule, type, difference: { changes: [change(path, before, after)] }, grades });

const broken = (severity: BrokenSeverity["severity"]): BrokenSeverity[] => [
  { rule: "some-rule", severity },
];

const CASES: readonly Case[] = [
  {
    rule: "isolation",
    type: WORKER,
    difference: { changes: [change("bindings[DB].id", "a", "b")] },
    broken: [...broken("high"), ...broken("critical")],
    grades: ["critical", "critical"],
  },
  { rule: "lost-data", type: D1, difference: { kind: "deleted" }, grades: ["high", "high"] },
  { rule: "lost-data", type: CACHE, difference: { kind: "deleted" }, grades: ["high", "high"] },
  {
    rule: "policy",
    type: SPACES,
    difference: { kind: "access" },
    broken: broken("high"),
    grades: WEAKER,
  },
  changed("way-in", TRUSTED, "rules[0.0.0.0/0]", undefined, { type: "ip_addr" }),
  changed("way-in", TRUSTED, "rules", [{ value: "10.0.0.1" }], []),
  changed("way-in", FIREWALL, "inboundRules[]", undefined, { portRange: "22" }),
  changed("way-in", SECURITY_GROUP, "ingress[5432].cidrBlocks[]", undefined, "10.0.0.0/8"),
  changed("public", SPACES, "acl", "private", "public-read"),
  changed("public", RDS, "publiclyAccessible", false, true),
  changed("public", BLOCK, "blockPublicAcls", true, false),
  changed("public", OWNERSHIP, "rule.objectOwnership", "BucketOwnerEnforced", "ObjectWriter"),
  changed("public", SUBDOMAIN, "previewsEnabled", false, true),
  changed("tls", CACHE, "transitEncryptionEnabled", true, false),
  changed("tls", CACHE, "transitEncryptionMode", "required", "preferred"),
  changed("tls", HYPERDRIVE, "mtls.sslmode", "verify-full", "require"),
  changed("tls", HYPERDRIVE, "mtls.caCertificateId", "a", undefined),
  changed("encryption", RDS, "storageEncrypted", true, false),
  changed("encryption", RDS, "kmsKeyId", "a", "b"),
  changed("encryption", ENCRYPTION, "rules[].bucketKeyEnabled", false, true),
  changed("backups", RDS, "backupRetentionPeriod", 14, 1),
  changed("backups", DROPLET, "backups", true, false),
  changed("backups", "aws:dynamodb/table:Table", "pointInTimeRecovery.enabled", true, false),
  changed("versioning", SPACES, "versioning.enabled", true, false),
  changed("versioning", VERSIONING, "versioningConfiguration.status", "Enabled", "Suspended"),
  changed("deletion", R2_LIFECYCLE, "rules[clean-up]", undefined, { enabled: true }),
  changed("deletion", CLUSTER, "evictionPolicy", "noeviction", "allkeys_lru"),
  changed("deletion", PARAMETERS, "parameters[maxmemory-policy].value", "a", "b"),
  changed("protection", RDS, "deletionProtection", true, false),
  changed("standby", RDS, "multiAz", true, false),
  changed("standby", CLUSTER, "nodeCount", 2, 1),
  changed("rights", KEY, "grants[]", undefined, { permission: "fullaccess" }),
  changed("rights", CACHE_USER, "accessString", "on ~a*", "on ~*"),
  changed("rights", CACHE_USER, "authenticationMode.type", "password", "no-password-required"),
  changed("rights", USER_GROUP, "userIds[]", undefined, "intruder"),
  changed("rights", DATABASE, "undeclaredRights", undefined, [{ role: "PUBLIC" }]),
  changed("target", WORKER, "bindings[API]", { service: "a" }, undefined),
  changed("target", HYPERDRIVE, "origin.host", "a", "b"),
  changed("running-code", WORKER, "content", "a", "b"),
  changed("running-code", DROPLET, "image", "a", "b"),
  changed("missing-part", DATABASE, "schemas[]", "config", undefined),
  changed("missing-part", "bulkhead:d1:Migrations", "files[0001.sql]", { name: "a" }, undefined),
  changed("missing-part", USER_GROUP, "userIds[]", "worker", undefined),
  changed("missing-part", DROPLET, "volumeIds", ["a"], []),
  changed("missing-part", FIREWALL, "dropletIds[]", 1, undefined),
  { rule: "gone", type: WORKER, difference: { kind: "deleted" }, grades: WEAKER },
  { rule: "secret", type: WORKER, difference: { kind: "secret" }, grades: WEAKER },
  { rule: "code", type: WORKER, difference: { kind: "code" }, grades: WEAKER },
  { rule: "schema", type: D1, difference: { kind: "schema" }, grades: WEAKER },
  { rule: "access", type: DATABASE, difference: { kind: "access" }, grades: WEAKER },
  { rule: "power-of-nobody", type: KEY, difference: { kind: "unmanaged" }, grades: WEAKER },
  { rule: "power-of-nobody", type: SPACES, difference: { kind: "unmanaged" }, grades: WEAKER },
  { rule: "power-of-nobody", type: CACHE_USER, difference: { kind: "unmanaged" }, grades: WEAKER },
  { rule: "power-of-nobody", type: DROPLET, difference: { kind: "unmanaged" }, grades: WEAKER },
  {
    rule: "power-of-nobody",
    type: "aws:rds/snapshotCopy:SnapshotCopy",
    difference: { kind: "unmanaged" },
    grades: WEAKER,
  },
  {
    rule: "power-left-behind",
    type: D1,
    difference: { kind: "orphaned" },
    grades: ["medium", "medium"],
  },
  {
    rule: "left-behind",
    type: "digitalocean:index/tag:Tag",
    difference: { kind: "orphaned" },
    grades: ["low", "low"],
  },
  {
    rule: "undeployed-loss",
    type: D1,
    difference: { kind: "undeployed", key: "replace" },
    grades: WEAKER,
  },
  {
    rule: "policy-of-form",
    type: SPACES,
    difference: { changes: [change("name", "a", "b")] },
    broken: broken("medium"),
    grades: OTHER,
  },
  changed("description", RDS, "tagsAll.Owner", undefined, "me", ["low", "low"]),
  changed("description", KEY, "name", "a", "b", ["low", "low"]),
  changed("other", RDS, "instanceClass", "a", "b", OTHER),
  // Firewalls choose their droplets by tags.
  changed("other", DROPLET, "tags[]", "guarded", undefined, OTHER),
  // A setting that was given to a role: the sentence tells what, and no property does.
  { rule: "other", type: CLUSTER, difference: { key: "setting app null x" }, grades: OTHER },
  // Near misses of the lines above.
  changed("other", RDS, "backupRetentionPeriod", 1, 14, OTHER),
  changed("other", CLUSTER, "nodeCount", 1, 2, OTHER),
  changed("other", SUBDOMAIN, "enabled", true, false, OTHER),
  changed("other", SECURITY_GROUP, "ingress[]", { fromPort: 5432 }, undefined, OTHER),
  changed("other", SECURITY_GROUP, "ingress", [{ fromPort: 5432 }], [], OTHER),
  changed("other", TRUSTED, "rules[10.0.0.1]", { type: "ip_addr" }, undefined, OTHER),
  changed("other", SPACES, "acl", "public-read", "private", OTHER),
  changed("other", R2_LIFECYCLE, "rules[a].enabled", true, false, OTHER),
  changed("other", DATABASE, "roles[app].connectionLimit", 15, 100, OTHER),
  changed("other", HYPERDRIVE, "mtls.sslmode", "require", "verify-full", OTHER),
  changed("other", KEY, "tagsOfMine", "a", "b", OTHER),
  {
    rule: "other",
    type: RDS,
    difference: { changes: [change("tags.a", "a", "b"), change("port", 1, 2)] },
    grades: OTHER,
  },
  {
    rule: "other",
    type: D1,
    difference: { kind: "undeployed", key: "create" },
    grades: OTHER,
  },
  {
    rule: "other",
    type: WORKER,
    difference: { kind: "undeployed", key: "delete" },
    grades: OTHER,
  },
  {
    rule: "other",
    type: SECURITY_GROUP,
    difference: { kind: "unmanaged" },
    grades: OTHER,
  },
  {
    rule: "other",
    type: RDS,
    difference: {
      kind: "undeployed",
      key: "update",
      changes: [change("multiAz", undefined, undefined)],
    },
    grades: OTHER,
  },
];

const differenceOf = ({ type, difference }: Case): Difference => ({
  kind: "changed",
  subject: { urn: null, type, name: "it", id: null },
  message: "It is another.",
  changes: [],
  trace: null,
  rules: [],
  ...difference,
});

const titled = CASES.map((each) => ({
  ...each,
  title: `${each.difference.kind ?? "changed"} ${each.difference.key ?? ""} ${each.type} ${each.difference.changes?.map(({ path, after }) => `${path} = ${after}`).join() ?? ""} ${each.broken?.map(({ severity }) => severity).join() ?? ""}`,
}));

describe("grades", () => {
  it.each(titled)("$rule: $title", (each) => {
    const { rule, broken: rules = [], grades } = each;
    const because = GRADE_RULES.find(({ name }) => name === rule)?.because;
    const difference = differenceOf(each);
    expect(gradeOf(difference, "production", rules)).toEqual({ grade: grades[0], because });
    for (const tier of ["staging", "preview", "development"] as const)
      expect(gradeOf(difference, tier, rules)).toEqual({ grade: grades[1], because });
  });

  it.each(GRADE_RULES.map(({ name }) => name))("needs its line %s", (name) => {
    const without = GRADE_RULES.filter((rule) => rule.name !== name);
    const own = CASES.filter(({ rule }) => rule === name);
    expect(own.length).toBeGreaterThan(0);
    for (const each of own) {
      const difference = differenceOf(each);
      const tell = () => gradeOf(difference, "production", each.broken ?? [], without).because;
      if (name === "other") expect(tell).toThrow("No grade for");
      else expect(tell()).not.toBe(GRADE_RULES.find((rule) => rule.name === name)?.because);
    }
  });

  it("has a name and a reason of its own for each line", () => {
    expect(new Set(GRADE_RULES.map(({ name }) => name)).size).toBe(GRADE_RULES.length);
    expect(new Set(GRADE_RULES.map(({ because }) => because)).size).toBe(GRADE_RULES.length);
    for (const { because } of GRADE_RULES) expect(because).toMatch(/^[A-Z].*\.$/);
  });

  it.each(KINDS)("knows the kind %s", (kind) => {
    const difference = differenceOf({
      rule: "",
      type: "a:b/c:D",
      difference: { kind },
      grades: OTHER,
    });
    expect(gradeOf(difference, "production", []).because).not.toBe("");
  });

  it("does not take a value that is hidden or cut for a weaker one by its form", () => {
    const hidden = (before: string, after: string) => ({
      ...differenceOf({ rule: "", type: RDS, difference: {}, grades: OTHER }),
      changes: [{ path: "backupRetentionPeriod", before, after }],
    });
    expect(gradeOf(hidden("[secret]", "[secret]"), "production", []).grade).toBe("medium");
    expect(gradeOf(hidden("14… (300 characters)", "1"), "production", []).grade).toBe("medium");
  });
});
