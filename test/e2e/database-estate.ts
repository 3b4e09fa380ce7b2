import { ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import {
  type Authority,
  credentialsOf,
  managedDatabases,
  objectAnswer,
  objectClient,
  type Trust,
  type Variables,
  variable,
} from "../support/data-clients.ts";
import type { TestEstate } from "../support/estate.ts";

/* What the tests of the environments' databases reach, as tables. */

export const STACKS = ["staging", "production"] as const;
export type StackName = (typeof STACKS)[number];
export const DIRECTIONS = [
  ["staging", "production"],
  ["production", "staging"],
] as const;

/** Every PostgreSQL login that programs get: the variable with its URL, and what its client trusts. */
export const POSTGRES: readonly {
  readonly title: string;
  readonly system: string;
  readonly variable: string | Readonly<Record<StackName, string>>;
  readonly authority: Authority;
  readonly mode: Trust["mode"];
}[] = [
  {
    title: "agentverse (A1)",
    system: "agentverse",
    variable: "DATABASE_URL",
    authority: "digitalocean",
    mode: "verify-full",
  },
  {
    title: "InstaInstru (I2, I3)",
    system: "instainstru",
    // By which InstaInstru finds its database in each environment (I4).
    variable: { staging: "STG_DATABASE_URL", production: "DATABASE_URL" },
    authority: "aws",
    mode: "verify-full",
  },
  {
    title: "handled PRIMARY, directly (H1)",
    system: "handled",
    variable: "PRIMARY_DIRECT_URL",
    authority: "digitalocean",
    mode: "verify-full",
  },
  {
    title: "handled PRIMARY, through its pool (H1)",
    system: "handled",
    variable: "PRIMARY_DATABASE_URL",
    authority: "digitalocean",
    mode: "verify-full",
  },
  {
    title: "handled DATA (H2)",
    system: "handled",
    variable: "DATA_DATABASE_URL",
    authority: "self-hosted",
    mode: "verify-ca",
  },
];

/** Every Redis login, by `REDIS_URL` of its system. */
export const REDIS: readonly {
  readonly title: string;
  readonly system: string;
  readonly authority: Authority;
}[] = [
  { title: "agentverse (A2)", system: "agentverse", authority: "digitalocean" },
  { title: "InstaInstru", system: "instainstru", authority: "aws" },
];

/** agentverse's bucket with the key that its programs get. */
export function agentverseBucket(variables: Variables): {
  client: S3Client;
  bucket: string;
  endpoint: string;
} {
  const of = (name: string) => variable(variables, "agentverse", `STORAGE_${name}`);
  const endpoint = of("ENDPOINT");
  return {
    client: objectClient(endpoint, of("ACCESS_KEY_ID"), of("SECRET_ACCESS_KEY")),
    bucket: of("BUCKET_NAME"),
    endpoint,
  };
}

/** The answer to a look into a bucket. */
export const listAnswer = (client: S3Client, bucket: string | undefined) =>
  objectAnswer(client.send(new ListObjectsV2Command({ Bucket: bucket })));

/** Every password and key of a stack: those of its programs, its administrators and its accounts. */
export async function secretsOf(
  estate: TestEstate,
  stack: StackName,
  variables: Variables,
): Promise<ReadonlySet<string>> {
  const { digitalocean, aws } = credentialsOf(estate, stack);
  const administrators = (await managedDatabases(estate, stack)).map(({ connection }) =>
    passwordOf(connection.uri),
  );
  const values = Object.values(variables).flatMap((each) => Object.entries(each));
  return new Set([
    ...values.flatMap(([name, value]) =>
      value.includes("://") && !name.endsWith("_ENDPOINT") ? [passwordOf(value)] : [],
    ),
    ...values.flatMap(([name, value]) => (name.endsWith("_SECRET_ACCESS_KEY") ? [value] : [])),
    ...administrators,
    ...[digitalocean.apiToken, digitalocean.spacesSecret, aws.secretAccessKey],
  ]);
}

const passwordOf = (text: string) => decodeURIComponent(new URL(text).password);
