/** The history of an account's changes in one region, which CloudTrail keeps for 90 days without being asked to. */
import { SignatureV4 } from "@smithy/signature-v4";
import { z } from "zod";
import type { AwsAccess } from "../vendors/accounts.ts";
import {
  type LogExtract,
  type LoggedChange,
  type LogQuery,
  REQUEST_TIMEOUT_MS,
} from "./logged-change.ts";
import { Sha256 } from "./sha256.ts";

/** The most that the vendor puts on one page, of which it answers two a second. */
const PAGE_SIZE = 50;
const PAGES = 20;

const TARGET = "CloudTrail_20131101.LookupEvents";

const answerSchema = z.object({
  Events: z
    .array(
      z.object({
        EventName: z.string().default(""),
        /** Seconds since 1970. */
        EventTime: z.number(),
        Username: z.string().nullish(),
        AccessKeyId: z.string().nullish(),
        Resources: z.array(z.object({ ResourceName: z.string().nullish() })).nullish(),
        CloudTrailEvent: z.string().nullish(),
      }),
    )
    .default([]),
  NextToken: z.string().nullish(),
});

const refusalSchema = z.object({
  __type: z.string().default(""),
  message: z.string().optional(),
  Message: z.string().optional(),
});

const recordSchema = z.object({
  errorCode: z.string().optional(),
  userIdentity: z.object({ arn: z.string().optional() }).optional(),
});

/**
 * @throws Error with the vendor's words when it refuses, or does not answer.
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
export async function readCloudTrail(
  access: AwsAccess,
  { since, signal }: LogQuery,
): Promise<LogExtract> {
  const request = {
    LookupAttributes: [{ AttributeKey: "ReadOnly", AttributeValue: "false" }],
    StartTime: Math.floor(since / 1000),
    MaxResults: PAGE_SIZE,
  };
  const changes: LoggedChange[] = [];
  let token: string | undefined;
  for (let page = 0; page < PAGES; page++) {
    const asked = { ...request, ...(token === undefined ? {} : { NextToken: token }) };
    const { Events, NextToken } = answerSchema.parse(await ask(access, asked, signal));
    changes.push(...Events.flatMap(toChange));
    if (!NextToken) return { changes, isCut: false };
    token = NextToken;
  }
  return { changes, isCut: true };
}

type Event = z.infer<typeof answerSchema>["Events"][number];

function toChange(event: Event): LoggedChange[] {
  const { errorCode, userIdentity } = recordOf(event);
  if (errorCode !== undefined) return [];
  return [
    {
      at: event.EventTime * 1000,
      actor: actorOf(event, userIdentity?.arn),
      source: "AWS CloudTrail",
      what: event.EventName,
      resources: (event.Resources ?? []).flatMap(({ ResourceName: name }) => name ?? []),
    },
  ];
}

/** A role's sessions and a user's keys are told apart by the key. */
function actorOf(
  { Username: name, AccessKeyId: key }: Event,
  arn: string | undefined,
): string | null {
  const who = name || arn?.split(":").slice(5).join(":");
  if (!who) return key || null;
  return key ? `${who} (access key ${key})` : who;
}

function recordOf({ CloudTrailEvent: text }: Event): z.infer<typeof recordSchema> {
  try {
    return recordSchema.parse(JSON.parse(text ?? "{}"));
  } catch {
    return {};
  }
}

async function ask(
  { accessKeyId, secretAccessKey, region, endpoint }: AwsAccess,
  request: object,
  signal: AbortSignal,
): Promise<unknown> {
  const url = new URL(endpoint ?? `https://cloudtrail.${region}.amazonaws.com`);
  const signer = new SignatureV4({
    service: "cloudtrail",
    region,
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
  });
  const body = JSON.stringify(request);
  const { headers } = await signer.sign({
    method: "POST",
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    path: "/",
    headers: {
      host: url.host,
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": TARGET,
    },
    body,
  });
  const answer = await fetch(new URL("/", url), {
    method: "POST",
    headers,
    body,
    signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
  });
  const said: unknown = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  const { __type, message, Message } = refusalSchema.catch({ __type: "" }).parse(said);
  const code = __type.split("#").at(-1) || `status ${answer.status}`;
  throw new Error(`${code}: ${message ?? Message ?? "the vendor gave no reason"}`);
}
