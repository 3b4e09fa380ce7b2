import { EC2Client, type EC2ClientConfig } from "@aws-sdk/client-ec2";
import { ElastiCacheClient } from "@aws-sdk/client-elasticache";
import { RDSClient } from "@aws-sdk/client-rds";
import type { S3Client } from "@aws-sdk/client-s3";
import type Cloudflare from "cloudflare";
import { SECRET, SIGNATURE_KEY } from "../../../policy/state/values.ts";
import {
  authorityFile,
  credentialsOf,
  objectClient,
  psql,
  redisCli,
  type Variables,
  variable,
  variablesOf,
} from "../../support/data-clients.ts";
import type { TestEstate } from "../../support/estate.ts";

export type Stack = "staging" | "production";

/** A resource of a stack with its secrets, as `pulumi stack export --show-secrets` tells it. */
export interface OpenState {
  readonly urn: string;
  readonly type: string;
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: properties of every type of resource.
  readonly inputs: any;
  // biome-ignore lint/suspicious/noExplicitAny: properties of every type of resource.
  readonly outputs: any;
}

/** What a person has who works on one environment behind Pulumi's back. */
export interface Vendors {
  readonly stack: Stack;
  readonly estate: TestEstate;
  readonly variables: Variables;
  /** A resource by the end of its type token and its logical name. */
  readonly find: (type: string, name: string) => OpenState;
  readonly cloudflare: Cloudflare;
  readonly account_id: string;
  /** A call of DigitalOcean's API; `path` begins behind `/v2`. */
  readonly digitalocean: (method: string, path: string, body?: unknown) => Promise<Answer>;
  readonly spaces: S3Client;
  readonly s3: S3Client;
  readonly ec2: EC2Client;
  readonly rds: RDSClient;
  readonly elastiCache: ElastiCacheClient;
  /** Runs SQL as the administrator of the server that a PostgreSQL database is at, in it. */
  readonly sql: (database: string, text: string) => Promise<void>;
  /** Runs a command in a cache as the application does. */
  readonly redis: (system: "agentverse" | "instainstru", ...command: string[]) => Promise<void>;
  /** Runs SQL in a D1 database. */
  readonly d1: (database: string, text: string) => Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: bodies of every route.
type Answer = any;

/** The clients for a stack, with its state as it is now. */
export async function openVendors(estate: TestEstate, stack: Stack): Promise<Vendors> {
  const { apiUrl, s3Url } = await estate.cloud();
  const { digitalocean, aws } = credentialsOf(estate, stack);
  const { client: cloudflare, account_id } = await estate.client(stack);
  const resources = await readState(estate, stack);
  const variables = await variablesOf(estate, stack);
  const find: Vendors["find"] = (type, name) => {
    const named = resources.filter(
      (each) => each.type.endsWith(type) && each.urn.endsWith(`::${name}`),
    );
    // Components have no id, and some are called as what they are made of.
    const found = named.find(({ id }) => id) ?? named[0];
    if (found === undefined) throw new Error(`${stack} has no ${type} ${name}.`);
    return found;
  };
  const config: EC2ClientConfig = {
    endpoint: s3Url,
    region: aws.region,
    maxAttempts: 1,
    credentials: { accessKeyId: aws.accessKeyId, secretAccessKey: aws.secretAccessKey },
  };
  return {
    stack,
    estate,
    variables,
    find,
    cloudflare,
    account_id,
    async digitalocean(method, path, body) {
      const answer = await fetch(`${apiUrl}/v2${path}`, {
        method,
        headers: {
          authorization: `Bearer ${digitalocean.apiToken}`,
          "content-type": "application/json",
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
      return text === "" ? undefined : JSON.parse(text);
    },
    spaces: objectClient(s3Url, digitalocean.spacesKeyId, digitalocean.spacesSecret),
    s3: objectClient(s3Url, aws.accessKeyId, aws.secretAccessKey),
    ec2: new EC2Client(config),
    rds: new RDSClient(config),
    elastiCache: new ElastiCacheClient(config),
    async sql(database, text) {
      const { server, name } = find("postgres:Database", database).inputs;
      const { host, port, user, password } = server;
      const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
      const ran = await psql(`postgres://${login}@${host}:${port}/${name}`, text);
      if (ran.exitCode !== 0) throw new Error(`${database}: ${ran.stderr}`);
    },
    async redis(system, ...command) {
      const url = variable(variables, system, "REDIS_URL");
      const vendor = system === "agentverse" ? "digitalocean" : "aws";
      const ran = await redisCli(url, command, await authorityFile(estate, stack, vendor));
      if (ran.exitCode !== 0 || ran.stdout.startsWith("ERR"))
        throw new Error(`${command[0]}: ${ran.stdout} ${ran.stderr}`);
    },
    async d1(database, sql) {
      await cloudflare.d1.database.query(find(":D1Database", database).id, { account_id, sql });
    },
  };
}

async function readState(estate: TestEstate, stack: string): Promise<readonly OpenState[]> {
  const { stdout, stderr, exitCode } = await estate.shell(
    `pulumi stack export --show-secrets --stack ${stack}`,
  );
  if (exitCode !== 0) throw new Error(stderr);
  const opened = (_key: string, value: unknown): unknown => {
    const fields = value as Record<string, unknown> | null;
    return typeof value === "object" && fields?.[SIGNATURE_KEY] === SECRET
      ? JSON.parse(String(fields.plaintext))
      : value;
  };
  return JSON.parse(stdout, opened).deployment.resources;
}

/** What a Worker is made of; what is left out stays as it is. */
export interface WorkerChange {
  /** Metadata of the upload: `compatibility_date`, `observability`. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Source of the main module. */
  readonly code?: string;
  /** Bindings by name; null takes one away. */
  readonly bindings?: Readonly<Record<string, object | null>>;
}

/** Uploads a Worker again with something else in it, as the dashboard and wrangler do. */
export async function changeWorker(
  { cloudflare, account_id, find }: Vendors,
  name: string,
  { metadata = {}, code, bindings = {} }: WorkerChange,
): Promise<void> {
  const script = find(":WorkersScript", name);
  const { scripts } = cloudflare.workers;
  const settings = await scripts.scriptAndVersionSettings.get(script.id, { account_id });
  const kept = (settings.bindings ?? []).filter((each) => !Object.hasOwn(bindings, each.name));
  const { compatibility_date, compatibility_flags, observability } = settings;
  const main = script.inputs.mainModule;
  const form = new FormData();
  form.set(
    "metadata",
    JSON.stringify({
      main_module: main,
      compatibility_date,
      compatibility_flags,
      observability,
      ...metadata,
      bindings: [
        ...kept.map((each) => ({ type: "inherit", name: each.name })),
        ...Object.entries(bindings).flatMap(([key, binding]) =>
          binding === null ? [] : [{ ...binding, name: key }],
        ),
      ],
    }),
  );
  const content: string = code ?? script.inputs.content;
  form.set(main, new File([content], main, { type: "application/javascript+module" }));
  await cloudflare.put(`/accounts/${account_id}/workers/scripts/${script.id}`, { body: form });
}
