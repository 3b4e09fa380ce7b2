import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketCorsCommand,
  DeleteObjectCommand,
  GetBucketAclCommand,
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestCloud, type TestCloud, type TestEnvironment } from "../../support/local-cloud.ts";
import { s3Client } from "./client.ts";

let cloud: TestCloud;
let staging: TestEnvironment;
let s3: S3Client;

beforeAll(async () => {
  cloud = await startTestCloud();
  staging = cloud.environment("staging");
  s3 = s3Client(cloud, staging);
});
afterAll(() => cloud.close());

test("a bucket made by the S3 API is listed by both APIs, and deleted once it is empty", async () => {
  const Bucket = "first-bucket";
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new HeadBucketCommand({ Bucket }));
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  expect(Buckets.map(({ Name }) => Name)).toEqual([Bucket]);
  const { buckets = [] } = await staging.client.r2.buckets.list({ account_id: staging.accountId });
  expect(buckets.map(({ name }) => name)).toEqual([Bucket]);

  await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "v" }));
  await expect(s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({
    name: "BucketNotEmpty",
    $metadata: { httpStatusCode: 409 },
  });
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
  await s3.send(new DeleteBucketCommand({ Bucket }));
  await expect(s3.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 404 },
  });
});

test("a bucket's name is taken, or not valid, or its place is unknown", async () => {
  const create = (Bucket: string, LocationConstraint?: string) =>
    s3.send(
      new CreateBucketCommand({
        Bucket,
        ...(LocationConstraint === undefined
          ? {}
          : { CreateBucketConfiguration: { LocationConstraint: LocationConstraint as never } }),
      }),
    );
  await create("taken-name", "enam");
  await expect(create("taken-name")).rejects.toMatchObject({ name: "BucketAlreadyOwnedByYou" });
  await expect(create("Upper_Case")).rejects.toMatchObject({ name: "InvalidBucketName" });
  await expect(create("far-away", "moon-1")).rejects.toMatchObject({
    name: "InvalidLocationConstraint",
  });
  expect(await s3.send(new GetBucketLocationCommand({ Bucket: "taken-name" }))).toMatchObject({
    LocationConstraint: "ENAM",
  });
});

test("what R2 does not implement is refused as R2 refuses it", async () => {
  const Bucket = "plain-bucket";
  await s3.send(new CreateBucketCommand({ Bucket }));
  for (const command of [
    new GetBucketAclCommand({ Bucket }),
    new GetBucketLifecycleConfigurationCommand({ Bucket }),
  ]) {
    await expect(s3.send(command as GetBucketAclCommand)).rejects.toMatchObject({
      name: "NotImplemented",
      $metadata: { httpStatusCode: 501 },
    });
  }
  await expect(
    s3.send(new CreateBucketCommand({ Bucket: "public-bucket", ACL: "public-read" })),
  ).rejects.toMatchObject({ name: "NotImplemented" });
  expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
});

test("CORS rules by either API decide what a browser is told", async () => {
  const Bucket = "cors-bucket";
  await s3.send(new CreateBucketCommand({ Bucket }));
  await expect(s3.send(new GetBucketCorsCommand({ Bucket }))).rejects.toMatchObject({
    name: "NoSuchCORSConfiguration",
  });
  const CORSRules = [
    {
      ID: "app",
      AllowedOrigins: ["https://*.example.com"],
      AllowedMethods: ["GET", "PUT"],
      AllowedHeaders: ["content-type"],
      ExposeHeaders: ["ETag"],
      MaxAgeSeconds: 60,
    },
  ];
  await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
  expect((await s3.send(new GetBucketCorsCommand({ Bucket }))).CORSRules).toEqual(CORSRules);
  const { rules } = await staging.client.r2.buckets.cors.get(Bucket, {
    account_id: staging.accountId,
  });
  expect(rules).toMatchObject([{ id: "app", allowed: { methods: ["GET", "PUT"] } }]);

  const preflight = (origin: string) =>
    fetch(`${cloud.s3Url}/${Bucket}/key`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "PUT",
        "access-control-request-headers": "Content-Type",
      },
    });
  const allowed = await preflight("https://app.example.com");
  expect(allowed.status).toBe(204);
  expect(allowed.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
  expect(allowed.headers.get("access-control-max-age")).toBe("60");
  expect((await preflight("https://elsewhere.org")).status).toBe(403);

  await s3.send(new DeleteBucketCorsCommand({ Bucket }));
  expect((await preflight("https://app.example.com")).status).toBe(403);
});
