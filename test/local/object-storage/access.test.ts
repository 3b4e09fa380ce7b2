import * as sdk from "@aws-sdk/client-s3";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Sha256 } from "../../../local/runtime/sha256.ts";
import {
  FULL_ACCESS,
  refusalOf,
  startObjectStorage,
  type TestKey,
  type TestObjectStorage,
} from "../../support/object-storage.ts";

const [MINE, THEIRS] = ["111111111111", "222222222222"];
let storage: TestObjectStorage;
let key: TestKey;
let mine: sdk.S3Client;
let theirs: sdk.S3Client;

beforeAll(async () => {
  storage = await startObjectStorage();
  key = storage.awsKey(MINE ?? "");
  mine = storage.client(key);
  theirs = storage.client(storage.awsKey(THEIRS ?? ""));
});
afterAll(() => storage.close());

const read = async (client: sdk.S3Client, Bucket: string, Key: string) =>
  (await client.send(new sdk.GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
const anonymously = async (path: string, options: RequestInit = {}) => {
  const answer = await fetch(`${storage.url}/${path}`, options);
  return { status: answer.status, body: await answer.text() };
};

/** A bucket of the first account with one object. */
async function newBucket(Bucket: string, client = mine): Promise<string> {
  await client.send(new sdk.CreateBucketCommand({ Bucket }));
  await client.send(new sdk.PutObjectCommand({ Bucket, Key: "secret.txt", Body: "secret" }));
  return Bucket;
}

const unblock = (Bucket: string) => mine.send(new sdk.DeletePublicAccessBlockCommand({ Bucket }));
const putPolicy = (Bucket: string, ...Statement: object[]) =>
  mine.send(
    new sdk.PutBucketPolicyCommand({
      Bucket,
      Policy: JSON.stringify({ Version: "2012-10-17", Statement }),
    }),
  );

describe("another account", () => {
  test("is refused everything in a bucket, while its owner is not, and a missing bucket is told apart", async () => {
    const Bucket = await newBucket("mine-alone");
    const Key = "secret.txt";
    const calls = (client: sdk.S3Client, Bucket: string) => [
      () => client.send(new sdk.HeadBucketCommand({ Bucket })),
      () => client.send(new sdk.ListObjectsV2Command({ Bucket })),
      () => client.send(new sdk.GetObjectCommand({ Bucket, Key })),
      () => client.send(new sdk.HeadObjectCommand({ Bucket, Key })),
      () => client.send(new sdk.PutObjectCommand({ Bucket, Key: "theirs", Body: "x" })),
      () => client.send(new sdk.GetBucketVersioningCommand({ Bucket })),
      () => client.send(new sdk.CreateMultipartUploadCommand({ Bucket, Key: "theirs" })),
      () => client.send(new sdk.DeleteObjectCommand({ Bucket, Key: "theirs" })),
    ];
    for (const call of calls(theirs, Bucket)) {
      expect((await refusalOf(call())).status).toBe(403);
    }
    for (const call of calls(theirs, "missing-bucket")) {
      expect((await refusalOf(call())).status).toBe(404);
    }
    for (const call of calls(mine, Bucket)) await call();

    const deletion = await theirs.send(
      new sdk.DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }] } }),
    );
    expect(deletion).toMatchObject({ Errors: [{ Key, Code: "AccessDenied" }] });
    const copy = new sdk.CopyObjectCommand({
      Bucket: "theirs-now",
      Key,
      CopySource: `${Bucket}/${Key}`,
    });
    await newBucket("theirs-now", theirs);
    expect((await refusalOf(theirs.send(copy))).name).toBe("AccessDenied");
    expect((await refusalOf(theirs.send(new sdk.DeleteBucketCommand({ Bucket })))).status).toBe(
      403,
    );
    expect(await read(mine, Bucket, Key)).toBe("secret");
    const { Buckets } = await theirs.send(new sdk.ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual(["theirs-now"]);
  });

  test("may what a policy allows it, and not more", async () => {
    const Bucket = await newBucket("shared-by-policy");
    await putPolicy(Bucket, {
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${THEIRS}:root` },
      Action: ["s3:GetObject", "s3:PutObject"],
      Resource: `arn:aws:s3:::${Bucket}/shared/*`,
    });
    await theirs.send(new sdk.PutObjectCommand({ Bucket, Key: "shared/a", Body: "shared" }));
    expect(await read(theirs, Bucket, "shared/a")).toBe("shared");
    expect((await refusalOf(read(theirs, Bucket, "secret.txt"))).status).toBe(403);
    // That a key is missing is not told to whom may not list.
    expect((await refusalOf(read(theirs, Bucket, "shared/missing"))).status).toBe(403);
    expect((await refusalOf(read(mine, Bucket, "shared/missing"))).status).toBe(404);
    expect((await anonymously(`${Bucket}/shared/a`)).status).toBe(403);
  });

  test("of which the owner expects that it is another one is refused to the owner itself", async () => {
    const Bucket = await newBucket("expected-owner");
    const head = (ExpectedBucketOwner = "") =>
      mine.send(new sdk.HeadBucketCommand({ Bucket, ExpectedBucketOwner }));
    await head(MINE);
    expect((await refusalOf(head(THEIRS))).status).toBe(403);
  });
});

describe("a policy", () => {
  const everybody = (Bucket: string, more: object = {}) => ({
    Effect: "Allow",
    Principal: "*",
    Action: "s3:GetObject",
    Resource: `arn:aws:s3:::${Bucket}/*`,
    ...more,
  });

  test("for everybody is refused while public policies are blocked, and then holds", async () => {
    const Bucket = await newBucket("public-by-policy");
    expect((await anonymously(`${Bucket}/secret.txt`)).status).toBe(403);
    expect((await refusalOf(putPolicy(Bucket, everybody(Bucket)))).name).toBe("AccessDenied");
    await unblock(Bucket);
    await putPolicy(Bucket, everybody(Bucket));
    expect(await anonymously(`${Bucket}/secret.txt`)).toEqual({ status: 200, body: "secret" });
    expect((await anonymously(Bucket)).status).toBe(403);
    expect((await anonymously(`${Bucket}/new`, { method: "PUT", body: "x" })).status).toBe(403);
    const status = await mine.send(new sdk.GetBucketPolicyStatusCommand({ Bucket }));
    expect(status.PolicyStatus?.IsPublic).toBe(true);

    await mine.send(
      new sdk.PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: { RestrictPublicBuckets: true },
      }),
    );
    expect((await anonymously(`${Bucket}/secret.txt`)).status).toBe(403);
    expect(await read(mine, Bucket, "secret.txt")).toBe("secret");
    await mine.send(new sdk.DeleteBucketPolicyCommand({ Bucket }));
    await unblock(Bucket);
    expect((await anonymously(`${Bucket}/secret.txt`)).status).toBe(403);
  });

  test("that denies goes before all else, for the owner too, but does not lock it out", async () => {
    const Bucket = await newBucket("denied");
    const deny = { ...everybody(Bucket), Effect: "Deny", Action: "s3:*" };
    await putPolicy(Bucket, { ...deny, Resource: [deny.Resource, `arn:aws:s3:::${Bucket}`] });
    expect((await refusalOf(read(mine, Bucket, "secret.txt"))).status).toBe(403);
    expect((await refusalOf(mine.send(new sdk.ListObjectsV2Command({ Bucket })))).status).toBe(403);
    await mine.send(new sdk.GetBucketPolicyCommand({ Bucket }));
    await mine.send(new sdk.DeleteBucketPolicyCommand({ Bucket }));
    expect(await read(mine, Bucket, "secret.txt")).toBe("secret");
  });

  test("looks at the address and the transport of a request", async () => {
    const Bucket = await newBucket("conditions");
    await unblock(Bucket);
    const from = (range: string) => ({ Condition: { IpAddress: { "aws:SourceIp": range } } });
    await putPolicy(Bucket, everybody(Bucket, from("10.0.0.0/8")));
    expect((await anonymously(`${Bucket}/secret.txt`)).status).toBe(403);
    await putPolicy(Bucket, everybody(Bucket, from("127.0.0.0/8")));
    expect((await anonymously(`${Bucket}/secret.txt`)).status).toBe(200);
    // Loopback counts as secure, so that the usual statement against plain HTTP lets clients in.
    const Condition = { Bool: { "aws:SecureTransport": "false" } };
    await putPolicy(Bucket, { ...everybody(Bucket), Effect: "Deny", Condition });
    expect(await read(mine, Bucket, "secret.txt")).toBe("secret");
  });

  test.each([
    ["no JSON", "{"],
    ["a condition that is not evaluated", { Condition: { StringLike: { "aws:Referer": "x" } } }],
    ["another bucket's resource", { Resource: "arn:aws:s3:::another-bucket/*" }],
    ["an action of another service", { Action: "ec2:RunInstances" }],
    ["an unknown element", { NotAction: "s3:GetObject" }],
    ["an unknown principal", { Principal: { AWS: "arn:aws:iam::1:user/x" } }],
  ])("with %s is refused", async (_, wrong) => {
    const Bucket = "malformed-policies";
    await mine.send(new sdk.CreateBucketCommand({ Bucket }));
    const put =
      typeof wrong === "string"
        ? mine.send(new sdk.PutBucketPolicyCommand({ Bucket, Policy: wrong }))
        : putPolicy(Bucket, everybody(Bucket, wrong));
    expect((await refusalOf(put)).name).toBe("MalformedPolicy");
  });
});

describe("a Space", () => {
  const objects = { Bucket: "space" };
  let owner: sdk.S3Client;

  beforeAll(async () => {
    owner = storage.client(storage.spacesKey("team-1", FULL_ACCESS));
    await newBucket(objects.Bucket, owner);
  });

  const withGrant = (bucket: string, permission: "read" | "readwrite" | "fullaccess") =>
    storage.client(storage.spacesKey("team-1", { bucket, permission }));
  const put = (client: sdk.S3Client, Key: string) =>
    client.send(new sdk.PutObjectCommand({ ...objects, Key, Body: "x" }));

  test("may be read, written or set as the key's grants say", async () => {
    const [reader, writer, nobody, elsewhere] = [
      withGrant("space", "read"),
      withGrant("space", "readwrite"),
      storage.client(storage.spacesKey("team-1")),
      withGrant("another-space", "fullaccess"),
    ];
    const list = (client: sdk.S3Client) => client.send(new sdk.ListObjectsV2Command(objects));
    const settings = (client: sdk.S3Client) =>
      client.send(
        new sdk.PutBucketVersioningCommand({
          ...objects,
          VersioningConfiguration: { Status: "Suspended" },
        }),
      );
    expect(await read(reader, "space", "secret.txt")).toBe("secret");
    await list(reader);
    expect((await refusalOf(put(reader, "r"))).status).toBe(403);
    await put(writer, "w");
    expect((await refusalOf(settings(writer))).status).toBe(403);
    for (const client of [nobody, elsewhere]) {
      expect((await refusalOf(read(client, "space", "secret.txt"))).status).toBe(403);
      expect((await refusalOf(list(client))).status).toBe(403);
    }
    await settings(withGrant("space", "fullaccess"));
    await settings(withGrant("", "fullaccess"));
    await put(withGrant("", "readwrite"), "all");

    const create = (client: sdk.S3Client, Bucket: string) =>
      client.send(new sdk.CreateBucketCommand({ Bucket }));
    expect((await refusalOf(create(writer, "by-writer"))).status).toBe(403);
    await create(withGrant("", "fullaccess"), "by-full-access");
    const { Buckets } = await reader.send(new sdk.ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual(["space"]);
  });

  test("may have an object that everybody reads", async () => {
    await owner.send(
      new sdk.PutObjectCommand({
        ...objects,
        Key: "public.txt",
        Body: "public",
        ACL: "public-read",
      }),
    );
    expect(await anonymously("space/public.txt")).toEqual({ status: 200, body: "public" });
    // What a page adds against caches is not looked at.
    expect((await anonymously("space/public.txt?v=2")).status).toBe(200);
    expect((await anonymously("space/secret.txt")).status).toBe(403);
    expect((await anonymously("space/missing")).status).toBe(403);
    await owner.send(
      new sdk.PutObjectAclCommand({ ...objects, Key: "public.txt", ACL: "private" }),
    );
    expect((await anonymously("space/public.txt")).status).toBe(403);
    const acl = await owner.send(new sdk.GetObjectAclCommand({ ...objects, Key: "public.txt" }));
    expect(acl.Grants).toHaveLength(1);
  });

  test("may be listed by everybody, whose objects are not read by that", async () => {
    await owner.send(new sdk.PutBucketAclCommand({ ...objects, ACL: "public-read" }));
    const listing = await anonymously("space?list-type=2");
    expect(listing.status).toBe(200);
    expect(listing.body).toContain("<Key>secret.txt</Key>");
    expect((await anonymously("space/secret.txt")).status).toBe(403);
    expect((await anonymously("space/missing")).status).toBe(404);
    await owner.send(new sdk.PutBucketAclCommand({ ...objects, ACL: "private" }));
    expect((await anonymously("space")).status).toBe(403);
  });

  test("of another team is refused, and not known to AWS", async () => {
    const others = storage.client(storage.spacesKey("team-2", FULL_ACCESS));
    expect((await refusalOf(read(others, "space", "secret.txt"))).status).toBe(403);
    expect((await refusalOf(read(mine, "space", "secret.txt"))).status).toBe(404);
  });
});

describe("a signature", () => {
  const signer = (by: TestKey, region = "us-east-1", service = "s3") =>
    new SignatureV4({ service, region, credentials: by, sha256: Sha256, uriEscapePath: false });
  const presigned = async (
    by: TestKey,
    method: string,
    path: string,
    options: { expiresIn?: number; signingDate?: Date } = {},
  ) => {
    const { host, hostname } = new URL(storage.url);
    const headers = { host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
    const { query = {} } = await signer(by).presign(
      { method, protocol: "http:", hostname, path, headers },
      options,
    );
    return `${path.slice(1)}?${new URLSearchParams(query as Record<string, string>)}`;
  };

  test("by an unknown key or a wrong secret is refused", async () => {
    const Bucket = await newBucket("signed-bucket");
    const changed = (change: Partial<TestKey>) =>
      refusalOf(read(storage.client({ ...key, ...change }), Bucket, "secret.txt"));
    expect(await changed({ accessKeyId: "AKIAUNKNOWNUNKNOWN12" })).toEqual({
      name: "InvalidAccessKeyId",
      status: 403,
    });
    expect(await changed({ secretAccessKey: "x".repeat(40) })).toEqual({
      name: "SignatureDoesNotMatch",
      status: 403,
    });
  });

  test("in a URL is good for its method, its key and its time", async () => {
    const Bucket = await newBucket("presigned-bucket");
    const get = await presigned(key, "GET", `/${Bucket}/secret.txt`);
    expect(await anonymously(get)).toEqual({ status: 200, body: "secret" });
    expect((await anonymously(get, { method: "DELETE" })).status).toBe(403);
    expect((await anonymously(get.replace("secret", "other"))).status).toBe(403);
    const put = await presigned(key, "PUT", `/${Bucket}/uploaded`);
    expect((await anonymously(put, { method: "PUT", body: "by url" })).status).toBe(200);
    expect(await read(mine, Bucket, "uploaded")).toBe("by url");
    const signingDate = new Date(Date.now() - 120_000);
    const late = await presigned(key, "GET", `/${Bucket}/secret.txt`, {
      expiresIn: 60,
      signingDate,
    });
    const { status, body } = await anonymously(late);
    expect(status).toBe(403);
    expect(body).toContain("Request has expired");
    const headers = { "x-amz-copy-source": `/${Bucket}/secret.txt` };
    expect((await anonymously(put, { method: "PUT", headers })).status).toBe(403);
  });

  test("goes to the vendor of its key and the service that it is for", async () => {
    const header = async (accessKeyId: string, service: string) => {
      const by = { accessKeyId, secretAccessKey: "x" };
      const { host, hostname } = new URL(storage.url);
      const { headers } = await signer(by, "us-east-1", service).sign({
        method: "GET",
        protocol: "http:",
        hostname,
        path: "/",
        headers: { host },
      });
      return anonymously("", { headers });
    };
    expect((await header("AKIAX", "rds")).body).toBe("aws");
    expect((await header("AKIAX", "s3")).body).toContain("InvalidAccessKeyId");
    expect((await header("DO00X", "s3")).body).toContain("InvalidAccessKeyId");
    expect((await header("0123456789abcdef", "s3")).body).toBe("r2");
    expect((await anonymously("nobodys-bucket/key")).body).toBe("r2");
  });
});
