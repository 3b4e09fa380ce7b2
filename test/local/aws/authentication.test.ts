import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import { DescribeDBInstancesCommand, DescribeDBProxiesCommand } from "@aws-sdk/client-rds";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Sha256 } from "../../../local/runtime/sha256.ts";
import { refusalOf, startAws, type TestAccount, type TestAws } from "../../support/aws.ts";

let aws: TestAws;
let staging: TestAccount;
let production: TestAccount;

beforeAll(async () => {
  aws = await startAws();
  staging = aws.account("staging");
  production = aws.account("production");
});
afterAll(() => aws.close());

/** A signed request as another client would send it. */
async function send(
  body: string,
  options: {
    readonly service?: string;
    readonly region?: string;
    readonly method?: string;
    readonly sent?: string;
    readonly path?: string;
    readonly signingDate?: Date;
    readonly headers?: Record<string, string>;
    readonly isChunked?: boolean;
  } = {},
): Promise<{ status: number; text: string }> {
  const { service = "sts", region = "us-east-1", method = "POST", path = "/" } = options;
  const { host, hostname, port } = new URL(aws.origin);
  const signer = new SignatureV4({
    service,
    region,
    credentials: staging,
    sha256: Sha256,
    applyChecksum: false,
  });
  const signed = await signer.sign(
    {
      method,
      protocol: "http:",
      hostname,
      port: Number(port),
      path,
      headers: { host, ...options.headers },
      body,
    },
    { signingDate: options.signingDate ?? new Date() },
  );
  const answer = await fetch(`${aws.origin}${path}`, {
    method,
    headers: signed.headers,
    ...(method === "GET" ? {} : { body: options.sent ?? body }),
    ...(options.isChunked ? { body: new Blob([body]).stream(), duplex: "half" } : {}),
  });
  return { status: answer.status, text: await answer.text() };
}

const IDENTITY = "Action=GetCallerIdentity&Version=2011-06-15";

test("each environment's key is the key of its own account", async () => {
  for (const { sts, accountId } of [staging, production]) {
    expect(accountId).toMatch(/^[1-9]\d{11}$/);
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: accountId,
      Arn: `arn:aws:iam::${accountId}:root`,
    });
  }
  expect(staging.accountId).not.toBe(production.accountId);
});

test("an account that is opened again keeps its id, and its earlier key ends", async () => {
  const earlier = aws.account("preview");
  const later = aws.account("preview");
  expect(later.accountId).toBe(earlier.accountId);
  await later.sts.send(new GetCallerIdentityCommand({}));
  expect(await refusalOf(earlier.sts.send(new GetCallerIdentityCommand({})))).toEqual({
    name: "InvalidClientTokenId",
    status: 403,
  });
});

test("another account's secret, and a key that there is not, are refused by every service", async () => {
  const wrong = aws.clients({ ...staging, secretAccessKey: production.secretAccessKey });
  const unknown = aws.clients({ ...staging, accessKeyId: `AKIA${"A".repeat(16)}` });
  const calls = [wrong, unknown].flatMap(({ sts, rds, ec2 }) => [
    refusalOf(sts.send(new GetCallerIdentityCommand({}))),
    refusalOf(rds.send(new DescribeDBInstancesCommand({}))),
    refusalOf(ec2.send(new DescribeVpcsCommand({}))),
  ]);
  expect(await Promise.all(calls)).toEqual([
    { name: "SignatureDoesNotMatch", status: 403 },
    { name: "SignatureDoesNotMatch", status: 403 },
    { name: "AuthFailure", status: 401 },
    { name: "InvalidClientTokenId", status: 403 },
    { name: "InvalidClientTokenId", status: 403 },
    { name: "AuthFailure", status: 401 },
  ]);
  await staging.ec2.send(new DescribeVpcsCommand({}));
});

test("a request is good for a quarter of an hour before and after its time", async () => {
  const at = (minutes: number) => ({ signingDate: new Date(Date.now() + minutes * 60_000) });
  for (const minutes of [-14, 14]) expect((await send(IDENTITY, at(minutes))).status).toBe(200);
  for (const minutes of [-16, 16]) {
    const { status, text } = await send(IDENTITY, at(minutes));
    expect(status).toBe(403);
    expect(text).toContain("<Code>SignatureDoesNotMatch</Code>");
    expect(text).toContain("Signature expired");
  }
  const ec2 = await send("Action=DescribeVpcs&Version=2016-11-15", { ...at(16), service: "ec2" });
  expect(ec2.text).toContain("<Errors><Error><Code>RequestExpired</Code>");
});

test("a body that is not the signed one is refused, whether or not its hash is told", async () => {
  expect((await send(IDENTITY, { sent: IDENTITY })).status).toBe(200);
  for (const headers of [{}, { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" }]) {
    const { text } = await send(IDENTITY, { sent: `${IDENTITY}&Other=1`, headers });
    expect(text).toContain("<Code>SignatureDoesNotMatch</Code>");
  }
});

test("a path is signed as the services encode it, twice", async () => {
  expect((await send(IDENTITY, { path: "/a%20b" })).status).toBe(200);
});

test("a request without a signature is refused", async () => {
  const answer = await fetch(aws.origin, { method: "POST", body: IDENTITY });
  expect(answer.status).toBe(403);
  expect(await answer.text()).toContain("<Code>MissingAuthenticationToken</Code>");
});

test.each([
  ["a service that there is not", IDENTITY, { service: "iam" }, "InvalidAction"],
  ["a region that there is not", IDENTITY, { region: "mars-1" }, "IncompleteSignature"],
  ["an action that there is not", "Action=Nothing&Version=2011-06-15", {}, "InvalidAction"],
  ["no action", "Version=2011-06-15", {}, "MissingAction"],
  ["another version", "Action=GetCallerIdentity&Version=2001-01-01", {}, "NoSuchVersion"],
  ["an unknown parameter", `${IDENTITY}&Nothing=1`, {}, "UnknownParameter"],
  ["a parameter twice", `${IDENTITY}&Action=GetCallerIdentity`, {}, "InvalidParameterValue"],
  ["another method", "", { method: "GET" }, "InvalidRequest"],
])("a request with %s is refused in the service's shape", async (_, body, options, code) => {
  const { status, text } = await send(body, options);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  expect(text).toMatch(
    new RegExp(`<ErrorResponse xmlns="[^"]+"><Error><Type>Sender</Type><Code>${code}</Code>`),
  );
  expect(text).toMatch(/<RequestId>[0-9a-f-]{36}<\/RequestId>/);
});

test("what the local cloud does not implement is refused by its name", async () => {
  expect(await refusalOf(staging.rds.send(new DescribeDBProxiesCommand({})))).toEqual({
    name: "InvalidAction",
    status: 400,
  });
  await expect(staging.ec2.send(new DescribeVpcsCommand({ DryRun: true }))).rejects.toMatchObject({
    name: "InvalidParameterValue",
  });
});

test("a body without a length is refused as soon as it is too long", async () => {
  const begun = request(aws.origin, {
    method: "POST",
    headers: {
      "transfer-encoding": "chunked",
      authorization: `AWS4-HMAC-SHA256 Credential=${staging.accessKeyId}/20260101/us-east-1/sts/aws4_request`,
    },
  });
  begun.on("error", () => undefined);
  let answer: IncomingMessage | undefined;
  begun.once("response", (response) => {
    answer = response;
  });
  const chunk = Buffer.alloc(64 * 1024, "a");
  let sent = 0;
  // It never ends by itself; what is not read fills the system's buffers only.
  while (answer === undefined && sent < 1024 * 1024 * 1024) {
    sent += chunk.length;
    if (!begun.write(chunk)) await Promise.race([once(begun, "drain"), once(begun, "response")]);
    await nextTurn();
  }
  expect(answer?.statusCode).toBe(400);
  expect(sent).toBeLessThan(64 * 1024 * 1024);
  const parts = await answer?.toArray();
  expect(Buffer.concat(parts ?? []).toString()).toContain("RequestEntityTooLarge");
  begun.destroy();
});

test("a body that is short enough may come in chunks", async () => {
  const answer = await send(IDENTITY, { isChunked: true });
  expect(answer.status).toBe(200);
});
