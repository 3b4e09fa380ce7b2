import { describe, expect, it } from "vitest";
import { AWS } from "../../../isolation/extract/aws.ts";
import { type FactMap, Secret } from "../../../isolation/facts.ts";
import { type Case, claimsOf, describeTable, referencesOf, resource, UUID } from "./support.ts";

const aws = (path: string): string => {
  const name = path.replace(/^.*\//, "");
  return `aws:${path}:${name.charAt(0).toUpperCase()}${name.slice(1)}`;
};

const arnOf = (rest: string): string => `arn:aws:${rest}`;
const DATABASE = "shop.c1.eu-west-1.rds.amazonaws.com";

/** A server with an ARN. */
const serverCase = (
  path: string,
  outputs: FactMap,
  claims: readonly string[],
  service = path.replace(/\/.*$/, ""),
  named: { readonly inputs?: FactMap; readonly references?: readonly string[] } = {},
): Case => {
  const arn = arnOf(`${service}:eu-west-1:123456789012:cluster:shop`);
  return {
    type: aws(path),
    id: "shop",
    inputs: named.inputs ?? {},
    outputs: { ...outputs, arn },
    claims: [arn, ...claims],
    references: ["account arn account:aws/123456789012", ...(named.references ?? [])],
  };
};

const CASES: readonly Case[] = [
  ...["s3/bucket", "s3/bucketV2"].map(
    (path): Case => ({
      type: aws(path),
      id: "shop-files",
      inputs: { bucket: "Shop-Files" },
      outputs: {
        bucketDomainName: "shop-files.s3.amazonaws.com",
        bucketRegionalDomainName: "shop-files.s3.eu-west-1.amazonaws.com",
      },
      claims: ["s3:shop-files"],
      references: [],
    }),
  ),
  {
    type: aws("s3/bucketPolicy"),
    id: "shop-files",
    inputs: {
      bucket: "shop-files",
      policy: JSON.stringify({ Statement: [{ Resource: arnOf("s3:::other-files/*") }] }),
    },
    claims: [],
    references: ["name bucket s3:shop-files", "url policy s3:other-files"],
  },
  {
    type: aws("s3/bucketObjectv2"),
    id: "a/b.txt",
    inputs: { bucket: arnOf("s3:::shop-files"), key: "a/b.txt" },
    claims: [],
    references: ["name bucket s3:shop-files"],
  },
  serverCase(
    "rds/instance",
    { address: DATABASE, endpoint: `${DATABASE}:5432`, port: 5432, resourceId: "db-ABC" },
    [`server:${DATABASE}`, "id:db-abc"],
    "rds",
    {
      inputs: { dbSubnetGroupName: "net", parameterGroupName: "own" },
      references: [
        `name dbSubnetGroupName ${arnOf("rds:eu-west-1:123456789012:subgrp:net")}`,
        `name parameterGroupName ${arnOf("rds:eu-west-1:123456789012:pg:own")}`,
      ],
    },
  ),
  serverCase(
    "rds/cluster",
    {
      endpoint: `shop.cluster-${DATABASE}`,
      readerEndpoint: `shop.cluster-ro-${DATABASE}`,
      clusterResourceId: "cluster-ABC",
    },
    [`server:shop.cluster-${DATABASE}`, `server:shop.cluster-ro-${DATABASE}`, "id:cluster-abc"],
    "rds",
    {
      inputs: { dbSubnetGroupName: "net" },
      references: [`name dbSubnetGroupName ${arnOf("rds:eu-west-1:123456789012:subgrp:net")}`],
    },
  ),
  serverCase("rds/clusterInstance", { endpoint: DATABASE, dbiResourceId: "db-XYZ" }, [
    `server:${DATABASE}`,
    "id:db-xyz",
  ]),
  serverCase("rds/proxy", { endpoint: `shop.proxy-${DATABASE}` }, [
    `server:shop.proxy-${DATABASE}`,
  ]),
  serverCase(
    "docdb/cluster",
    { endpoint: "docs.example.com", readerEndpoint: "docs-ro.example.com" },
    ["server:docs.example.com", "server:docs-ro.example.com"],
  ),
  serverCase(
    "elasticache/replicationGroup",
    {
      primaryEndpointAddress: "cache.example.com",
      readerEndpointAddress: "cache-ro.example.com",
      configurationEndpointAddress: "cache-cfg.example.com",
    },
    ["server:cache.example.com", "server:cache-ro.example.com", "server:cache-cfg.example.com"],
    "elasticache",
    {
      inputs: { userGroupIds: ["all"], subnetGroupName: "net", parameterGroupName: "own" },
      references: [
        `name userGroupIds[0] ${arnOf("elasticache:eu-west-1:123456789012:usergroup:all")}`,
        `name subnetGroupName ${arnOf("elasticache:eu-west-1:123456789012:subnetgroup:net")}`,
        `name parameterGroupName ${arnOf("elasticache:eu-west-1:123456789012:parametergroup:own")}`,
      ],
    },
  ),
  serverCase("elasticache/userGroup", {}, [], "elasticache", {
    inputs: { userGroupId: "all", userIds: ["api"] },
    references: [`name userIds[0] ${arnOf("elasticache:eu-west-1:123456789012:user:api")}`],
  }),
  serverCase(
    "elasticache/cluster",
    {
      clusterAddress: "mem.example.com",
      configurationEndpoint: "mem-cfg.example.com:11211",
      cacheNodes: [{ address: "mem-1.example.com", port: 11211 }],
    },
    ["server:mem.example.com", "server:mem-cfg.example.com", "server:mem-1.example.com"],
  ),
  serverCase(
    "elasticache/serverlessCache",
    {
      endpoints: [{ address: "less.example.com", port: 6379 }],
      readerEndpoints: [{ address: "less-ro.example.com", port: 6380 }],
    },
    ["server:less.example.com", "server:less-ro.example.com"],
  ),
  serverCase(
    "memorydb/cluster",
    { clusterEndpoints: [{ address: "memory.example.com", port: 6379 }] },
    ["server:memory.example.com"],
  ),
  {
    type: aws("sqs/queue"),
    id: "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs",
    outputs: {
      url: "https://sqs.eu-west-1.amazonaws.com/123456789012/mail",
      arn: arnOf("sqs:eu-west-1:123456789012:post"),
    },
    claims: ["jobs", "mail", "post"].map((name) => arnOf(`sqs:eu-west-1:123456789012:${name}`)),
    references: ["account arn account:aws/123456789012"],
  },
  {
    type: aws("route53/record"),
    id: "Z123_api_CNAME",
    inputs: { zoneId: "Z123", name: "api", type: "CNAME", records: ["target.example.net"] },
    outputs: { fqdn: "api.example.com" },
    claims: [`resource:${aws("route53/record")}/Z123/Z123_api_CNAME`, "host:api.example.com"],
    references: ["name records[0] host:target.example.net"],
  },
  {
    type: aws("cloudfront/distribution"),
    id: "E2ABC",
    inputs: {
      aliases: ["www.example.com"],
      defaultCacheBehavior: {
        cachePolicyId: UUID,
        originRequestPolicyId: UUID,
        responseHeadersPolicyId: UUID,
      },
      orderedCacheBehaviors: [
        { cachePolicyId: UUID, originRequestPolicyId: UUID, responseHeadersPolicyId: UUID },
      ],
    },
    outputs: {
      arn: arnOf("cloudfront::123456789012:distribution/E2ABC"),
      domainName: "d1.cloudfront.net",
    },
    claims: [
      arnOf("cloudfront::123456789012:distribution/E2ABC"),
      "host:d1.cloudfront.net",
      "host:www.example.com",
    ],
    references: ["account arn account:aws/123456789012"],
  },
];

describeTable("@pulumi/aws", AWS, CASES);

describe("AWS's other types", () => {
  it.each([
    ["ec2/vpc", "vpc-0123456789abcdef0"],
    ["ec2/subnet", "subnet-0123456789abcdef0"],
    ["ec2/securityGroup", "sg-0123456789abcdef0"],
  ])("claims %s by its id and by its ARN", (path, id) => {
    const arn = arnOf(`ec2:eu-west-1:123456789012:${path.replace("/", "-")}/${id}`);
    expect(claimsOf(resource({ type: aws(path), id, outputs: { arn } }))).toEqual([
      `id:${id}`,
      arn,
    ]);
  });

  it.each([
    ["iam/user", "deploy", "iam::123456789012:user/deploy"],
    ["iam/role", "runner", "iam::123456789012:role/runner"],
    ["secretsmanager/secret", "x", "secretsmanager:eu-west-1:123456789012:secret:x-AbCdEf"],
    ["sns/topic", "x", "sns:eu-west-1:123456789012:alarms"],
  ])("claims %s by its ARN", (path, id, rest) => {
    const outputs = { arn: arnOf(rest) };
    expect(claimsOf(resource({ type: aws(path), id, outputs }))).toEqual([arnOf(rest)]);
  });

  it("claims a key by its id and by its ARN", () => {
    const arn = arnOf(`kms:eu-west-1:123456789012:key/${UUID}`);
    expect(claimsOf(resource({ type: aws("kms/key"), id: UUID, outputs: { arn } }))).toEqual([
      `id:${UUID}`,
      arn,
    ]);
  });

  it("claims a bucket once, by its name and its ARN", () => {
    const outputs = { arn: arnOf("s3:::shop-files"), bucket: "shop-files" };
    const facts = resource({ type: aws("s3/bucket"), id: "shop-files", outputs });
    expect(claimsOf(facts)).toEqual(["s3:shop-files"]);
    expect(referencesOf(facts)).toEqual([]);
  });

  it("claims an access key by its id, and never tells its secret", () => {
    const facts = resource({
      type: aws("iam/accessKey"),
      id: "AKIAIOSFODNN7EXAMPLE",
      inputs: { user: "deploy" },
      outputs: { secret: new Secret(UUID), sesSmtpPasswordV4: new Secret("s3cret") },
    });
    expect(claimsOf(facts)).toEqual(["id:akiaiosfodnn7example"]);
    expect(referencesOf(facts)).toEqual([]);
  });

  it("refers to a network and its groups by their ids", () => {
    const inputs = {
      subnetId: "subnet-0a1b2c3d",
      vpcSecurityGroupIds: ["sg-0a1b2c3d", "sg-0a1b2c3e"],
    };
    expect(referencesOf(resource({ type: aws("ec2/instance"), inputs }))).toEqual([
      "id subnetId id:subnet-0a1b2c3d",
      "id vpcSecurityGroupIds[0] id:sg-0a1b2c3d",
      "id vpcSecurityGroupIds[1] id:sg-0a1b2c3e",
    ]);
  });
});

describe("near misses at AWS", () => {
  it("takes no account for its own that another's ARN names", () => {
    const inputs = { layers: [arnOf("lambda:eu-west-1:017000801446:layer:Tools:1")] };
    expect(referencesOf(resource({ type: aws("lambda/function"), inputs }))).toEqual([
      `id layers[0] ${arnOf("lambda:eu-west-1:017000801446:layer:Tools:1")}`,
    ]);
  });

  it("keeps apart what has one name in two regions", () => {
    const group = (region: string): string[] =>
      claimsOf(resource({ type: aws("acme/thing"), id: "logs", inputs: { region } }));
    expect(group("eu-west-1")).toEqual([`resource:${aws("acme/thing")}/eu-west-1/logs`]);
    expect(group("eu-west-2")).not.toEqual(group("eu-west-1"));
  });

  it("claims no host by a record that leads to none", () => {
    const inputs = { zoneId: "Z1", name: "x", type: "TXT", records: ["mail.example.net"] };
    const facts = resource({
      type: aws("route53/record"),
      inputs,
      outputs: { fqdn: "x.example.com" },
    });
    expect(claimsOf(facts)).toEqual([]);
    expect(referencesOf(facts)).toEqual([]);
  });

  it("takes no identifier of a database for a server", () => {
    const outputs = { identifier: "shop", dbName: "shop.example" };
    expect(claimsOf(resource({ type: aws("rds/instance"), outputs }))).toEqual([]);
  });
});
