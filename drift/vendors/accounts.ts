/** The accounts of a stack at the vendors, by the credentials that its providers were given. */
import type Cloudflare from "cloudflare";
import { type FactMap, textOf } from "../../isolation/facts.ts";
import {
  CLOUDFLARE_API_URL,
  cloudflareOptions,
} from "../../providers/cloudflare-api/client-options.ts";
import {
  DIGITALOCEAN_API_URL,
  type DigitalOceanApi,
} from "../../providers/digitalocean-api/client.ts";
import type { OpenResource } from "../engine/secrets.ts";
import { PatientDigitalOceanApi } from "./patient-digitalocean.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Clients of the vendors that a stack uses; what it does not use is undefined. */
export interface VendorAccounts {
  readonly cloudflare: CloudflareAccess | undefined;
  readonly digitalocean: DigitalOceanAccess | undefined;
  readonly aws: AwsAccess | undefined;
}

export interface CloudflareAccess {
  readonly client: Cloudflare;
  readonly accountId: string;
}

export interface DigitalOceanAccess {
  readonly api: DigitalOceanApi;
  /** S3 access to Spaces; undefined where the provider has no Spaces key. */
  readonly spaces: S3Access | undefined;
}

/** What an S3 client needs. */
export interface S3Access {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Undefined: the vendor's own, by region. */
  readonly endpoint: string | undefined;
}

export interface AwsAccess extends S3Access {
  readonly region: string;
}

/**
 * The accounts that a stack's providers are configured for. The clients' libraries are loaded when a
 * stack uses them.
 *
 * @param resources of the stack, secrets included.
 * @param env where endpoints may be, as the providers read them.
 */
export async function openAccounts(
  resources: readonly OpenResource[],
  env: Env,
): Promise<VendorAccounts> {
  const configured = (vendor: string) =>
    resources.find(({ type }) => type === `pulumi:providers:${vendor}`)?.inputs;
  const [cloudflare, digitalocean, aws] = ["cloudflare", "digitalocean", "aws"].map(configured);
  return {
    cloudflare: cloudflare && (await openCloudflare(cloudflare, resources, env)),
    digitalocean: digitalocean && openDigitalOcean(digitalocean, env),
    aws: aws && openAws(aws, env),
  };
}

async function openCloudflare(
  config: FactMap,
  resources: readonly OpenResource[],
  env: Env,
): Promise<CloudflareAccess | undefined> {
  const accountId = resources
    .filter(({ type }) => type.startsWith("cloudflare:"))
    .map(({ inputs }) => textOf(inputs.accountId))
    .find((id) => id !== undefined);
  if (accountId === undefined) return undefined;
  const { default: Client } = await import("cloudflare");
  const options = cloudflareOptions("cloudflare", {
    apiToken: required(textOf(config.apiToken) || env.CLOUDFLARE_API_TOKEN, "Cloudflare"),
    baseUrl: textOf(config.baseUrl) || env.CLOUDFLARE_BASE_URL || CLOUDFLARE_API_URL,
  });
  return { accountId, client: new Client({ ...options, maxRetries: RETRIES }) };
}

function openDigitalOcean(config: FactMap, env: Env): DigitalOceanAccess {
  const accessKeyId = textOf(config.spacesAccessId);
  const secretAccessKey = textOf(config.spacesSecretKey);
  return {
    api: new PatientDigitalOceanApi({
      token: required(
        textOf(config.token) || env.DIGITALOCEAN_TOKEN || env.DIGITALOCEAN_ACCESS_TOKEN,
        "DigitalOcean",
      ),
      url: textOf(config.apiEndpoint) || env.DIGITALOCEAN_API_URL || DIGITALOCEAN_API_URL,
    }),
    spaces:
      accessKeyId === undefined || secretAccessKey === undefined
        ? undefined
        : {
            accessKeyId,
            secretAccessKey,
            endpoint: textOf(config.spacesEndpoint) ?? env.SPACES_ENDPOINT_URL,
          },
  };
}

/** The clients would take a token of this process' environment, which may be another account's. */
function required(token: string | undefined, vendor: string): string {
  if (token) return token;
  throw new Error(
    `The stack's ${vendor} provider has no API token, in its state or in the run's environment.`,
  );
}

/** Undefined where the keys are not in the state: the provider took them from a profile or a role. */
function openAws(config: FactMap, env: Env): AwsAccess | undefined {
  const accessKeyId = textOf(config.accessKey);
  const secretAccessKey = textOf(config.secretKey);
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return {
    accessKeyId,
    secretAccessKey,
    region: textOf(config.region) ?? env.AWS_REGION ?? "us-east-1",
    endpoint: env.AWS_ENDPOINT_URL || undefined,
  };
}

/** Everything that a drift run asks is a question, which may be repeated. */
const RETRIES = 2;
