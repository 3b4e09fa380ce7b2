import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { type EnvironmentCredentials, readCredentials } from "../../local/daemon.ts";
import { stateResources, type TestEstate } from "./estate.ts";
import { type ClientProgram, type ClientResult, runClient } from "./programs.ts";

/** Connection URLs of a stack's systems in the clear, by system and variable. */
export type Variables = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What a stack exports for programs that run elsewhere. */
export async function variablesOf(estate: TestEstate, stack: string): Promise<Variables> {
  const read = await estate.shell(
    `pulumi stack output variables --stack ${stack} --show-secrets --json`,
  );
  if (read.exitCode !== 0) throw new Error(read.stderr);
  return JSON.parse(read.stdout);
}

/** One variable, which must be there. */
export function variable(variables: Variables, system: string, name: string): string {
  const value = variables[system]?.[name];
  if (value === undefined) throw new Error(`${system} has no ${name}.`);
  return value;
}

/** The credentials of a stack's accounts. */
export function credentialsOf({ stateDir }: TestEstate, stack: string): EnvironmentCredentials {
  const credentials = readCredentials(stateDir)[stack];
  if (credentials === undefined) throw new Error(`The estate has no environment ${stack}.`);
  return credentials;
}

/** A managed database as DigitalOcean's API describes it. */
export interface ManagedDatabase {
  readonly id: string;
  readonly name: string;
  readonly engine: string;
  readonly status: string;
  readonly connection: { readonly uri: string };
}

/** Every managed database of a stack's team. */
export async function managedDatabases(
  estate: TestEstate,
  stack: string,
): Promise<ManagedDatabase[]> {
  const body = (await get(estate, stack, "/v2/databases")) as { databases: ManagedDatabase[] };
  return body.databases;
}

/** The login of a managed PostgreSQL's administrator, to one of its databases. */
export async function administratorUrl(
  estate: TestEstate,
  stack: string,
  cluster: string,
  database: string,
): Promise<string> {
  const found = (await managedDatabases(estate, stack)).find(({ name }) => name === cluster);
  if (found === undefined) throw new Error(`${stack} has no managed database ${cluster}.`);
  const url = new URL(found.connection.uri);
  url.pathname = database;
  return url.href;
}

/** Which authority a client must trust for a server. */
export type Authority = "digitalocean" | "aws" | "self-hosted";

/** A file with the authority's certificate, as each vendor hands it out. */
export async function authorityFile(
  estate: TestEstate,
  stack: string,
  authority: Authority,
): Promise<string> {
  const folder = join(estate.stateDir, "authorities");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${stack}-${authority}.pem`);
  writeFileSync(file, await AUTHORITIES[authority](estate, stack));
  return file;
}

const AUTHORITIES: Readonly<
  Record<Authority, (estate: TestEstate, stack: string) => Promise<string>>
> = {
  async digitalocean(estate, stack) {
    const [first] = await managedDatabases(estate, stack);
    const { ca } = (await get(estate, stack, `/v2/databases/${first?.id}/ca`)) as {
      ca: { certificate: string };
    };
    return Buffer.from(ca.certificate, "base64").toString("utf8");
  },
  aws: async (estate, stack) => credentialsOf(estate, stack).aws.databaseAuthority,
  async "self-hosted"(estate, stack) {
    const made = stateResources(estate, stack).find(
      ({ type }) => type === "bulkhead:tls:ServerCertificate",
    );
    return String(made?.outputs?.caCertificate);
  },
};

/** How a client verifies a PostgreSQL server; without a file, it does not. */
export interface Trust {
  readonly mode: "require" | "verify-ca" | "verify-full" | "disable";
  readonly file?: string;
}

const UNVERIFIED: Trust = { mode: "require" };

/** Runs one of PostgreSQL's clients with a login, which goes by its environment. */
export function runPostgres(
  program: Exclude<ClientProgram, "redis-cli">,
  url: string,
  args: readonly string[],
  { mode, file }: Trust = UNVERIFIED,
): Promise<ClientResult> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const env = {
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    PGSSLMODE: mode,
    PGCONNECT_TIMEOUT: "10",
    ...(file === undefined ? {} : { PGSSLROOTCERT: file }),
  };
  return runClient(program, args, env);
}

/** Runs one SQL text by psql; rows come as `a|b` lines. */
export const psql = (url: string, sql: string, trust?: Trust): Promise<ClientResult> =>
  runPostgres("psql", url, ["-X", "-At", "-v", "ON_ERROR_STOP=1", "-c", sql], trust);

/** Runs one command by redis-cli over TLS that trusts the authority's file. */
export function redisCli(
  url: string,
  command: readonly string[],
  authority: string,
): Promise<ClientResult> {
  const { hostname, port, username, password } = new URL(url);
  return runClient(
    "redis-cli",
    ["-h", hostname, "-p", port, "--tls", "--cacert", authority, "--user", username, ...command],
    { REDISCLI_AUTH: decodeURIComponent(password) },
  );
}

/** The same server with another's user and password. */
export function withLoginOf(server: string, login: string): string {
  const [url, { username, password }] = [new URL(server), new URL(login)];
  url.username = username;
  url.password = password;
  return url.href;
}

/** The official client of S3 with a key of Spaces or AWS. */
export const objectClient = (
  endpoint: string,
  accessKeyId: string,
  secretAccessKey: string,
  region = "us-east-1",
): S3Client =>
  new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey },
  });

/** Status and code of the vendor's refusal, or 200 where there was none. */
export async function objectAnswer(
  call: Promise<unknown>,
): Promise<{ status: number | undefined; code?: string }> {
  try {
    await call;
    return { status: 200 };
  } catch (error) {
    const { name, $metadata } = error as {
      name: string;
      $metadata?: { httpStatusCode?: number };
    };
    return { status: $metadata?.httpStatusCode, code: name };
  }
}

async function get(estate: TestEstate, stack: string, path: string): Promise<unknown> {
  const { apiUrl } = await estate.cloud();
  const { apiToken } = credentialsOf(estate, stack).digitalocean;
  const answer = await fetch(apiUrl + path, { headers: { authorization: `Bearer ${apiToken}` } });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}.`);
  return answer.json();
}
