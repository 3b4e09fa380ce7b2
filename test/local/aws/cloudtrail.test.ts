import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DescribeVpcsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { CreateUserCommand, ElastiCacheClient } from "@aws-sdk/client-elasticache";
import {
  CreateBucketCommand,
  DeleteBucketReplicationCommand,
  DeleteBucketWebsiteCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Sha256 } from "../../../local/runtime/sha256.ts";
import { filesContaining } from "../../support/files.ts";
import { startTestCloud, type TestCloud } from "../../support/local-cloud.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.close());

interface Event {
  readonly EventId: string;
  readonly EventName: string;
  readonly EventTime: number;
  readonly Resources: readonly { readonly ResourceType?: string; readonly ResourceName: string }[];
}

interface Answer {
  readonly status: number;
  readonly body: {
    readonly __type?: string;
    readonly Events?: readonly Event[];
    readonly NextToken?: string;
  };
}

/** An account with the vendor's own clients, and the call for which there is none here. */
async function account(environment: string) {
  const { aws } = await cloud.issueElsewhere(environment);
  const config = { endpoint: cloud.s3Url, region: "us-east-1", maxAttempts: 1, credentials: aws };
  const lookup = async (
    request: object = {},
    { region = "us-east-1", secret = aws.secretAccessKey, action = "LookupEvents" } = {},
  ): Promise<Answer> => {
    const url = new URL(cloud.s3Url);
    const signer = new SignatureV4({
      service: "cloudtrail",
      region,
      credentials: { ...aws, secretAccessKey: secret },
      sha256: Sha256,
    });
    const body = JSON.stringify(request);
    const { headers } = await signer.sign({
      method: "POST",
      protocol: "http:",
      hostname: url.hostname,
      port: Number(url.port),
      path: "/",
      headers: {
        host: url.host,
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `CloudTrail_20131101.${action}`,
      },
      body,
    });
    const answer = await fetch(url, { method: "POST", headers, body });
    return { status: answer.status, body: (await answer.json()) as Answer["body"] };
  };
  return {
    ...aws,
    lookup,
    ec2: new EC2Client(config),
    cache: new ElastiCacheClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
  };
}

const names = ({ body }: Answer) => body.Events?.map(({ EventName }) => EventName);

it("tells who changed what and when, in the vendor's shape, newest first", async () => {
  const began = Math.floor(Date.now() / 1000);
  const first = await account("told");
  const { Vpc } = await first.ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
  const VpcId = Vpc?.VpcId ?? "";
  const second = await account("told");
  const group = { VpcId, GroupName: "g", Description: "d" };
  const { GroupId = "" } = await second.ec2.send(new CreateSecurityGroupCommand(group));
  const open = { GroupId, IpProtocol: "tcp", FromPort: 22, ToPort: 22, CidrIp: "0.0.0.0/0" };
  await second.ec2.send(new AuthorizeSecurityGroupIngressCommand(open));
  const tags = { Resources: [VpcId], Tags: [{ Key: "Owner", Value: "by-hand" }] };
  await second.ec2.send(new CreateTagsCommand(tags));
  await second.ec2.send(new DescribeVpcsCommand({}));
  const twice = second.ec2.send(new CreateSecurityGroupCommand(group));
  await expect(twice).rejects.toThrow("already exists");

  const answer = await second.lookup();
  expect(answer.body.NextToken).toBeUndefined();
  const securityGroup = { ResourceType: "AWS::EC2::SecurityGroup", ResourceName: GroupId };
  const common = { ReadOnly: "false", EventSource: "ec2.amazonaws.com", Username: "root" };
  const byFirst = { ...common, AccessKeyId: first.accessKeyId };
  const bySecond = { ...common, AccessKeyId: second.accessKeyId };
  expect(answer.body.Events).toMatchObject([
    { ...bySecond, EventName: "CreateTags", Resources: [{ ResourceName: VpcId }] },
    {
      ...bySecond,
      EventName: "AuthorizeSecurityGroupIngress",
      Resources: expect.arrayContaining([securityGroup]),
    },
    { ...bySecond, EventName: "CreateSecurityGroup", Resources: [securityGroup] },
    {
      ...byFirst,
      EventName: "CreateVpc",
      Resources: [{ ResourceType: "AWS::EC2::VPC", ResourceName: VpcId }],
    },
  ]);
  for (const { EventTime } of answer.body.Events ?? []) {
    expect(EventTime).toBeGreaterThanOrEqual(began);
    expect(EventTime).toBeLessThanOrEqual(Date.now() / 1000);
  }
});

it("tells of changes of a bucket, and of none of an object", async () => {
  const { s3, lookup } = await account("buckets");
  await s3.send(new CreateBucketCommand({ Bucket: "trail-files" }));
  const on = { Status: "Enabled" } as const;
  await s3.send(
    new PutBucketVersioningCommand({ Bucket: "trail-files", VersioningConfiguration: on }),
  );
  await s3.send(new DeleteBucketWebsiteCommand({ Bucket: "trail-files" }));
  await s3.send(new DeleteBucketReplicationCommand({ Bucket: "trail-files" }));
  await s3.send(new PutObjectCommand({ Bucket: "trail-files", Key: "a", Body: "a" }));
  const answer = await lookup();
  expect(names(answer)).toEqual([
    "DeleteBucketReplication",
    "DeleteBucketWebsite",
    "PutBucketVersioning",
    "CreateBucket",
  ]);
  expect(answer.body.Events?.[0]?.Resources).toEqual([
    { ResourceType: "AWS::S3::Bucket", ResourceName: "trail-files" },
  ]);
});

it("answers page after page, and by attribute and time", async () => {
  const { ec2, lookup } = await account("pages");
  for (const second of [1, 2, 3])
    await ec2.send(new CreateVpcCommand({ CidrBlock: `10.${second}.0.0/16` }));
  const all = (await lookup()).body.Events?.map(({ EventId }) => EventId);
  expect(all).toHaveLength(3);
  const first = await lookup({ MaxResults: 2 });
  await ec2.send(new CreateVpcCommand({ CidrBlock: "10.4.0.0/16" }));
  const last = await lookup({ MaxResults: 2, NextToken: first.body.NextToken });
  const paged = [...(first.body.Events ?? []), ...(last.body.Events ?? [])];
  expect(paged.map(({ EventId }) => EventId)).toEqual(all);
  expect(last.body.NextToken).toBeUndefined();

  const by = (AttributeKey: string, AttributeValue: string) =>
    lookup({ LookupAttributes: [{ AttributeKey, AttributeValue }] });
  expect(names(await by("EventName", "CreateVpc"))).toHaveLength(4);
  expect(names(await by("ReadOnly", "true"))).toEqual([]);
  expect(names(await by("ResourceName", "vpc-0"))).toEqual([]);
  expect(names(await lookup({ EndTime: Date.now() / 1000 - 3600 }))).toEqual([]);
  expect((await lookup({ LookupAttributes: [{}, {}] })).status).toBe(400);
  expect((await lookup({ NextToken: "none" })).body.__type).toBe("InvalidNextTokenException");
});

it("keeps accounts and regions apart, and refuses what is not served or wrongly signed", async () => {
  const mine = await account("mine");
  const other = await account("other");
  await mine.ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
  expect(names(await mine.lookup())).toEqual(["CreateVpc"]);
  expect(names(await mine.lookup({}, { region: "eu-west-1" }))).toEqual([]);
  expect(names(await other.lookup())).toEqual([]);
  expect(await mine.lookup({}, { secret: "wrong" })).toMatchObject({
    status: 403,
    body: { __type: "InvalidSignatureException" },
  });
  expect(await mine.lookup({}, { action: "CreateTrail" })).toMatchObject({
    status: 400,
    body: { __type: "UnknownOperationException" },
  });
});

it("holds no secret and no content of a request", async () => {
  const { cache, lookup } = await account("secrets");
  const secret = "never-to-be-logged-8f1b6c2e7d";
  const user = { UserId: "someone", UserName: "someone", AccessString: "on ~* +@all" };
  await cache.send(new CreateUserCommand({ ...user, Engine: "valkey", Passwords: [secret] }));
  const answer = await lookup();
  expect(answer.body.Events?.[0]).toMatchObject({
    EventName: "CreateUser",
    Resources: [{ ResourceType: "AWS::ElastiCache::User", ResourceName: "someone" }],
  });
  expect(JSON.stringify(answer.body)).not.toContain(secret);
  expect(JSON.stringify(answer.body)).not.toContain(user.AccessString);
  expect(filesContaining(cloud.dataDir, secret)).toEqual([]);
});
