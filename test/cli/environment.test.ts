import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type LocalFacts,
  localEnvironment,
  localVariables,
  prependPath,
} from "../../cli/environment.ts";
import { variableSuffix } from "../../components/account-variables.ts";

const credentialsOf = (environment: string) => ({
  environment,
  accountId: `account-${environment}`,
  apiToken: `token-${environment}`,
  tokenId: `id-${environment}`,
  workersSubdomain: environment,
  zoneId: `zone-${environment}`,
  domain: `${environment}.example`,
  digitalocean: {
    accountId: `team-${environment}`,
    apiToken: `do-token-${environment}`,
    spacesKeyId: `spaces-id-${environment}`,
    spacesSecret: `spaces-secret-${environment}`,
  },
  aws: {
    accountId: `aws-account-${environment}`,
    accessKeyId: `aws-id-${environment}`,
    secretAccessKey: `aws-secret-${environment}`,
    region: "eu-central-1",
    databaseAuthority: "PEM",
  },
});

const facts = (...environments: string[]): LocalFacts => ({
  root: "/project",
  stateDir: "/project/.bulkhead",
  toolPath: ["/cache/pulumi"],
  cloud: { apiUrl: "http://127.0.0.1:7380", s3Url: "http://127.0.0.1:7381" },
  credentials: Object.fromEntries(environments.map((name) => [name, credentialsOf(name)])),
});

test("each environment has variables of its own name", () => {
  const variables = localVariables(facts("staging", "pr-123"));
  expect(variables).toMatchObject({
    CLOUDFLARE_ACCOUNT_ID_STAGING: "account-staging",
    CLOUDFLARE_API_TOKEN_PR_123: "token-pr-123",
    CLOUDFLARE_ZONE_ID_PR_123: "zone-pr-123",
    DIGITALOCEAN_TOKEN_STAGING: "do-token-staging",
    DIGITALOCEAN_API_URL: "http://127.0.0.1:7380",
    SPACES_ACCESS_KEY_ID_PR_123: "spaces-id-pr-123",
    SPACES_SECRET_ACCESS_KEY_PR_123: "spaces-secret-pr-123",
    SPACES_ENDPOINT_URL: "http://127.0.0.1:7381",
    AWS_ACCOUNT_ID_STAGING: "aws-account-staging",
    AWS_ACCESS_KEY_ID_STAGING: "aws-id-staging",
    AWS_SECRET_ACCESS_KEY_STAGING: "aws-secret-staging",
    AWS_DATABASE_CA_FILE_STAGING: "/project/.bulkhead/credentials/staging.aws-database-ca.pem",
    AWS_ENDPOINT_URL: "http://127.0.0.1:7381",
    CLOUDFLARE_BASE_URL: "http://127.0.0.1:7380/client/v4",
    BULKHEAD_INGRESS_URL: "http://127.0.0.1:7380",
    CLOUDFLARE_R2_S3_ENDPOINT: "http://127.0.0.1:7381",
    PULUMI_BACKEND_URL: "file:///project/.bulkhead/pulumi/backend",
  });
  for (const name of ["CLOUDFLARE_API_TOKEN", "DIGITALOCEAN_TOKEN", "AWS_ACCESS_KEY_ID"])
    expect(variables).not.toHaveProperty(name);
});

test("the vendor's own names are set for the stack that was asked for only", () => {
  expect(localVariables({ ...facts("dev", "staging"), stack: "staging" })).toMatchObject({
    CLOUDFLARE_ACCOUNT_ID: "account-staging",
    CLOUDFLARE_API_TOKEN: "token-staging",
  });
});

test("a suffix is a legal variable name for any stack", () => {
  fc.assert(
    fc.property(fc.string(), (stack) => {
      expect(`X_${variableSuffix(stack)}`).toMatch(/^[A-Z0-9_]+$/);
    }),
  );
});

test("two environments never share a variable: names that would collide are refused", () => {
  expect(() => localVariables(facts("pr-1", "PR_1"))).toThrow(
    /both map to the variable CLOUDFLARE_ACCOUNT_ID_PR_1.*Pulumi\.pr-1\.yaml, Pulumi\.PR_1\.yaml/,
  );
});

test("no credential of the user and no other passphrase gets into the local cloud", () => {
  const env = localEnvironment(facts("dev"), {
    PATH: "/usr/bin",
    HOME: "/home/u",
    CLOUDFLARE_API_TOKEN: "real",
    CLOUDFLARE_API_KEY: "real",
    CLOUDFLARE_EMAIL: "me@example.com",
    PULUMI_CONFIG_PASSPHRASE: "other",
    PULUMI_BACKEND_URL: "s3://real",
  });
  expect(Object.values(env)).not.toContain("real");
  expect(env).toMatchObject({
    HOME: "/home/u",
    PATH: "/project/node_modules/.bin:/cache/pulumi:/usr/bin",
    PULUMI_BACKEND_URL: "file:///project/.bulkhead/pulumi/backend",
  });
  expect(env).not.toHaveProperty("PULUMI_CONFIG_PASSPHRASE");
});

test("a PATH does not grow when it is prepared again", () => {
  const once = prependPath(["/a", "/b"], "/usr/bin:/b:/bin");
  expect(once).toBe("/a:/b:/usr/bin:/bin");
  expect(prependPath(["/a", "/b"], once)).toBe(once);
});
