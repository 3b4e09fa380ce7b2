/** Takes off a bucket at Spaces or AWS what no resource of the stack declares. */
import type { S3Client } from "@aws-sdk/client-s3";
import type { Subject } from "../../finding.ts";
import { textAt } from "../../probes/facts.ts";
import { s3Client } from "../../vendors/s3.ts";
import { spacesIn } from "../../vendors/spaces.ts";
import { type RepairRule, type RepairSite, resourceOf } from "./repair.ts";

const SPACES = "digitalocean:index/spacesBucket:SpacesBucket";
const BUCKETS = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2", SPACES];

/** Objects of one page, as many as the scan has looked at. */
const MOST_OBJECTS = 1000;

/** Everybody, or every account; who delivers logs is none of them. */
const EVERYBODY = /\/groups\/global\//;

type Commands = typeof import("@aws-sdk/client-s3");
type Call = (client: S3Client, Bucket: string, commands: Commands) => Promise<unknown>;

const rule = (key: RegExp, effect: string, call: Call): RepairRule => ({
  types: BUCKETS,
  key,
  repair: (subject) => ({ effect, apply: (site) => onBucket(site, subject, call) }),
});

export const BUCKET_REPAIRS: readonly RepairRule[] = [
  rule(
    /^(policy)$/,
    "Deletes the bucket's policy.",
    (client, Bucket, { DeleteBucketPolicyCommand }) =>
      client.send(new DeleteBucketPolicyCommand({ Bucket })),
  ),
  rule(
    /^(acl)$/,
    "Makes the bucket's access control list private.",
    (client, Bucket, { PutBucketAclCommand }) =>
      client.send(new PutBucketAclCommand({ Bucket, ACL: "private" })),
  ),
  rule(
    /^(corsRules)$/,
    "Deletes the bucket's rules for other origins.",
    (client, Bucket, { DeleteBucketCorsCommand }) =>
      client.send(new DeleteBucketCorsCommand({ Bucket })),
  ),
  rule(
    /^(lifecycleRules)$/,
    "Deletes the bucket's lifecycle rules.",
    (client, Bucket, { DeleteBucketLifecycleCommand }) =>
      client.send(new DeleteBucketLifecycleCommand({ Bucket })),
  ),
  rule(
    /^(website)$/,
    "Ends the bucket's web site.",
    (client, Bucket, { DeleteBucketWebsiteCommand }) =>
      client.send(new DeleteBucketWebsiteCommand({ Bucket })),
  ),
  rule(
    /^(notification)$/,
    "Ends the bucket's notifications.",
    (client, Bucket, { PutBucketNotificationConfigurationCommand }) =>
      client.send(
        new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: {} }),
      ),
  ),
  rule(
    /^(replicationConfiguration)$/,
    "Ends the bucket's replication.",
    (client, Bucket, { DeleteBucketReplicationCommand }) =>
      client.send(new DeleteBucketReplicationCommand({ Bucket })),
  ),
  rule(
    /^objects (.+)$/,
    "Makes the access control list of every object private that lets others in.",
    closeObjects,
  ),
];

/** Every object that a list opens to a group; the owner's other grants go with it. */
async function closeObjects(client: S3Client, Bucket: string, commands: Commands): Promise<void> {
  const { GetObjectAclCommand, ListObjectsV2Command, PutObjectAclCommand } = commands;
  const page = await client.send(new ListObjectsV2Command({ Bucket, MaxKeys: MOST_OBJECTS }));
  for (const { Key } of page.Contents ?? []) {
    const { Grants = [], Owner } = await client.send(new GetObjectAclCommand({ Bucket, Key }));
    const isOpen = Grants.some(
      ({ Grantee }) =>
        EVERYBODY.test(Grantee?.URI ?? "") ||
        (Grantee?.ID !== undefined && Grantee.ID !== Owner?.ID),
    );
    if (isOpen) await client.send(new PutObjectAclCommand({ Bucket, Key, ACL: "private" }));
  }
}

async function onBucket(site: RepairSite, subject: Subject, call: Call): Promise<void> {
  const { type, outputs } = resourceOf(site, subject);
  const isSpaces = type === SPACES;
  const access = isSpaces ? site.accounts.digitalocean?.spaces : site.accounts.aws;
  if (access === undefined)
    throw new Error(`The stack's provider has no key for ${subject.name}. Give it one.`);
  const region = textAt(outputs, "region") ?? "us-east-1";
  const client = await s3Client(isSpaces ? spacesIn(access, region) : access, region);
  try {
    const name = textAt(outputs, isSpaces ? "name" : "bucket") ?? subject.id ?? "";
    await call(client, name, await import("@aws-sdk/client-s3"));
  } finally {
    client.destroy();
  }
}
