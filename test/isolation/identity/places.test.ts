import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  awsAccount,
  cloudflareAccount,
  cloudflareZone,
  inAccount,
} from "../../../isolation/identity/account.ts";
import { arnIdentity } from "../../../isolation/identity/arn.ts";
import {
  bucketName,
  gcsBucket,
  r2Bucket,
  s3Bucket,
  spacesBucket,
} from "../../../isolation/identity/bucket.ts";
import { findIds, idIdentity, isUniqueId } from "../../../isolation/identity/ids.ts";
import { identitiesOfText } from "../../../isolation/identity/index.ts";
import { routeHost, routeIdentity } from "../../../isolation/identity/route.ts";

const ACCOUNT = "fafd471125c7d36ecc18cf14aa317328";
const UUID = "69b513ab-64ca-4a77-884e-f2b0b509b21f";
const HEX = "0123456789abcdef0123456789abcdef";

const identities = (text: string, context = {}): string[] =>
  identitiesOfText(text, context).map(({ identity }) => identity);

describe("a bucket", () => {
  const r2 = `https://${ACCOUNT}.r2.cloudflarestorage.com`;

  it.each([
    ["s3://my-bucket/key", "s3:my-bucket"],
    ["s3a://my-bucket", "s3:my-bucket"],
    ["s3n://my-bucket", "s3:my-bucket"],
    ["https://my-bucket.s3-external-1.amazonaws.com", "s3:my-bucket"],
    ["https://my-bucket.s3-fips.us-east-1.amazonaws.com", "s3:my-bucket"],
    ["https://my.bucket.s3.eu-central-1.amazonaws.com/key", "s3:my.bucket"],
    ["https://my-bucket.s3.amazonaws.com/key", "s3:my-bucket"],
    ["https://my-bucket.s3-us-west-2.amazonaws.com", "s3:my-bucket"],
    ["https://my-bucket.s3.dualstack.eu-west-1.amazonaws.com", "s3:my-bucket"],
    ["https://s3.us-gov-west-1.amazonaws.com/my-bucket/key", "s3:my-bucket"],
    ["https://s3.amazonaws.com/My-Bucket", "s3:my-bucket"],
    ["http://my-bucket.s3-website-us-east-1.amazonaws.com", "s3:my-bucket"],
    ["https://my-bucket.s3-accelerate.amazonaws.com", "s3:my-bucket"],
    ["https://my-bucket.s3.cn-north-1.amazonaws.com.cn", "s3:my-bucket"],
    ["https://files.fra1.digitaloceanspaces.com/key", "spaces:fra1/files"],
    ["https://files.fra1.cdn.digitaloceanspaces.com/key", "spaces:fra1/files"],
    ["https://fra1.digitaloceanspaces.com/files/key", "spaces:fra1/files"],
    ["gs://my_bucket/key", "gcs:my_bucket"],
    ["https://storage.googleapis.com/my_bucket/key", "gcs:my_bucket"],
    ["https://my_bucket.storage.googleapis.com/key", "gcs:my_bucket"],
  ])("%s is %s and nothing else", (text, identity) => {
    expect(identities(text)).toEqual([identity]);
  });

  it.each([
    [`${r2}/files/key`, `r2:${ACCOUNT}/files`],
    [`${r2.toUpperCase()}/Files`, `r2:${ACCOUNT}/files`],
    [`https://files.${ACCOUNT}.r2.cloudflarestorage.com/key`, `r2:${ACCOUNT}/files`],
    [`https://${ACCOUNT}.eu.r2.cloudflarestorage.com/files`, `r2:${ACCOUNT}/eu/files`],
    [`https://files.${ACCOUNT}.fedramp.r2.cloudflarestorage.com`, `r2:${ACCOUNT}/fedramp/files`],
    [`r2://${ACCOUNT.toUpperCase()}/files`, `r2:${ACCOUNT}/files`],
    [`r2://${ACCOUNT}/files/key`, `r2:${ACCOUNT}/files`],
    [`s3://files?region=auto&endpoint=${ACCOUNT}.r2.cloudflarestorage.com`, `r2:${ACCOUNT}/files`],
    [
      `s3://files?endpoint=https://${ACCOUNT}.eu.r2.cloudflarestorage.com/`,
      `r2:${ACCOUNT}/eu/files`,
    ],
    [`r2://files/logs?account-id=${ACCOUNT}&access-key-id=x`, `r2:${ACCOUNT}/files`],
  ])("%s is %s in its account", (text, identity) => {
    expect(identities(text)).toEqual(
      expect.arrayContaining([identity, `account:cloudflare/${ACCOUNT}`]),
    );
    expect(identities(text).filter((one) => !/^(?:account|r2):/.test(one))).toEqual([]);
  });

  it("of r2:// without an account is the one of the account at hand", () => {
    expect(identities("r2://files/key", { account: ACCOUNT })).toContain(`r2:${ACCOUNT}/files`);
    expect(identities("r2://files/key")).toEqual([]);
  });

  it("is none where an endpoint stands alone", () => {
    expect(identities(r2)).toEqual([`account:cloudflare/${ACCOUNT}`]);
    expect(identities("https://s3.eu-central-1.amazonaws.com")).toEqual([
      "host:s3.eu-central-1.amazonaws.com",
    ]);
  });

  it.each([
    "https://s3.example.com/my-bucket",
    "https://my-bucket.s3.amazonaws.com.evil.example",
    `https://${ACCOUNT}.r2.cloudflarestorage.com.example/files`,
    "https://lists.digitaloceanspaces.example/x",
    "https://console.aws.amazon.com/s3/my-bucket",
  ])("is none in %s", (text) => {
    expect(identities(text)).toEqual([expect.stringMatching(/^host:/)]);
  });

  it("has a name that is one however it is written", () => {
    expect(bucketName("My%2DBucket")).toBe("my-bucket");
    for (const text of ["", "a", "a b", "-ab", "a/b", "x".repeat(64)])
      expect(bucketName(text)).toBeUndefined();
  });
});

describe("an ARN", () => {
  const queue = "arn:aws:sqs:eu-central-1:123456789012:jobs";

  it("names a bucket with all its objects", () => {
    for (const arn of [
      "arn:aws:s3:::my-bucket",
      "arn:aws:s3:::my-bucket/*",
      "arn:aws:s3:::my-bucket/a/b",
    ])
      expect(arnIdentity(arn)).toBe("s3:my-bucket");
  });

  it.each([
    [queue, queue],
    ["arn:aws:route53:::hostedzone/Z123", "arn:aws:route53:::hostedzone/Z123"],
    [
      "arn:aws:s3:eu-west-1:123456789012:accesspoint/x",
      "arn:aws:s3:eu-west-1:123456789012:accesspoint/x",
    ],
    ["ARN:AWS:SQS:EU-Central-1:123456789012:jobs", queue],
    [
      "arn:aws:logs:eu-west-1:123456789012:log-group:/app:*",
      "arn:aws:logs:eu-west-1:123456789012:log-group:/app",
    ],
    [
      "arn:aws:dynamodb:eu-west-1:123456789012:table/t/*",
      "arn:aws:dynamodb:eu-west-1:123456789012:table/t",
    ],
  ])("%s is %s", (text, identity) => {
    expect(arnIdentity(text)).toBe(identity);
    expect(arnIdentity(identity)).toBe(identity);
  });

  it.each([
    "arn:aws:s3:::*",
    "arn:aws:s3:::prefix-*",
    "arn:aws:sqs:eu-central-1:123456789012:*",
    "arn:aws:sqs:eu-central-1:123456789012:prefix-*",
    "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
    "arn:aws:sqs",
    "urn:aws:sqs:eu-central-1:123456789012:jobs",
    "not an arn",
  ])("%s names no thing of anybody's own", (text) => {
    expect(arnIdentity(text)).toBeUndefined();
  });

  it("is found in a policy", () => {
    const policy = JSON.stringify({ Resource: [queue, "arn:aws:s3:::my-bucket/*"] });
    expect(identities(policy)).toEqual([queue, "s3:my-bucket"]);
  });

  it("is what a queue's URL means", () => {
    expect(identities("https://sqs.eu-central-1.amazonaws.com/123456789012/jobs")).toEqual([queue]);
    expect(identities("https://eu-central-1.queue.amazonaws.com/123456789012/jobs")).toContain(
      queue,
    );
    expect(identities("https://sqs.eu-central-1.amazonaws.com/docs/jobs")).toEqual([
      "host:sqs.eu-central-1.amazonaws.com",
    ]);
  });
});

describe("Cloudflare's addresses", () => {
  const api = `https://api.cloudflare.com/client/v4/accounts/${ACCOUNT}`;
  const account = `account:cloudflare/${ACCOUNT}`;

  it.each([
    [
      `https://gateway.ai.cloudflare.com/v1/${ACCOUNT}/main/openai`,
      [`ai-gateway:${ACCOUNT}/main`, account],
    ],
    [`https://gateway.ai.cloudflare.com/v1/${ACCOUNT}`, [account]],
    [`https://dash.cloudflare.com/${ACCOUNT}/workers`, [account]],
    [`${api}/d1/database/${UUID}`, [account, `id:${UUID}`]],
    [`${api}/storage/kv/namespaces/${HEX}/values/a`, [account, `id:${HEX}`]],
    [`${api}/r2/buckets/Files`, [`r2:${ACCOUNT}/files`, account]],
    [`${api}/workers/scripts/api/secrets`, [`worker:${ACCOUNT}/api`, account]],
    [`${api}/workers/dispatch/namespaces/live/scripts/a`, [`dispatch:${ACCOUNT}/live`, account]],
    [`${api}/pages/projects/site`, [`pages:${ACCOUNT}/site`, account]],
    [`${api}/ai-gateway/gateways/main`, [`ai-gateway:${ACCOUNT}/main`, account]],
    [`${api}/vectorize/v2/indexes/docs`, [`vectorize:${ACCOUNT}/docs`, account]],
    [`${api}/workflows/order`, [`workflow:${ACCOUNT}/order`, account]],
    [`https://api.cloudflare.com/client/v4/zones/${HEX}/dns_records`, [`zone:${HEX}`]],
    [`http://127.0.0.1:7380/client/v4/accounts/${ACCOUNT}/queues`, [account]],
    [`com.cloudflare.api.account.${ACCOUNT}`, [account]],
    [`com.cloudflare.api.account.zone.${HEX}`, [`zone:${HEX}`]],
    [`com.cloudflare.edge.r2.bucket.${ACCOUNT}_default_files`, [`r2:${ACCOUNT}/files`]],
    [`com.cloudflare.edge.r2.bucket.${ACCOUNT}_eu_files`, [`r2:${ACCOUNT}/eu/files`]],
  ])("%s names %j", (text, expected) => {
    expect(identities(text)).toEqual(expected);
    expect(identities(`see ${text.replaceAll("/", "\\/")}`)).toEqual(expected);
  });

  it("are none on other hosts and paths", () => {
    expect(identities("https://gateway.ai.cloudflare.com/v1/short/main")).toEqual([
      "host:gateway.ai.cloudflare.com",
    ]);
    expect(identities("https://www.cloudflare.com/about")).toEqual(["host:www.cloudflare.com"]);
  });
});

describe("a route", () => {
  it.each([
    ["Example.COM/Api/*", "route:example.com/Api/*", "example.com"],
    ["https://example.com/api/*", "route:example.com/api/*", "example.com"],
    ["example.com", "route:example.com/", "example.com"],
    ["bücher.example/*", "route:xn--bcher-kva.example/*", "xn--bcher-kva.example"],
    ["*.Example.com/*", "route:*.example.com/*", undefined],
    ["*example.com/*", "route:*example.com/*", undefined],
  ])("%s is %s", (pattern, identity, host) => {
    expect(routeIdentity(pattern)).toBe(identity);
    expect(routeHost(pattern)).toBe(host);
  });
});

describe("a thing named by hand", () => {
  it("is the same with space around its name, and in either case where case says nothing", () => {
    expect(r2Bucket(" FAFD ", " Files ", " EU ")).toBe("r2:fafd/eu/files");
    expect(s3Bucket(" Files ")).toBe("s3:files");
    expect(gcsBucket(" Files ")).toBe("gcs:files");
    expect(spacesBucket(" FRA1 ", " Files ")).toBe("spaces:fra1/files");
    expect(bucketName(" Files ")).toBe("files");
    expect(cloudflareAccount(" FAFD ")).toBe("account:cloudflare/fafd");
    expect(cloudflareZone(" FAFD ")).toBe("zone:fafd");
    expect(awsAccount(" 123456789012 ")).toBe("account:aws/123456789012");
    expect(inAccount("worker", " FAFD ", " Api ")).toBe("worker:fafd/Api");
  });
});

describe("an id", () => {
  it.each([
    [UUID.toUpperCase(), UUID],
    [`backup-${UUID}.sql`, UUID],
    [`KV:${HEX}`, HEX],
    ["vpc-0123456789abcdef0", "vpc-0123456789abcdef0"],
    ["subnet-0a1b2c3d", "subnet-0a1b2c3d"],
    ["sg-0a1b2c3d,x", "sg-0a1b2c3d"],
    ["db-ABCDEFGHIJKLMNOPQRSTUVWXYZ", "db-abcdefghijklmnopqrstuvwxyz"],
    ["AKIAIOSFODNN7EXAMPLE", "akiaiosfodnn7example"],
    ["DO00ABCDEFGHJKLMNPQR", "do00abcdefghjklmnpqr"],
  ])("is found in %s", (text, id) => {
    expect(findIds(text)).toEqual([id]);
  });

  it.each([
    "a".repeat(40),
    "b".repeat(64),
    `${HEX}0`,
    `x${HEX}`,
    `${UUID}0`,
    "00000000-0000-0000-0000-000000000000",
    "0".repeat(32),
    "258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
    "d41d8cd98f00b204e9800998ecf8427e",
    "F".repeat(32),
    "my-sg-0a1b2c3d",
    "sg-0a1b2c3d-x",
    "ami-0a1b2c3d",
    "vpc-main",
    "db-postgresql-nyc3-12345",
    "2026-01-02T03:04:05.678Z",
    "10.20.30.40",
  ])("is none in %s", (text) => {
    expect(findIds(text)).toEqual([]);
  });

  it("is one in either case, with or without space around it", () => {
    expect(idIdentity(` ${UUID.toUpperCase()}\n`)).toBe(`id:${UUID}`);
  });

  it("stands for a text from end to end only", () => {
    expect(isUniqueId(UUID)).toBe(true);
    expect(isUniqueId(`${UUID}/main`)).toBe(false);
    expect(isUniqueId("main")).toBe(false);
  });

  it("is the same in every case, and never two ids' one", () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (one, other) => {
        fc.pre(one !== other);
        expect(findIds(one.toUpperCase())).toEqual(findIds(one));
        expect(findIds(one)).not.toEqual(findIds(other));
      }),
    );
  });
});
