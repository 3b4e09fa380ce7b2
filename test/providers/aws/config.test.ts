import { expect, test } from "vitest";
import {
  describeEndpoint,
  endpointsOf,
  readSettings,
} from "../../../local/providers/aws/config.ts";

const ENV = {
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "AKIAENV",
  AWS_SECRET_ACCESS_KEY: "env-secret",
};

test("region and credentials come from the environment's variables", () => {
  expect(readSettings({}, { ...ENV, AWS_SESSION_TOKEN: "token" })).toEqual({
    region: "us-east-1",
    credentials: {
      accessKeyId: "AKIAENV",
      secretAccessKey: "env-secret",
      sessionToken: "token",
    },
    endpoints: {},
    s3UsePathStyle: false,
    defaultTags: {},
    allowedAccountIds: [],
    forbiddenAccountIds: [],
    skipCredentialsValidation: false,
  });
});

test("the provider's own configuration wins, and JSON in strings is read", () => {
  const settings = readSettings(
    {
      region: "eu-west-1",
      accessKey: "AKIAOWN",
      secretKey: "own-secret",
      s3UsePathStyle: "true",
      defaultTags: '{"tags":{"environment":"dev"}}',
      allowedAccountIds: '["111111111111"]',
      skipCredentialsValidation: "true",
    },
    { ...ENV, AWS_SESSION_TOKEN: "token" },
  );
  expect(settings).toMatchObject({
    region: "eu-west-1",
    // The environment's token belongs to the environment's key.
    credentials: { accessKeyId: "AKIAOWN", secretAccessKey: "own-secret" },
    s3UsePathStyle: true,
    defaultTags: { environment: "dev" },
    allowedAccountIds: ["111111111111"],
    skipCredentialsValidation: true,
  });
  expect(settings.credentials).not.toHaveProperty("sessionToken");
});

test("half a pair of credentials is not completed by the other half of another pair", () => {
  expect(() => readSettings({ accessKey: "AKIAOWN" }, ENV)).toThrow(/half a pair/);
});

test("missing credentials and a missing region are told with the remedy", () => {
  expect(() => readSettings({}, { AWS_REGION: "us-east-1" })).toThrow(/AWS_ACCESS_KEY_ID/);
  expect(() => readSettings({}, { ...ENV, AWS_REGION: "" })).toThrow(/AWS_REGION/);
});

test("a configuration that is no JSON, or another one, is refused by name and not quoted", () => {
  for (const text of ["{", '{"environment":"dev"', '["a"]', '{"tags":{"a":1}}'])
    expect(() => readSettings({ defaultTags: text }, ENV)).toThrow(
      /^The aws provider's defaultTags/,
    );
});

test("an endpoint is the service's own, else its variable's, else the one for all", () => {
  const env = { AWS_ENDPOINT_URL: "http://all", AWS_ENDPOINT_URL_S3: "http://s3" };
  const config = { endpoints: '[{"rds":"http://rds"},{"sqs":"http://sqs"}]' };
  expect(endpointsOf(config, env)).toEqual({
    ec2: "http://all",
    elasticache: "http://all",
    rds: "http://rds",
    s3: "http://s3",
    sts: "http://all",
  });
  expect(endpointsOf({}, {})).toEqual({});
});

test("the journal's endpoint names region and URLs and never a credential", () => {
  const env = { ...ENV, AWS_ENDPOINT_URL: "http://all" };
  expect(describeEndpoint({}, env)).toBe("aws us-east-1 http://all");
  expect(describeEndpoint({ endpoints: "{" }, env)).toBe("aws us-east-1");
});
