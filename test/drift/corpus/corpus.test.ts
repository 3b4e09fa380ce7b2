import { describe, expect, it } from "vitest";
import { KINDS } from "../../../drift/finding.ts";
import { HARMLESS } from "./harmless.ts";
import { DRIFTS } from "./index.ts";

/** Every type of resource in the estate that exists at a vendor, by the end of its token. */
const TYPES = [
  "cloudflare:index/d1Database:D1Database",
  "cloudflare:index/hyperdriveConfig:HyperdriveConfig",
  "cloudflare:index/mtlsCertificate:MtlsCertificate",
  "cloudflare:index/r2Bucket:R2Bucket",
  "cloudflare:index/r2BucketLifecycle:R2BucketLifecycle",
  "cloudflare:index/workersScript:WorkersScript",
  "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain",
  "digitalocean:index/databaseCluster:DatabaseCluster",
  "digitalocean:index/databaseConnectionPool:DatabaseConnectionPool",
  "digitalocean:index/databaseDb:DatabaseDb",
  "digitalocean:index/databaseFirewall:DatabaseFirewall",
  "digitalocean:index/databaseUser:DatabaseUser",
  "digitalocean:index/droplet:Droplet",
  "digitalocean:index/firewall:Firewall",
  "digitalocean:index/spacesBucket:SpacesBucket",
  "digitalocean:index/spacesKey:SpacesKey",
  "digitalocean:index/volume:Volume",
  "aws:ec2/securityGroup:SecurityGroup",
  "aws:ec2/subnet:Subnet",
  "aws:ec2/vpc:Vpc",
  "aws:elasticache/parameterGroup:ParameterGroup",
  "aws:elasticache/replicationGroup:ReplicationGroup",
  "aws:elasticache/subnetGroup:SubnetGroup",
  "aws:elasticache/user:User",
  "aws:elasticache/userGroup:UserGroup",
  "aws:rds/instance:Instance",
  "aws:rds/subnetGroup:SubnetGroup",
  "aws:s3/bucket:Bucket",
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  "aws:s3/bucketVersioning:BucketVersioning",
  "bulkhead:d1:Migrations",
  "bulkhead:postgres:Database",
];

describe("the corpus", () => {
  it.each(TYPES)("has a drift of %s", (type) => {
    expect(DRIFTS.filter(({ subject }) => type.endsWith(subject[0]))).not.toEqual([]);
  });

  it("names no type that is not in the estate", () => {
    const unknown = DRIFTS.filter(
      ({ subject }) => !TYPES.some((type) => type.endsWith(subject[0])),
    );
    expect(unknown).toEqual([]);
  });

  it("has sixty drifts and thirty harmless changes at least, each under a name of its own", () => {
    const names = DRIFTS.map(({ name, subject, batch }) => [name, ...subject, batch].join(" "));
    expect(names.length).toBeGreaterThanOrEqual(60);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(HARMLESS.map(({ name }) => name)).size).toBeGreaterThanOrEqual(30);
  });

  it("has drifts of every grade, and some that are worse in production than in staging", () => {
    const grades = new Set(DRIFTS.flatMap(({ on }) => Object.values(on)));
    expect(grades).toEqual(new Set(["critical", "high", "medium", "low"]));
    const both = DRIFTS.filter(({ on }) => on.staging === "medium" && on.production === "high");
    expect(both.length).toBeGreaterThanOrEqual(10);
    for (const { kind = "changed" } of DRIFTS) expect(KINDS).toContain(kind);
  });
});
