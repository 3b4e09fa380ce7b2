import { z } from "zod";
import type { Caller } from "../caller.ts";
import { refusal } from "../protocol/errors.ts";
import { recentEvents, type TrailEvent } from "./events.ts";

/** The most on one page, and what it is without a number. */
const PAGE_SIZE = 50;

/** Seconds since 1970, as the protocol writes times. */
const time = z.number();

const KEYS = [
  "EventId",
  "EventName",
  "ReadOnly",
  "Username",
  "ResourceType",
  "ResourceName",
  "EventSource",
  "AccessKeyId",
] as const;

export const lookupSchema = z.strictObject({
  LookupAttributes: z
    .array(z.strictObject({ AttributeKey: z.enum(KEYS), AttributeValue: z.string() }))
    .default([]),
  StartTime: time.optional(),
  EndTime: time.optional(),
  MaxResults: z.number().int().min(1).max(PAGE_SIZE).default(PAGE_SIZE),
  NextToken: z.string().optional(),
});

/** @see https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
export function lookupEvents(caller: Caller, request: z.infer<typeof lookupSchema>): object {
  const { LookupAttributes: attributes, StartTime: start, EndTime: end } = request;
  if (attributes.length > 1) {
    throw refusal("InvalidLookupAttributesException", "You can use only one lookup attribute.");
  }
  if (start !== undefined && end !== undefined && start > end) {
    throw refusal("InvalidTimeRangeException", "The start time is after the end time.");
  }
  const found = recentEvents(caller).filter((event) => {
    const seconds = secondsOf(event);
    return (
      seconds >= (start ?? 0) &&
      seconds <= (end ?? Number.POSITIVE_INFINITY) &&
      attributes.every(({ AttributeKey, AttributeValue }) =>
        FACTS[AttributeKey](event).includes(AttributeValue),
      )
    );
  });
  const from = request.NextToken === undefined ? 0 : placeAfter(found, request.NextToken);
  const page = found.slice(from, from + request.MaxResults);
  const last = page.at(-1);
  return {
    Events: page.map((event) => describe(event, caller)),
    ...(last === undefined || last === found.at(-1) ? {} : { NextToken: tokenFor(last) }),
  };
}

/** Whom every key of an account belongs to. */
const USER = "root";

const sourceOf = ({ body }: TrailEvent): string => `${body.service}.amazonaws.com`;
const secondsOf = ({ createdAt }: TrailEvent): number => Math.floor(Date.parse(createdAt) / 1000);

const FACTS: Readonly<Record<(typeof KEYS)[number], (event: TrailEvent) => readonly string[]>> = {
  EventId: ({ id }) => [id],
  EventName: ({ body }) => [body.name],
  ReadOnly: () => ["false"],
  Username: () => [USER],
  ResourceType: ({ body }) => body.resources.map(({ type }) => type),
  ResourceName: ({ body }) => body.resources.map(({ name }) => name),
  EventSource: (event) => [sourceOf(event)],
  AccessKeyId: ({ body }) => [body.accessKeyId],
};

/** Parameters and answers, which the vendor's record has, are left out of this one. */
function describe(event: TrailEvent, { accountId, region }: Caller) {
  const { id, body } = event;
  const { accessKeyId } = body;
  const record = {
    eventVersion: "1.11",
    userIdentity: {
      type: "Root",
      principalId: accountId,
      arn: `arn:aws:iam::${accountId}:root`,
      accountId,
      accessKeyId,
    },
    eventTime: new Date(secondsOf(event) * 1000).toISOString().replace(".000Z", "Z"),
    eventSource: sourceOf(event),
    eventName: body.name,
    awsRegion: region,
    sourceIPAddress: "127.0.0.1",
    eventID: id,
    readOnly: false,
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: accountId,
    eventCategory: "Management",
  };
  return {
    EventId: id,
    EventName: body.name,
    ReadOnly: "false",
    AccessKeyId: accessKeyId,
    EventTime: secondsOf(event),
    EventSource: sourceOf(event),
    Username: USER,
    Resources: body.resources.map(({ type, name }) => ({
      ...(type === "" ? {} : { ResourceType: type }),
      ResourceName: name,
    })),
    CloudTrailEvent: JSON.stringify(record),
  };
}

/** By the last event of a page, so that newer ones do not move the next page. */
const tokenFor = ({ id }: TrailEvent): string => Buffer.from(id).toString("base64url");

function placeAfter(events: readonly TrailEvent[], token: string): number {
  const id = Buffer.from(token, "base64url").toString();
  const place = events.findIndex((event) => event.id === id);
  if (place === -1) {
    throw refusal("InvalidNextTokenException", "The token is not one of an earlier answer.");
  }
  return place + 1;
}
