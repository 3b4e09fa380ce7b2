import * as sdk from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  FULL_ACCESS,
  refusalOf,
  startObjectStorage,
  type TestObjectStorage,
} from "../../support/object-storage.ts";

const Bucket = "settings";
let storage: TestObjectStorage;
let s3: sdk.S3Client;
let spaces: sdk.S3Client;

beforeAll(async () => {
  storage = await startObjectStorage();
  s3 = storage.client(storage.awsKey("111111111111"));
  spaces = storage.client(storage.spacesKey("team-1", FULL_ACCESS));
  for (const client of [s3, spaces]) await client.send(new sdk.CreateBucketCommand({ Bucket }));
});
afterAll(() => storage.close());

test("a new bucket of S3 has the vendor's settings", async () => {
  const Bucket = "new-bucket";
  await s3.send(new sdk.CreateBucketCommand({ Bucket }));
  const { PublicAccessBlockConfiguration } = await s3.send(
    new sdk.GetPublicAccessBlockCommand({ Bucket }),
  );
  expect(PublicAccessBlockConfiguration).toEqual({
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  });
  const { OwnershipControls } = await s3.send(
    new sdk.GetBucketOwnershipControlsCommand({ Bucket }),
  );
  expect(OwnershipControls?.Rules).toEqual([{ ObjectOwnership: "BucketOwnerEnforced" }]);
  const { ServerSideEncryptionConfiguration } = await s3.send(
    new sdk.GetBucketEncryptionCommand({ Bucket }),
  );
  expect(ServerSideEncryptionConfiguration?.Rules).toMatchObject([
    { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" }, BucketKeyEnabled: false },
  ]);
  expect((await s3.send(new sdk.GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
  const acl = await s3.send(new sdk.GetBucketAclCommand({ Bucket }));
  expect(acl.Grants).toMatchObject([
    { Grantee: { ID: acl.Owner?.ID, Type: "CanonicalUser" }, Permission: "FULL_CONTROL" },
  ]);
});

test("what a bucket cannot have is answered as of one that does not have it", async () => {
  const read = (command: object) => s3.send(command as sdk.GetBucketLoggingCommand);
  const accelerate = await read(new sdk.GetBucketAccelerateConfigurationCommand({ Bucket }));
  expect(accelerate).not.toHaveProperty("Status");
  expect(await read(new sdk.GetBucketLoggingCommand({ Bucket }))).not.toHaveProperty(
    "LoggingEnabled",
  );
  const notification = new sdk.GetBucketNotificationConfigurationCommand({ Bucket });
  expect(Object.keys(await read(notification))).toEqual(["$metadata"]);
  const payment = await s3.send(new sdk.GetBucketRequestPaymentCommand({ Bucket }));
  expect(payment.Payer).toBe("BucketOwner");
});

test.each([
  [sdk.GetBucketCorsCommand, "NoSuchCORSConfiguration"],
  [sdk.GetBucketLifecycleConfigurationCommand, "NoSuchLifecycleConfiguration"],
  [sdk.GetBucketPolicyCommand, "NoSuchBucketPolicy"],
  [sdk.GetBucketPolicyStatusCommand, "NoSuchBucketPolicy"],
  [sdk.GetBucketReplicationCommand, "ReplicationConfigurationNotFoundError"],
  [sdk.GetBucketTaggingCommand, "NoSuchTagSet"],
  [sdk.GetBucketWebsiteCommand, "NoSuchWebsiteConfiguration"],
  [sdk.GetObjectLockConfigurationCommand, "ObjectLockConfigurationNotFoundError"],
] as const)("without it, $0.name is refused with $1", async (Command, name) => {
  const command = new Command({ Bucket }) as sdk.GetBucketCorsCommand;
  expect(await refusalOf(s3.send(command))).toEqual({ name, status: 404 });
});

test("what is not served is refused when it is put", async () => {
  for (const command of [
    new sdk.PutBucketAccelerateConfigurationCommand({
      Bucket,
      AccelerateConfiguration: { Status: "Enabled" },
    }),
    new sdk.PutBucketWebsiteCommand({
      Bucket,
      WebsiteConfiguration: { IndexDocument: { Suffix: "index.html" } },
    }),
    new sdk.PutBucketRequestPaymentCommand({
      Bucket,
      RequestPaymentConfiguration: { Payer: "Requester" },
    }),
    new sdk.PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: {} }),
    new sdk.PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" } }],
      },
    }),
    new sdk.CreateBucketCommand({ Bucket: "locked", ObjectLockEnabledForBucket: true }),
  ]) {
    expect(await refusalOf(s3.send(command as sdk.PutBucketWebsiteCommand))).toEqual({
      name: "NotImplemented",
      status: 501,
    });
  }
});

describe("a setting is answered as it was put, and gone once it is deleted:", () => {
  test("tags", async () => {
    const TagSet = [
      { Key: "team", Value: "data & more" },
      { Key: "empty", Value: "" },
    ];
    await s3.send(new sdk.PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
    expect((await s3.send(new sdk.GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual(TagSet);
    const reserved = { TagSet: [{ Key: "aws:x", Value: "1" }] };
    expect(
      (await refusalOf(s3.send(new sdk.PutBucketTaggingCommand({ Bucket, Tagging: reserved }))))
        .name,
    ).toBe("InvalidTag");
    await s3.send(new sdk.DeleteBucketTaggingCommand({ Bucket }));
    expect((await refusalOf(s3.send(new sdk.GetBucketTaggingCommand({ Bucket })))).name).toBe(
      "NoSuchTagSet",
    );
  });

  test("ownership controls", async () => {
    const OwnershipControls = { Rules: [{ ObjectOwnership: "ObjectWriter" as const }] };
    await s3.send(new sdk.PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
    const read = await s3.send(new sdk.GetBucketOwnershipControlsCommand({ Bucket }));
    expect(read.OwnershipControls).toEqual(OwnershipControls);
    await s3.send(new sdk.DeleteBucketOwnershipControlsCommand({ Bucket }));
    expect(
      (await refusalOf(s3.send(new sdk.GetBucketOwnershipControlsCommand({ Bucket })))).name,
    ).toBe("OwnershipControlsNotFoundError");
  });

  test("the public access block", async () => {
    const PublicAccessBlockConfiguration = {
      BlockPublicAcls: true,
      IgnorePublicAcls: false,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: false,
    };
    await s3.send(new sdk.PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
    expect(
      (await s3.send(new sdk.GetPublicAccessBlockCommand({ Bucket })))
        .PublicAccessBlockConfiguration,
    ).toEqual(PublicAccessBlockConfiguration);
    await s3.send(new sdk.DeletePublicAccessBlockCommand({ Bucket }));
    expect((await refusalOf(s3.send(new sdk.GetPublicAccessBlockCommand({ Bucket })))).name).toBe(
      "NoSuchPublicAccessBlockConfiguration",
    );
  });

  test("encryption", async () => {
    const Rules = [
      {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" as const },
        BucketKeyEnabled: true,
      },
    ];
    await s3.send(
      new sdk.PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: { Rules },
      }),
    );
    const read = async () =>
      (await s3.send(new sdk.GetBucketEncryptionCommand({ Bucket })))
        .ServerSideEncryptionConfiguration?.Rules;
    expect(await read()).toEqual(Rules);
    await s3.send(new sdk.DeleteBucketEncryptionCommand({ Bucket }));
    expect(await read()).toMatchObject([{ BucketKeyEnabled: false }]);
  });

  test.each(["s3", "spaces"] as const)("lifecycle rules of %s", async (vendor) => {
    const client = vendor === "s3" ? s3 : spaces;
    const Rules: sdk.LifecycleRule[] = [
      { ID: "all", Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Days: 30 } },
      {
        ID: "old",
        Status: "Disabled",
        Filter: { And: { Prefix: "logs/", ObjectSizeGreaterThan: 10, ObjectSizeLessThan: 20 } },
        NoncurrentVersionExpiration: { NoncurrentDays: 3, NewerNoncurrentVersions: 2 },
      },
      {
        ID: "rest",
        Status: "Enabled",
        Filter: {},
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
        Expiration: { ExpiredObjectDeleteMarker: true },
      },
    ];
    const put = (LifecycleConfiguration: sdk.BucketLifecycleConfiguration) =>
      client.send(
        new sdk.PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration }),
      );
    await put({ Rules });
    const read = await client.send(new sdk.GetBucketLifecycleConfigurationCommand({ Bucket }));
    expect(read.Rules).toMatchObject(Rules.map(({ Filter: _, ...rule }) => rule));
    expect(read.Rules?.[1]?.Filter).toEqual(Rules[1]?.Filter);

    const rule = { ID: "x", Status: "Enabled" as const, Filter: {} };
    const Transitions = [{ Days: 30, StorageClass: "GLACIER" as const }];
    expect((await refusalOf(put({ Rules: [{ ...rule, Transitions }] }))).name).toBe(
      "NotImplemented",
    );
    expect((await refusalOf(put({ Rules: [rule] }))).name).toBe("InvalidRequest");
    expect((await refusalOf(put({ Rules: [{ ...rule, Expiration: { Days: -1 } }] }))).name).toBe(
      "MalformedXML",
    );
    const Tag = { Key: "a", Value: "1" };
    const byTag = put({ Rules: [{ ...rule, Filter: { Tag }, Expiration: { Days: 1 } }] });
    if (vendor === "s3") await byTag;
    else expect((await refusalOf(byTag)).name).toBe("NotImplemented");

    await client.send(new sdk.DeleteBucketLifecycleCommand({ Bucket }));
    expect(
      (await refusalOf(client.send(new sdk.GetBucketLifecycleConfigurationCommand({ Bucket }))))
        .name,
    ).toBe("NoSuchLifecycleConfiguration");
  });

  test.each(["s3", "spaces"] as const)(
    "CORS rules of %s, which browsers are told",
    async (vendor) => {
      const client = vendor === "s3" ? s3 : spaces;
      const Bucket = `cors-${vendor}`;
      await client.send(new sdk.CreateBucketCommand({ Bucket }));
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
      await client.send(new sdk.PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
      expect((await client.send(new sdk.GetBucketCorsCommand({ Bucket }))).CORSRules).toEqual(
        CORSRules,
      );
      const preflight = (origin: string) =>
        fetch(`${storage.url}/${Bucket}/key`, {
          method: "OPTIONS",
          headers: { origin, "access-control-request-method": "PUT" },
        });
      const allowed = await preflight("https://app.example.com");
      expect(allowed.status).toBe(200);
      expect(allowed.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
      expect((await preflight("https://elsewhere.org")).status).toBe(403);
      const refused = await fetch(`${storage.url}/${Bucket}/key`, {
        headers: { origin: "https://app.example.com" },
      });
      expect(refused.status).toBe(403);
      expect(refused.headers.get("access-control-expose-headers")).toBe("ETag");
      await client.send(new sdk.DeleteBucketCorsCommand({ Bucket }));
      expect((await preflight("https://app.example.com")).status).toBe(403);
    },
  );
});

test("a list is refused where the bucket's owner owns everything, or where public ones are blocked", async () => {
  const Bucket = "lists";
  const put = (ACL: "private" | "public-read" | "authenticated-read") =>
    s3.send(new sdk.PutBucketAclCommand({ Bucket, ACL }));
  await s3.send(new sdk.CreateBucketCommand({ Bucket }));
  expect((await refusalOf(put("public-read"))).name).toBe("AccessControlListNotSupported");
  const OwnershipControls = { Rules: [{ ObjectOwnership: "BucketOwnerPreferred" as const }] };
  await s3.send(new sdk.PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
  expect((await refusalOf(put("public-read"))).name).toBe("AccessDenied");
  await s3.send(new sdk.DeletePublicAccessBlockCommand({ Bucket }));
  expect((await refusalOf(put("authenticated-read"))).name).toBe("NotImplemented");
  await put("public-read");
  const acl = await s3.send(new sdk.GetBucketAclCommand({ Bucket }));
  expect(acl.Grants?.map(({ Permission }) => Permission)).toEqual(["FULL_CONTROL", "READ"]);

  // The same list, as a document.
  const { Grants = [], Owner = {} } = acl;
  await put("private");
  await s3.send(new sdk.PutBucketAclCommand({ Bucket, AccessControlPolicy: { Grants, Owner } }));
  expect((await s3.send(new sdk.GetBucketAclCommand({ Bucket }))).Grants).toHaveLength(2);
  const writers = Grants.map((grant) => ({ ...grant, Permission: "WRITE" as const }));
  const unserved = new sdk.PutBucketAclCommand({
    Bucket,
    AccessControlPolicy: { Grants: writers, Owner },
  });
  expect((await refusalOf(s3.send(unserved))).name).toBe("NotImplemented");
});

test("a bucket may be created with tags, ownership and a list", async () => {
  const Bucket = "created-with";
  await s3.send(
    new sdk.CreateBucketCommand({
      Bucket,
      ObjectOwnership: "ObjectWriter",
      ACL: "private",
      CreateBucketConfiguration: { Tags: [{ Key: "a", Value: "1" }] },
    }),
  );
  expect((await s3.send(new sdk.GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual([
    { Key: "a", Value: "1" },
  ]);
  const publicly = (ObjectOwnership: sdk.ObjectOwnership) =>
    s3.send(new sdk.CreateBucketCommand({ Bucket: "never", ACL: "public-read", ObjectOwnership }));
  expect((await refusalOf(publicly("BucketOwnerEnforced"))).name).toBe(
    "InvalidBucketAclWithObjectOwnership",
  );
  expect((await refusalOf(publicly("ObjectWriter"))).name).toBe(
    "InvalidBucketAclWithBlockPublicAccessError",
  );
});

test.each([
  sdk.GetBucketTaggingCommand,
  sdk.GetPublicAccessBlockCommand,
  sdk.GetBucketPolicyStatusCommand,
  sdk.GetBucketEncryptionCommand,
  sdk.GetBucketOwnershipControlsCommand,
  sdk.GetBucketReplicationCommand,
  sdk.GetObjectLockConfigurationCommand,
] as const)("Spaces does not have what $name asks", async (Command) => {
  const command = new Command({ Bucket }) as sdk.GetBucketTaggingCommand;
  expect(await refusalOf(spaces.send(command))).toEqual({ name: "NotImplemented", status: 501 });
});
