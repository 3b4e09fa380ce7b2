import {
  CreateBucketCommand,
  type CreateBucketCommandInput,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  FULL_ACCESS,
  refusalOf,
  startObjectStorage,
  type TestKey,
  type TestObjectStorage,
} from "../../support/object-storage.ts";

let storage: TestObjectStorage;
let key: TestKey;
let s3: S3Client;
let others: S3Client;

beforeAll(async () => {
  storage = await startObjectStorage();
  key = storage.awsKey("111111111111");
  s3 = storage.client(key);
  others = storage.client(storage.awsKey("222222222222"));
});
afterAll(() => storage.close());

const create = (client: S3Client, Bucket: string, rest: Partial<CreateBucketCommandInput> = {}) =>
  client.send(new CreateBucketCommand({ Bucket, ...rest }));
const inRegion = (region: string) => storage.client(key, { region });

test("a bucket is listed, found in its region, and deleted once it is empty", async () => {
  const Bucket = "first-bucket";
  await create(s3, Bucket);
  const { Buckets = [], Owner } = await s3.send(new ListBucketsCommand({}));
  expect(Buckets.map(({ Name, BucketRegion }) => [Name, BucketRegion])).toEqual([
    [Bucket, "us-east-1"],
  ]);
  expect(Owner?.ID).toMatch(/^[0-9a-f]{64}$/);
  expect((await s3.send(new HeadBucketCommand({ Bucket }))).BucketRegion).toBe("us-east-1");
  const { LocationConstraint } = await s3.send(new GetBucketLocationCommand({ Bucket }));
  expect(LocationConstraint ?? "").toBe("");

  await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "v" }));
  expect(await refusalOf(s3.send(new DeleteBucketCommand({ Bucket })))).toEqual({
    name: "BucketNotEmpty",
    status: 409,
  });
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
  await s3.send(new DeleteBucketCommand({ Bucket }));
  expect((await refusalOf(s3.send(new HeadBucketCommand({ Bucket })))).status).toBe(404);
});

test("buckets are listed in pages and by their beginning", async () => {
  for (const name of ["page-a", "page-b", "page-c", "other-d"]) await create(s3, name);
  const names: (string | undefined)[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(
      new ListBucketsCommand({ Prefix: "page-", MaxBuckets: 2, ContinuationToken }),
    );
    names.push(...(page.Buckets ?? []).map(({ Name }) => Name));
    ContinuationToken = page.ContinuationToken;
  } while (ContinuationToken !== undefined);
  expect(names).toEqual(["page-a", "page-b", "page-c"]);
});

test("a name is taken once, and it is told whether by oneself or by another account", async () => {
  await create(s3, "taken-name");
  expect(await refusalOf(create(others, "taken-name"))).toEqual({
    name: "BucketAlreadyExists",
    status: 409,
  });
  // In us-east-1 alone, asking for one's own bucket again succeeds.
  await create(s3, "taken-name");
  const europe = inRegion("eu-west-1");
  await create(europe, "taken-in-europe");
  expect(await refusalOf(create(europe, "taken-in-europe"))).toEqual({
    name: "BucketAlreadyOwnedByYou",
    status: 409,
  });
});

test("a name of the other vendor's is another bucket", async () => {
  const spaces = storage.client(storage.spacesKey("team-1", FULL_ACCESS));
  await create(s3, "both-vendors");
  await create(spaces, "both-vendors");
  await s3.send(new PutObjectCommand({ Bucket: "both-vendors", Key: "k", Body: "v" }));
  await spaces.send(new DeleteBucketCommand({ Bucket: "both-vendors" }));
  await s3.send(new HeadBucketCommand({ Bucket: "both-vendors" }));
});

test.each([
  "Upper-Case",
  "ab",
  "under_score",
  "-dash",
  "dot..dot",
  "192.168.0.1",
  "xn--a",
  "x-s3alias",
])("%s is no name of a bucket", async (name) => {
  expect((await refusalOf(create(s3, name))).name).toBe("InvalidBucketName");
});

test("a bucket is in the region that its creation names, and only requests to there reach it", async () => {
  const Bucket = "in-frankfurt";
  await create(inRegion("eu-central-1"), Bucket);
  const location = await s3.send(new GetBucketLocationCommand({ Bucket }));
  expect(location.LocationConstraint).toBe("eu-central-1");
  expect(
    (await inRegion("eu-central-1").send(new HeadBucketCommand({ Bucket }))).BucketRegion,
  ).toBe("eu-central-1");
  const elsewhere = inRegion("us-west-2").send(
    new PutObjectCommand({ Bucket, Key: "k", Body: "v" }),
  );
  expect(await refusalOf(elsewhere)).toEqual({ name: "PermanentRedirect", status: 301 });
  const following = storage.client(key, { region: "us-west-2", followRegionRedirects: true });
  await following.send(new PutObjectCommand({ Bucket, Key: "k", Body: "v" }));

  const constraint = (LocationConstraint: string) => ({
    CreateBucketConfiguration: { LocationConstraint: LocationConstraint as never },
  });
  await create(s3, "asked-in-virginia", constraint("eu-west-1"));
  expect((await refusalOf(create(s3, "nowhere", constraint("moon-1")))).name).toBe(
    "InvalidLocationConstraint",
  );
  expect(
    (await refusalOf(create(inRegion("eu-west-1"), "not-there", constraint("eu-west-2")))).name,
  ).toBe("IllegalLocationConstraintException");
  expect((await refusalOf(create(inRegion("moon-1"), "nowhere"))).name).toBe(
    "AuthorizationHeaderMalformed",
  );
});

describe("a Space", () => {
  test("is in the region of its endpoint, whatever clients sign for", async () => {
    const team = storage.spacesKey("team-2", FULL_ACCESS);
    await create(storage.client(team, { region: "ams3" }), "space-in-amsterdam");
    await create(storage.client(team, { region: "us-east-1" }), "space-by-default");
    const spaces = storage.client(team);
    const regionOf = async (Bucket: string) =>
      (await spaces.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint;
    expect(await regionOf("space-in-amsterdam")).toBe("ams3");
    expect(await regionOf("space-by-default")).toBe("nyc3");
    const { Buckets } = await spaces.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual(["space-by-default", "space-in-amsterdam"]);
  });
});

test("what is put in a bucket that was deleted and made again is not what was in it before", async () => {
  const Bucket = "made-again";
  await create(s3, Bucket);
  await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "v" }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
  await s3.send(new DeleteBucketCommand({ Bucket }));
  await create(others, Bucket);
  expect((await refusalOf(s3.send(new HeadBucketCommand({ Bucket })))).status).toBe(403);
  expect(storage.s3.inventory("222222222222")).toEqual({ buckets: 1, objects: 0 });
});
