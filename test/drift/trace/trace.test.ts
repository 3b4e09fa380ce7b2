import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateVpcCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestCloud, type TestCloud, type TestEnvironment } from "../../support/local-cloud.ts";
import { putWorker, replying } from "../../support/workers.ts";
import { drifted, provider, type Recorded, recorded, traced, unowned } from "./tracing.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.close());

const BUCKET = "cloudflare:index/r2Bucket:R2Bucket";
const DATABASE = "cloudflare:index/d1Database:D1Database";
const WORKER = "cloudflare:index/workersScript:WorkersScript";

const cloudflare = ({ apiToken, accountId }: TestEnvironment, token = apiToken) => [
  provider("cloudflare", { apiToken: token, baseUrl: `${cloud.apiUrl}/client/v4` }),
  { urn: "u", type: DATABASE, inputs: { accountId }, outputs: {} },
];

const emailOf = ({ tokenId }: TestEnvironment) =>
  `api-token+${tokenId.slice(0, 8)}@bulkhead.example`;

/** What Pulumi did is older than this by more than clocks may differ. */
const LONG_AGO = () => Date.now() - 60_000;

it("names who changed a thing last, and when, of two people who did", async () => {
  const first = cloud.environment("two");
  const account_id = first.accountId;
  const { uuid = "" } = await first.client.d1.database.create({ account_id, name: "two" });
  await first.client.r2.buckets.create({ account_id, name: "by-first" });
  const second = cloud.environment("two");
  const replication = { read_replication: { mode: "auto" } } as const;
  await second.client.d1.database.edit(uuid, { account_id, ...replication });

  const stack = [
    recorded(DATABASE, uuid, LONG_AGO()),
    recorded(BUCKET, "by-first", LONG_AGO()),
  ] as const;
  const { differences, notes } = await traced(
    stack.map((each) => drifted(each)),
    stack,
    cloudflare(second),
  );
  expect(notes).toEqual([]);
  const source = "Cloudflare audit log";
  expect(differences.map(({ trace }) => trace)).toMatchObject([
    { actor: emailOf(second), source },
    { actor: emailOf(first), source },
  ]);
  const { result } = await second.client.auditLogs.list({ account_id });
  expect(differences.map(({ trace }) => trace?.at)).toEqual([result[0]?.when, result[1]?.when]);
});

it("does not name Pulumi's own change, whichever of a thing's resources made it", async () => {
  const environment = cloud.environment("own");
  const { client, accountId: account_id } = environment;
  await client.r2.buckets.create({ account_id, name: "own" });
  await client.r2.buckets.cors.update("own", { account_id, rules: [] });
  const bucket = recorded(BUCKET, "own", LONG_AGO());
  const cors = (changedAt: number) =>
    recorded("cloudflare:index/r2BucketCors:R2BucketCors", "other", changedAt, {
      bucketName: "own",
    });
  const traceWith = async (...stack: Recorded[]) =>
    (await traced([drifted(bucket)], [bucket, ...stack], cloudflare(environment))).differences[0]
      ?.trace;
  expect(await traceWith()).toMatchObject({ actor: emailOf(environment) });
  expect(await traceWith(cors(LONG_AGO()))).not.toBeNull();
  expect(await traceWith(cors(Date.now()))).toBeNull();

  const untimed = { ...bucket, changedAt: undefined };
  const unknown = await traced([drifted(untimed)], [untimed], cloudflare(environment));
  expect(unknown).toMatchObject({ differences: [{ trace: null }], notes: [] });
});

it("tells a bucket from the Worker of its name", async () => {
  const environment = cloud.environment("names");
  await putWorker(environment, "same", replying("1"));
  const stack = [recorded(BUCKET, "same", LONG_AGO()), recorded(WORKER, "same", LONG_AGO())];
  const { differences } = await traced(
    stack.map((each) => drifted(each)),
    stack,
    cloudflare(environment),
  );
  expect(differences[0]?.trace).toBeNull();
  expect(differences[1]?.trace).toMatchObject({ actor: emailOf(environment) });
});

it("names who made what no stack owns, and leaves other findings as they are", async () => {
  const maker = cloud.environment("made");
  const account_id = maker.accountId;
  await maker.client.r2.buckets.create({ account_id, name: "made" });
  const later = cloud.environment("made");
  await later.client.r2.buckets.cors.update("made", { account_id, rules: [] });
  const own = recorded(DATABASE, "0".repeat(32));
  const at = "2026-01-02T03:04:05.000Z";
  const known = { ...unowned(BUCKET, "made"), trace: { actor: "jane", at, source: "elsewhere" } };
  const anonymous = { ...known, trace: { ...known.trace, actor: null } };
  const { differences } = await traced(
    [unowned(BUCKET, "made"), known, anonymous, drifted(own, "undeployed")],
    [own],
    cloudflare(later),
  );
  const made = { actor: emailOf(maker), source: "Cloudflare audit log" };
  const traces = differences.map(({ trace }) => trace);
  expect(traces.slice(0, 3)).toMatchObject([made, known.trace, made]);
  expect(traces[3]).toBeNull();
});

it("makes a note of a log that refuses or does not answer, and reads the others", async () => {
  const environment = cloud.environment("refused");
  await environment.client.r2.buckets.create({
    account_id: environment.accountId,
    name: "refused",
  });
  const { aws } = await cloud.issueElsewhere("refused");
  const bucket = recorded(BUCKET, "refused", LONG_AGO());
  const instance = recorded("aws:rds/instance:Instance", "db-ABC");
  const differences = [drifted(bucket), drifted(instance)];
  const awsProvider = (secretKey: string) =>
    provider("aws", { accessKey: aws.accessKeyId, secretKey, region: "us-east-1" });
  const env = { AWS_ENDPOINT_URL: cloud.s3Url };
  const stack = [bucket, instance];

  const wrong = cloudflare(environment, "x".repeat(40));
  const refused = await traced(differences, stack, [...wrong, awsProvider("wrong")], env);
  expect(refused.differences).toEqual(differences);
  expect(refused.notes).toEqual([
    expect.stringMatching(/^Cloudflare's audit log could not be read.*Account Settings Read/),
    expect.stringMatching(/^AWS CloudTrail could not be read.*InvalidSignatureException/),
  ]);

  const silent = { AWS_ENDPOINT_URL: "http://127.0.0.1:9" };
  const providers = [...cloudflare(environment), awsProvider(aws.secretAccessKey)];
  const half = await traced(differences, stack, providers, silent);
  expect(half.notes).toEqual([expect.stringMatching(/^AWS CloudTrail could not be read/)]);
  expect(half.differences).toMatchObject([{ trace: {} }, { trace: null }]);
});

it("names the access key of a change at AWS", async () => {
  const first = (await cloud.issueElsewhere("trail")).aws;
  const clientsOf = (credentials: typeof first) => {
    const config = { endpoint: cloud.s3Url, region: "us-east-1", credentials };
    return { ec2: new EC2Client(config), s3: new S3Client({ ...config, forcePathStyle: true }) };
  };
  const { ec2, s3 } = clientsOf(first);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
  const VpcId = Vpc?.VpcId ?? "";
  const made = { VpcId, GroupName: "g", Description: "d" };
  const { GroupId = "" } = await ec2.send(new CreateSecurityGroupCommand(made));
  await s3.send(new CreateBucketCommand({ Bucket: "trail-bucket" }));
  const second = (await cloud.issueElsewhere("trail")).aws;
  const open = { GroupId, IpProtocol: "tcp", FromPort: 22, ToPort: 22, CidrIp: "0.0.0.0/0" };
  await clientsOf(second).ec2.send(new AuthorizeSecurityGroupIngressCommand(open));
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await clientsOf(second).s3.send(
    new PutBucketVersioningCommand({ Bucket: "trail-bucket", VersioningConfiguration }),
  );

  const stack = [
    recorded("aws:ec2/securityGroup:SecurityGroup", GroupId, LONG_AGO()),
    recorded("aws:ec2/vpc:Vpc", VpcId, LONG_AGO()),
    recorded("aws:s3/bucketVersioning:BucketVersioning", "trail-bucket", LONG_AGO()),
  ];
  const { accessKeyId: accessKey, secretAccessKey: secretKey } = second;
  const { differences, notes } = await traced(
    stack.map((each) => drifted(each)),
    stack,
    [provider("aws", { accessKey, secretKey, region: "us-east-1" })],
    { AWS_ENDPOINT_URL: cloud.s3Url },
  );
  expect(notes).toEqual([]);
  const by = (key: string) => ({ actor: `root (access key ${key})`, source: "AWS CloudTrail" });
  expect(differences.map(({ trace }) => trace)).toMatchObject([
    by(second.accessKeyId),
    by(first.accessKeyId),
    by(second.accessKeyId),
  ]);
});

it("tells when a volume was changed at DigitalOcean, which names nobody", async () => {
  const { digitalocean } = await cloud.issueElsewhere("volumes");
  const call = async (method: string, path: string, body: object) => {
    const answer = await fetch(`${cloud.apiUrl}/v2${path}`, {
      method,
      headers: {
        authorization: `Bearer ${digitalocean.apiToken}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
    });
    expect(answer.ok).toBe(true);
    return (await answer.json()) as { volume: { id: string } };
  };
  const { volume } = await call("POST", "/volumes", {
    name: "data",
    region: "nyc1",
    size_gigabytes: 10,
  });
  const began = Date.now();
  await call("POST", `/volumes/${volume.id}/actions`, { type: "resize", size_gigabytes: 20 });

  const own = recorded("digitalocean:index/volume:Volume", volume.id, LONG_AGO());
  const gone = recorded("digitalocean:index/volume:Volume", crypto.randomUUID(), LONG_AGO());
  const { apiToken: token } = digitalocean;
  const { differences, notes } = await traced(
    [drifted(own), drifted(gone, "deleted")],
    [own, gone],
    [provider("digitalocean", { token, apiEndpoint: cloud.apiUrl })],
  );
  expect(notes).toEqual([]);
  const trace = differences[0]?.trace;
  expect(trace).toMatchObject({ actor: null, source: "DigitalOcean actions" });
  expect(Date.parse(trace?.at ?? "")).toBeGreaterThanOrEqual(began);
  expect(differences[1]?.trace).toBeNull();
});
