import {
  CreateBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Sha256 } from "../../../local/runtime/sha256.ts";
import { startTestCloud, type TestCloud, type TestEnvironment } from "../../support/local-cloud.ts";
import { s3Client, s3Credentials } from "./client.ts";

const Bucket = "signatures";
const MINUTE_MS = 60_000;
const sha256 = async (text: string) => {
  const hash = new Sha256();
  hash.update(text);
  return Buffer.from(await hash.digest()).toString("hex");
};

let cloud: TestCloud;
let staging: TestEnvironment;
let production: TestEnvironment;

beforeAll(async () => {
  cloud = await startTestCloud();
  staging = cloud.environment("staging");
  production = cloud.environment("production");
  const s3 = s3Client(cloud, staging);
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "secret.txt", Body: "staging's" }));
});
afterAll(() => cloud.close());

const signer = (environment: TestEnvironment) =>
  new SignatureV4({
    service: "s3",
    region: "auto",
    credentials: s3Credentials(environment),
    sha256: Sha256,
    uriEscapePath: false,
  });

/** Signs by hand and sends, with `sent` in place of the signed body. */
async function send(
  method: string,
  path: string,
  options: {
    environment?: TestEnvironment;
    headers?: Record<string, string>;
    sent?: string;
    signingDate?: Date;
  } = {},
): Promise<{ status: number; body: string }> {
  const { host, hostname, port } = new URL(cloud.s3Url);
  const signed = await signer(options.environment ?? staging).sign(
    {
      method,
      protocol: "http:",
      hostname,
      port: Number(port),
      path,
      headers: { host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD", ...options.headers },
    },
    { signingDate: options.signingDate ?? new Date() },
  );
  const answer = await fetch(`${cloud.s3Url}${path}`, {
    method,
    headers: signed.headers,
    ...(options.sent === undefined ? {} : { body: options.sent }),
  });
  return { status: answer.status, body: await answer.text() };
}

async function presigned(
  method: string,
  path: string,
  options: { expiresIn?: number; signingDate?: Date } = {},
): Promise<string> {
  const { host, hostname } = new URL(cloud.s3Url);
  const { query = {} } = await signer(staging).presign(
    {
      method,
      protocol: "http:",
      hostname,
      path,
      headers: { host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
    },
    options,
  );
  return `${cloud.s3Url}${path}?${new URLSearchParams(query as Record<string, string>)}`;
}

const getSecret = (environment: TestEnvironment, changes = {}) =>
  s3Client(cloud, environment, changes).send(new GetObjectCommand({ Bucket, Key: "secret.txt" }));

describe("a key", () => {
  test("works in the region auto and in its alias us-east-1, and in no other", async () => {
    expect(await (await getSecret(staging)).Body?.transformToString()).toBe("staging's");
    await getSecret(staging, { region: "us-east-1" });
    await expect(getSecret(staging, { region: "mars-1" })).rejects.toMatchObject({
      name: "InvalidRegionName",
    });
  });

  test("with the wrong secret is refused", async () => {
    await expect(
      getSecret(staging, { secretAccessKey: s3Credentials(production).secretAccessKey }),
    ).rejects.toMatchObject({
      name: "SignatureDoesNotMatch",
      $metadata: { httpStatusCode: 403 },
    });
  });

  test("that no token has is refused", async () => {
    await expect(getSecret(staging, { accessKeyId: "0".repeat(32) })).rejects.toMatchObject({
      name: "Unauthorized",
      $metadata: { httpStatusCode: 401 },
    });
  });

  test("of another environment sees none of the bucket, not even that it exists", async () => {
    await expect(getSecret(production)).rejects.toMatchObject({ name: "NoSuchBucket" });
    const { Buckets = [] } = await s3Client(cloud, production).send(new ListBucketsCommand({}));
    expect(Buckets).toEqual([]);
  });

  test("of a token that was replaced is refused", async () => {
    const replaced = cloud.environment("preview");
    cloud.environment("preview");
    await expect(s3Client(cloud, replaced).send(new ListBucketsCommand({}))).rejects.toMatchObject({
      name: "Unauthorized",
    });
  });

  test("is required", async () => {
    const answer = await fetch(`${cloud.s3Url}/${Bucket}/secret.txt`);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("<Code>InvalidArgument</Code>");
  });
});

describe("a body", () => {
  const path = `/${Bucket}/body`;

  test("that was tampered with is refused and nothing is stored", async () => {
    const answer = await send("PUT", path, {
      headers: { "x-amz-content-sha256": await sha256("original") },
      sent: "tampered",
    });
    expect(answer).toMatchObject({ status: 400 });
    expect(answer.body).toContain("XAmzContentSHA256Mismatch");
    expect(await send("GET", path)).toMatchObject({ status: 404 });
  });

  test("with another checksum than it promised is refused", async () => {
    for (const headers of [
      { "content-md5": Buffer.alloc(16).toString("base64") },
      { "x-amz-checksum-crc32": "AAAAAA==" },
    ]) {
      const answer = await send("PUT", path, { headers, sent: "content" });
      expect(answer).toMatchObject({ status: 400 });
      expect(answer.body).toContain("BadDigest");
    }
    expect(await send("GET", path)).toMatchObject({ status: 404 });
  });

  test("in signed chunks is stored, and refused when a chunk was changed", async () => {
    const headers = {
      "content-encoding": "aws-chunked",
      "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
      "x-amz-decoded-content-length": "11",
    };
    const signingDate = new Date();
    const chunked = async (second: string) => {
      const { host, hostname } = new URL(cloud.s3Url);
      const seed = await signer(staging).sign(
        { method: "PUT", protocol: "http:", hostname, path, headers: { host, ...headers } },
        { signingDate },
      );
      let priorSignature = /Signature=(\w+)/.exec(seed.headers.authorization ?? "")?.[1] ?? "";
      let body = "";
      for (const [signedText, sentText] of [
        ["hello ", "hello "],
        ["world", second],
        ["", ""],
      ] as const) {
        priorSignature = await signer(staging).sign(
          { headers: new Uint8Array(), payload: Buffer.from(signedText) },
          { signingDate, priorSignature },
        );
        body += `${sentText.length.toString(16)};chunk-signature=${priorSignature}\r\n${sentText}\r\n`;
      }
      return body;
    };
    const sent = await chunked("world");
    expect(await send("PUT", path, { headers, signingDate, sent })).toMatchObject({ status: 200 });
    expect(await send("GET", path)).toMatchObject({ status: 200, body: "hello world" });

    const changed = await send("PUT", path, { headers, signingDate, sent: await chunked("w0rld") });
    expect(changed).toMatchObject({ status: 403 });
    expect(changed.body).toContain("SignatureDoesNotMatch");
    expect(await send("GET", path)).toMatchObject({ body: "hello world" });
  });

  test("in an encoding that is not implemented is refused", async () => {
    const answer = await send("PUT", path, {
      headers: { "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" },
      sent: "x",
    });
    expect(answer).toMatchObject({ status: 501 });
  });
});

describe("a path", () => {
  const outside = `/${Bucket}/..%2F..%2Fpublic%2F${Bucket}%2Fsecret.txt`;

  test.each([outside, outside.replaceAll("..", "%2E%2e"), `/${Bucket}/a%2F.%2Fb`])(
    "that leaves its bucket when it is resolved is refused: %s",
    async (path) => {
      const answer = await fetch(await presigned("GET", path));
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain("<Code>InvalidObjectName</Code>");
    },
  );

  test("may have dots in its names", async () => {
    const path = `/${Bucket}/..a/b..%2F...`;
    expect(await send("PUT", path, { sent: "dots" })).toMatchObject({ status: 200 });
    expect(await send("GET", path)).toMatchObject({ status: 200, body: "dots" });
  });
});

describe("an order to the runtime itself", () => {
  test("is not a client's to give", async () => {
    const headers = { "mf-route-override": "somebody", "mf-cf-blob": "{", "mf-original-url": "x" };
    const url = await presigned("GET", `/${Bucket}/secret.txt`);
    const answer = await fetch(url, { headers });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe("staging's");
  });
});

describe("a request's time", () => {
  test.each([-16, 16])("may not differ by %i minutes", async (minutes) => {
    const signingDate = new Date(Date.now() + minutes * MINUTE_MS);
    const answer = await send("GET", `/${Bucket}/secret.txt`, { signingDate });
    expect(answer).toMatchObject({ status: 403 });
    expect(answer.body).toContain("RequestTimeTooSkewed");
  });
});

describe("a presigned URL", () => {
  test("needs no header to read and to write", async () => {
    const answer = await fetch(await presigned("PUT", `/${Bucket}/by%20url.txt`), {
      method: "PUT",
      body: "uploaded",
    });
    expect(answer.status).toBe(200);
    const read = await fetch(await presigned("GET", `/${Bucket}/by%20url.txt`));
    expect(await read.text()).toBe("uploaded");
  });

  test("is good for nothing that it does not name: an unsigned order by a header is refused", async () => {
    const url = await presigned("PUT", `/${Bucket}/copied.txt`);
    const headers = { "x-amz-copy-source": `/${Bucket}/secret.txt` };
    const answer = await fetch(url, { method: "PUT", headers });
    expect(answer.status).toBe(403);
    const text = await answer.text();
    expect(text).toContain("<Code>AccessDenied</Code>");
    expect(text).toContain("not signed: x-amz-copy-source");
    const metadata = { "x-amz-meta-owner": "somebody else" };
    expect((await fetch(url, { method: "PUT", body: "x", headers: metadata })).status).toBe(403);
    expect(await send("GET", `/${Bucket}/copied.txt`)).toMatchObject({ status: 404 });

    // Signed, the same order is carried out.
    const copied = await send("PUT", `/${Bucket}/copied.txt`, { headers });
    expect(copied).toMatchObject({ status: 200 });
  });

  test("is good for its method, its key and its time only", async () => {
    const url = await presigned("GET", `/${Bucket}/secret.txt`);
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url, { method: "DELETE" })).status).toBe(403);
    expect((await fetch(url.replace("secret.txt", "body"))).status).toBe(403);
    const expired = await presigned("GET", `/${Bucket}/secret.txt`, {
      expiresIn: 60,
      signingDate: new Date(Date.now() - 2 * MINUTE_MS),
    });
    const answer = await fetch(expired);
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("ExpiredRequest");
    expect((await fetch(expired.replace("X-Amz-Expires=60", "X-Amz-Expires=600"))).status).toBe(
      403,
    );
  });
});
