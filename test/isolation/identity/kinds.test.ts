import { describe, expect, it } from "vitest";
import { describeIdentity, IDENTITY_KINDS, isStateful } from "../../../isolation/identity/kinds.ts";

/** One identity of every kind: what people are told, and whether it keeps data. */
const EXAMPLES: readonly (readonly [string, string, boolean])[] = [
  ["account:cloudflare/fafd", "the account fafd at Cloudflare", false],
  ["account:aws/123456789012", "the account 123456789012 at AWS", false],
  ["ai-gateway:fafd/main", "the AI gateway main in account fafd", true],
  ["ai-search:fafd/default/docs", "the AI Search instance default/docs in account fafd", true],
  ["analytics:fafd/events", "the Analytics Engine dataset events in account fafd", true],
  [
    "arn:aws:sqs:eu-west-1:123456789012:jobs",
    "the resource arn:aws:sqs:eu-west-1:123456789012:jobs",
    true,
  ],
  ["dispatch:fafd/live", "the dispatch namespace live in account fafd", true],
  ["dns-name:0a1b/api", "the DNS name api in zone 0a1b", false],
  ["gcs:files", "the Google Cloud Storage bucket files", true],
  ["host:api.example.com", "the host api.example.com", false],
  ["host:loopback:8080", "the HTTP service on port 8080 of localhost", false],
  ["id:0b1f", "the resource with the id 0b1f", true],
  ["pages:fafd/site", "the Pages project site in account fafd", true],
  ["pipeline:fafd/events", "the pipeline events in account fafd", true],
  ["queue-name:fafd/jobs", "the queue jobs in account fafd", true],
  ["r2:fafd/files", "the R2 bucket files in account fafd", true],
  ["r2:fafd/eu/files", "the R2 bucket files (jurisdiction eu) in account fafd", true],
  [
    "resource:aws:sns/topic:Topic/eu-west-1/alarms/high",
    "the aws:sns/topic:Topic alarms/high in eu-west-1",
    true,
  ],
  ["resource:acme:Thing/-/x", "the resource acme:Thing/-/x", true],
  ["resource:acme:index:Thing/-/x", "the acme:index:Thing x", true],
  ["route:example.com/*", "the route example.com/*", false],
  ["s3:files", "the S3 bucket files", true],
  ["secret-store:0a1b/KEY", "the secret KEY in secrets store 0a1b", true],
  ["server:db.example.com", "the server db.example.com", true],
  ["server:[2001:db8::5]", "the server [2001:db8::5]", true],
  ["server:loopback:5432", "the server on port 5432 of localhost", true],
  ["server:loopback", "a server on localhost", true],
  ["spaces:fra1/files", "the Spaces bucket files in region fra1", true],
  ["stack:shop/dev", "the stack shop/dev", false],
  ["vectorize:fafd/docs", "the Vectorize index docs in account fafd", true],
  ["worker:fafd/api", "the Worker api in account fafd", true],
  ["workflow:fafd/order", "the workflow order in account fafd", true],
  ["zone:0a1b", "the DNS zone 0a1b", false],
];

describe("the kinds of identities", () => {
  it.each(EXAMPLES)("%s is %s", (identity, description, stateful) => {
    expect(describeIdentity(identity)).toBe(description);
    expect(isStateful(identity)).toBe(stateful);
  });

  it("have an example each", () => {
    const kinds = new Set(EXAMPLES.map(([identity]) => identity.replace(/:.*$/s, "")));
    expect([...kinds].sort()).toEqual(Object.keys(IDENTITY_KINDS).sort());
  });

  it("leave an identity of another kind as it is", () => {
    expect(describeIdentity("moon:crater")).toBe("moon:crater");
    expect(isStateful("moon:crater")).toBe(false);
  });
});
