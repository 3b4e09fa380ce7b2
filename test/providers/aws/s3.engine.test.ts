import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  GetBucketTaggingCommand,
  ListBucketsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AwsProject, openAwsProject, UP } from "./aws-project.ts";

let project: AwsProject;
let s3: S3Client;
let accountId: string;

beforeAll(async () => {
  project = await openAwsProject();
  accountId = project.account.accountId;
  s3 = new S3Client({ ...project.client, forcePathStyle: true });
});
afterAll(() => project?.close());

const HEAD = `
import { Provider } from "@pulumi/aws/provider.js";
import { Bucket } from "@pulumi/aws/s3/bucket.js";
import { BucketCorsConfiguration } from "@pulumi/aws/s3/bucketCorsConfiguration.js";
import { BucketLifecycleConfiguration } from "@pulumi/aws/s3/bucketLifecycleConfiguration.js";
import { BucketOwnershipControls } from "@pulumi/aws/s3/bucketOwnershipControls.js";
import { BucketPolicy } from "@pulumi/aws/s3/bucketPolicy.js";
import { BucketPublicAccessBlock } from "@pulumi/aws/s3/bucketPublicAccessBlock.js";
import { BucketServerSideEncryptionConfiguration } from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js";
import { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning.js";
`;

/** A bucket with every setting, below a provider with default tags. */
const stack = (changes: { days?: number; owner?: string; name?: string } = {}) => `${HEAD}
const provider = new Provider("aws", {
  allowedAccountIds: ["${accountId}"],
  defaultTags: { tags: { environment: "dev" } },
  s3UsePathStyle: true,
});
const opts = { provider };
const files = new Bucket("files", { bucket: "${changes.name ?? "shop-files"}", forceDestroy: true, tags: { owner: "${changes.owner ?? "shop"}" } }, opts);
const bucket = files.bucket;
new BucketVersioning("files", { bucket, versioningConfiguration: { status: "Enabled" } }, opts);
new BucketServerSideEncryptionConfiguration("files", { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] }, opts);
const block = new BucketPublicAccessBlock("files", { bucket, blockPublicAcls: true, ignorePublicAcls: true }, opts);
new BucketOwnershipControls("files", { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } }, opts);
new BucketCorsConfiguration("files", { bucket, corsRules: [{ allowedMethods: ["GET", "PUT"], allowedOrigins: ["https://shop.example"], maxAgeSeconds: 600 }] }, opts);
new BucketLifecycleConfiguration("files", { bucket, rules: [{ id: "old", status: "Enabled", filter: { prefix: "tmp/" }, expiration: { days: ${changes.days ?? 30} } }] }, opts);
new BucketPolicy("files", { bucket, policy: { Version: "2012-10-17", Statement: [{ Sid: "TlsOnly", Effect: "Deny", Principal: "*", Action: "s3:*", Resource: [pulumi.interpolate\`\${files.arn}/*\`], Condition: { Bool: { "aws:SecureTransport": "false" } } }] } }, { provider, dependsOn: block });
const named = new Bucket("Auto", {}, opts);
const prefixed = new Bucket("prefixed", { bucketPrefix: "shop-" }, opts);
export const arn = files.arn;
export const tagsAll = files.tagsAll;
export const region = files.region;
export const auto = named.bucket;
export const prefixedName = prefixed.bucket;
`;

test("a bucket with every setting comes up, and a following preview and refresh change nothing", async () => {
  project.scratch.program(stack());
  await project.pulumi(...UP);
  expect(await project.scratch.outputs()).toMatchObject({
    arn: "arn:aws:s3:::shop-files",
    tagsAll: { environment: "dev", owner: "shop" },
    region: "us-east-1",
    auto: expect.stringMatching(/^auto-[0-9a-f]{7}$/),
    prefixedName: expect.stringMatching(/^shop-[0-9a-f]{26}$/),
  });
  await project.pulumi("preview", "--expect-no-changes", "--diff");
  await project.pulumi("refresh", "--yes", "--expect-no-changes", "--diff");
});

test("tags and rules change in place, another name replaces", async () => {
  project.scratch.program(stack({ days: 7, owner: "team" }));
  const output = await project.pulumi("preview");
  expect(output).toMatch(/~ .*aws:s3:Bucket .*update/);
  expect(output).toMatch(/~ .*aws:s3:BucketLifecycleConfiguration .*update/);
  expect(output).toContain("2 to update");
  await project.pulumi(...UP);
  const tagging = await s3.send(new GetBucketTaggingCommand({ Bucket: "shop-files" }));
  expect(tagging.TagSet).toEqual(
    expect.arrayContaining([
      { Key: "environment", Value: "dev" },
      { Key: "owner", Value: "team" },
    ]),
  );
  project.scratch.program(stack({ days: 7, owner: "team", name: "shop-documents" }));
  expect(await project.pulumi("preview", "--diff")).toMatch(
    /\+-\s*aws:s3\/bucket:Bucket: \(replace\)/,
  );
});

test("refresh sees what was changed or deleted behind Pulumi's back, and up repairs it", async () => {
  project.scratch.program(stack({ days: 7, owner: "team" }));
  const Bucket = "shop-files";
  await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
  const VersioningConfiguration = { Status: "Suspended" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  const output = await project.pulumi("refresh", "--yes", "--diff");
  expect(output).toMatch(/- aws:s3\/bucketPolicy:BucketPolicy: \(delete\)/);
  expect(output).toMatch(/~ aws:s3\/bucketVersioning:BucketVersioning: \(update\)/);
  await project.pulumi(...UP);
  await project.pulumi("refresh", "--yes", "--expect-no-changes");
});

test("credentials of another account are refused before anything is done", async () => {
  const program = stack().replace(`"${accountId}"`, '"999999999999"');
  project.scratch.program(program);
  const output = await project.refused(...UP, "--refresh");
  expect(output).toContain(`belong to the account ${accountId}`);
  expect(output).toContain("999999999999");
  project.scratch.program(stack());
  await project.pulumi(...UP);
});

test("an inline setting of a bucket is refused with what to use instead", async () => {
  project.scratch.program(
    `${HEAD}new Bucket("b", { bucket: "b", versioning: { enabled: true } });`,
  );
  const output = await project.refused("preview");
  expect(output).toContain("Use the aws.s3.BucketVersioning resource instead");
});

test("destroy empties a bucket with forceDestroy, all versions of its objects included", async () => {
  const object = { Bucket: "shop-files", Key: "tmp/a" };
  await s3.send(new PutObjectCommand({ ...object, Body: "one" }));
  await s3.send(new PutObjectCommand({ ...object, Body: "two" }));
  await project.pulumi("destroy", "--yes");
  expect((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
});

test("a bucket with objects and without forceDestroy stays, and the error says why", async () => {
  project.scratch.program(`${HEAD}new Bucket("kept", { bucket: "shop-kept" });`);
  await project.pulumi(...UP);
  await s3.send(new PutObjectCommand({ Bucket: "shop-kept", Key: "a", Body: "a" }));
  const output = await project.refused("destroy", "--yes");
  expect(output).toMatch(/BucketNotEmpty.*forceDestroy/s);
});

test("a creation whose answer was lost is adopted", async () => {
  project.scratch.program(`${HEAD}new Bucket("kept", { bucket: "shop-kept" });
new Bucket("lost", { bucket: "shop-lost" });`);
  project.aws.loseAnswerTo(/^PUT \/shop-lost\/? /);
  await project.pulumi(...UP);
  await project.pulumi("preview", "--expect-no-changes");
});

test("what somebody else created is not adopted but can be imported, and is then clean", async () => {
  await s3.send(new CreateBucketCommand({ Bucket: "shop-foreign" }));
  project.scratch.program(`${HEAD}new Bucket("kept", { bucket: "shop-kept" });
new Bucket("lost", { bucket: "shop-lost" });
new Bucket("theirs", { bucket: "shop-foreign" });`);
  expect(await project.refused(...UP)).toContain(
    "pulumi import aws:s3/bucket:Bucket theirs 'shop-foreign'",
  );
  await project.pulumi(
    ...["import", "aws:s3/bucket:Bucket", "theirs", "shop-foreign"],
    ...["--yes", "--protect=false", "--generate-code=false"],
  );
  await project.pulumi("preview", "--expect-no-changes");
});

test("a bucket that another account has is told apart from one that is not there", async () => {
  const other = project.aws.account("staging");
  const theirs = new S3Client({
    ...project.client,
    credentials: other,
    forcePathStyle: true,
  });
  await theirs.send(new CreateBucketCommand({ Bucket: "shop-staging" }));
  project.scratch.program(`${HEAD}new Bucket("kept", { bucket: "shop-kept" });
new Bucket("lost", { bucket: "shop-lost" });
new Bucket("theirs", { bucket: "shop-staging" });`);
  const output = await project.refused(...UP);
  expect(output).toContain("the bucket shop-staging belongs to another account");
});
