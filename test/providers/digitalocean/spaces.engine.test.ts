import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  CreateBucketCommand,
  DeleteBucketCorsCommand,
  GetBucketVersioningCommand,
  ListBucketsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { createAdaptorServer } from "@hono/node-server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ObjectStorage, objectStorage } from "../../../local/object-storage/index.ts";
import { startDigitalOcean, type TestDigitalOcean } from "../../support/digitalocean.ts";
import { openScratchProject, type ScratchProject } from "../scratch-project.ts";

let vendor: TestDigitalOcean;
let storage: ObjectStorage;
let server: Server;
let client: S3Client;
let project: ScratchProject;
let endpoint: string;

beforeAll(async () => {
  vendor = await startDigitalOcean();
  storage = objectStorage(vendor.cloud, "digitalocean");
  server = createAdaptorServer({ fetch: storage.fetch }) as Server;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const team = vendor.team("dev");
  client = new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: team.spacesKeyId, secretAccessKey: team.spacesSecret },
  });
  project = await openScratchProject({
    DIGITALOCEAN_API_URL: vendor.origin,
    DIGITALOCEAN_TOKEN: team.apiToken,
    SPACES_ENDPOINT_URL: endpoint,
    SPACES_ACCESS_KEY_ID: team.spacesKeyId,
    SPACES_SECRET_ACCESS_KEY: team.spacesSecret,
  });
});
afterAll(async () => {
  project?.close();
  client?.destroy();
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  await storage?.close();
  await vendor?.close();
});

const HEAD = `
import { SpacesBucket } from "@pulumi/digitalocean/spacesBucket.js";
import { SpacesBucketCorsConfiguration } from "@pulumi/digitalocean/spacesBucketCorsConfiguration.js";
import { SpacesBucketPolicy } from "@pulumi/digitalocean/spacesBucketPolicy.js";
`;

const stack = ({ days = 30, acl = "private", versioned = true, extra = "" } = {}) => `${HEAD}
const bucket = new SpacesBucket("uploads", {
  region: "fra1", acl: "${acl}", versioning: { enabled: ${versioned} },
  lifecycleRules: [{ id: "old", enabled: true, prefix: "tmp/", expiration: { days: ${days} } }],
  ${extra}
});
const at = { bucket: bucket.name, region: "fra1" };
new SpacesBucketCorsConfiguration("cors", {
  ...at,
  corsRules: [{ allowedMethods: ["GET", "PUT"], allowedOrigins: ["https://app.example.com"], allowedHeaders: ["*"], maxAgeSeconds: 600 }],
});
new SpacesBucketPolicy("policy", {
  ...at,
  policy: bucket.name.apply((name) => JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Sid: "read", Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: \`arn:aws:s3:::\${name}/public/*\` }],
  })),
});
export const name = bucket.name;
export const where = bucket.bucketDomainName;
export const host = bucket.endpoint;
export const urn = bucket.bucketUrn;
`;

const OK = { exitCode: 0 };
const up = () => project.pulumi("up", "--yes", "--skip-preview");
const bucketName = async () => String((await project.outputs()).name);

test("a bucket with its settings comes up, and a following preview and refresh change nothing", async () => {
  project.program(stack());
  expect(await up()).toMatchObject(OK);
  const { name, where, host, urn } = await project.outputs();
  expect(name).toMatch(/^uploads-[0-9a-f]{7}$/);
  expect(host).toBe(endpoint);
  expect(where).toBe(`${new URL(endpoint).host}/${name}`);
  expect(urn).toBe(`do:space:${name}`);
  const { Buckets } = await client.send(new ListBucketsCommand({}));
  expect(Buckets).toMatchObject([{ Name: name, BucketRegion: "fra1" }]);
  expect(await project.pulumi("preview", "--diff", "--expect-no-changes")).toMatchObject(OK);
  const refresh = await project.pulumi("refresh", "--yes", "--diff", "--expect-no-changes");
  expect(refresh).toMatchObject(OK);
});

test("settings change in place, and another region is another bucket", async () => {
  project.program(stack({ days: 60, acl: "public-read" }));
  const { output } = await project.pulumi("preview", "--diff");
  expect(output).toMatch(/~ digitalocean:index\/spacesBucket:SpacesBucket: \(update\)/);
  expect(await up()).toMatchObject(OK);
  project.program(stack().replace('region: "fra1", acl', 'region: "ams3", acl'));
  const replaced = (await project.pulumi("preview", "--diff")).output;
  expect(replaced).toMatch(/\+-\s*digitalocean:index\/spacesBucket:SpacesBucket: \(replace\)/);
});

test("refresh sees what was changed or deleted behind Pulumi's back, and up repairs it", async () => {
  project.program(stack({ days: 60, acl: "public-read" }));
  const Bucket = await bucketName();
  const suspended = { Status: "Suspended" } as const;
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: suspended }));
  await client.send(new DeleteBucketCorsCommand({ Bucket }));
  const { output } = await project.pulumi("refresh", "--yes", "--diff");
  expect(output).toMatch(/~ digitalocean:index\/spacesBucket:SpacesBucket: \(update\)/);
  expect(output).toMatch(/- digitalocean:index\/spacesBucketCorsConfiguration.*\(delete\)/);
  expect(await up()).toMatchObject(OK);
  const found = await client.send(new GetBucketVersioningCommand({ Bucket }));
  expect(found.Status).toBe("Enabled");
});

test("a bucket that holds objects is not destroyed unless the program says so", async () => {
  const Bucket = await bucketName();
  for (const Body of ["one", "two"])
    await client.send(new PutObjectCommand({ Bucket, Key: "kept", Body }));
  const refused = await project.pulumi("destroy", "--yes");
  expect(refused.exitCode).not.toBe(0);
  expect(refused.output).toMatch(/Delete its objects first, or give the bucket forceDestroy/);
  project.program(stack({ days: 60, acl: "public-read", extra: "forceDestroy: true," }));
  expect(await up()).toMatchObject(OK);
  expect(await project.pulumi("destroy", "--yes")).toMatchObject(OK);
  expect((await client.send(new ListBucketsCommand({}))).Buckets ?? []).toEqual([]);
});

test("a bucket that exists is not adopted but can be imported, and is then clean", async () => {
  await client.send(
    new CreateBucketCommand({
      Bucket: "foreign",
      CreateBucketConfiguration: { LocationConstraint: "fra1" as never },
    }),
  );
  project.program(`${HEAD}new SpacesBucket("theirs", { name: "foreign", region: "fra1" });`);
  const refused = await up();
  expect(refused.exitCode).not.toBe(0);
  const type = "digitalocean:index/spacesBucket:SpacesBucket";
  expect(refused.output).toContain(`pulumi import ${type} theirs 'fra1,foreign'`);
  const flags = ["--yes", "--protect=false", "--generate-code=false"];
  const imported = await project.pulumi("import", type, "theirs", "fra1,foreign", ...flags);
  expect(imported).toMatchObject(OK);
  expect(await project.pulumi("preview", "--diff", "--expect-no-changes")).toMatchObject(OK);
});

test("a key that Spaces does not know is refused, and the remedy is named", async () => {
  const other = await openScratchProject({
    DIGITALOCEAN_API_URL: vendor.origin,
    DIGITALOCEAN_TOKEN: "unused",
    SPACES_ENDPOINT_URL: endpoint,
    SPACES_ACCESS_KEY_ID: "DO00UNKNOWN234567ABC",
    SPACES_SECRET_ACCESS_KEY: "wrong",
  });
  try {
    other.program(stack());
    const { exitCode, output } = await other.pulumi("up", "--yes", "--skip-preview");
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(/Set the stack's own Spaces key/);
  } finally {
    other.close();
  }
});
