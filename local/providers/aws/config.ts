/** The provider's configuration: Pulumi's strings and the environment's variables ⇄ typed settings. Pure. */
import { ProviderError } from "../../../providers/sdk/fault.ts";
import type { Properties } from "../../../providers/sdk/properties.ts";
import { optional } from "./rows.ts";

/** Services that this plugin talks to, by their names in `endpoints`. */
export const SERVICES = ["ec2", "elasticache", "rds", "s3", "sts"] as const;
/** One of {@link SERVICES}. */
export type Service = (typeof SERVICES)[number];

/** Tags by key. */
export type Tags = { readonly [key: string]: string };

/** Everything that decides which account is talked to, and how. */
export interface AwsSettings {
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  /** Own endpoints by service; a service without one is AWS itself. */
  readonly endpoints: { readonly [S in Service]?: string };
  readonly s3UsePathStyle: boolean;
  readonly defaultTags: Tags;
  /** Empty: any account. */
  readonly allowedAccountIds: readonly string[];
  readonly forbiddenAccountIds: readonly string[];
  readonly skipCredentialsValidation: boolean;
}

/** The strings that Pulumi gives; values that are not strings are JSON in them. */
export type RawConfig = { readonly [name: string]: string | undefined };

const JSON_NOTE = "As JSON in a string, as the SDK writes it.";
const ACCEPTED = "Accepted, without an effect here.";

/** Configuration that the provider takes. Source: https://www.pulumi.com/registry/packages/aws/installation-configuration/ */
export const configProperties = {
  region: optional("string", "The region; else AWS_REGION or AWS_DEFAULT_REGION."),
  accessKey: optional("string", "The access key id; else AWS_ACCESS_KEY_ID.", { secret: true }),
  secretKey: optional("string", "The secret key; else AWS_SECRET_ACCESS_KEY.", { secret: true }),
  token: optional("string", "The session token; else AWS_SESSION_TOKEN.", { secret: true }),
  endpoints: optional("string", `Own endpoints, a list of {service: url}. ${JSON_NOTE}`),
  s3UsePathStyle: optional("string", `Whether buckets stand in the path of URLs. ${JSON_NOTE}`),
  defaultTags: optional("string", `{tags} that every resource gets. ${JSON_NOTE}`),
  allowedAccountIds: optional("string", `The only accounts that may be changed. ${JSON_NOTE}`),
  forbiddenAccountIds: optional("string", `Accounts that must not be changed. ${JSON_NOTE}`),
  skipCredentialsValidation: optional(
    "string",
    `Whether not to ask STS whom the credentials belong to. ${JSON_NOTE}`,
  ),
  skipMetadataApiCheck: optional("string", ACCEPTED),
  skipRegionValidation: optional("string", ACCEPTED),
  skipRequestingAccountId: optional("string", ACCEPTED),
  s3UsEast1RegionalEndpoint: optional("string", ACCEPTED),
  stsRegion: optional("string", ACCEPTED),
  maxRetries: optional("string", ACCEPTED),
  retryMode: optional("string", ACCEPTED),
} as const satisfies Properties;

/** Settings from the configuration, else from the environment. Throws {@link ProviderError} when they are not enough. */
export function readSettings(config: RawConfig, env: NodeJS.ProcessEnv): AwsSettings {
  const region = regionOf(config, env);
  if (!region)
    throw new ProviderError(
      "The aws provider has no region. Set AWS_REGION, aws:region, or the provider's region.",
    );
  const tags = json(config, "defaultTags", isDefaultTags)?.tags;
  return {
    region,
    credentials: credentialsOf(config, env),
    endpoints: endpointsOf(config, env),
    s3UsePathStyle: json(config, "s3UsePathStyle", isBoolean) ?? false,
    defaultTags: tags ?? {},
    allowedAccountIds: json(config, "allowedAccountIds", isStrings) ?? [],
    forbiddenAccountIds: json(config, "forbiddenAccountIds", isStrings) ?? [],
    skipCredentialsValidation: json(config, "skipCredentialsValidation", isBoolean) ?? false,
  };
}

/** Endpoint of each service: `endpoints`, else AWS_ENDPOINT_URL_SERVICE, else AWS_ENDPOINT_URL. */
export function endpointsOf(config: RawConfig, env: NodeJS.ProcessEnv): AwsSettings["endpoints"] {
  const given = Object.assign({}, ...(json(config, "endpoints", isEndpoints) ?? [])) as Tags;
  const entries = SERVICES.flatMap((service) => {
    const own = given[service] || env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`];
    const url = own || env.AWS_ENDPOINT_URL;
    return url ? [[service, url] as const] : [];
  });
  return Object.fromEntries(entries);
}

/** Names region and endpoints, so that one journal serves several. Never throws. */
export function describeEndpoint(config: RawConfig, env: NodeJS.ProcessEnv): string {
  const region = regionOf(config, env) ?? "";
  try {
    return ["aws", region, ...new Set(Object.values(endpointsOf(config, env)))].join(" ");
  } catch {
    return `aws ${region}`;
  }
}

function regionOf(config: RawConfig, env: NodeJS.ProcessEnv): string | undefined {
  return config.region || env.AWS_REGION || env.AWS_DEFAULT_REGION;
}

/** A pair from one place: half of a pair must not be completed by somebody else's half. */
function credentialsOf(config: RawConfig, env: NodeJS.ProcessEnv): AwsSettings["credentials"] {
  const configured = config.accessKey || config.secretKey;
  const [accessKeyId, secretAccessKey, sessionToken] = configured
    ? [config.accessKey, config.secretKey, config.token]
    : [env.AWS_ACCESS_KEY_ID, env.AWS_SECRET_ACCESS_KEY, env.AWS_SESSION_TOKEN];
  if (!accessKeyId || !secretAccessKey)
    throw new ProviderError(
      configured
        ? "The aws provider has half a pair of credentials. Give it both accessKey and secretKey."
        : "The aws provider has no credentials; files and the metadata service are not asked. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the provider accessKey and secretKey.",
    );
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

function json<T>(
  config: RawConfig,
  name: string,
  fits: (value: unknown) => value is T,
): T | undefined {
  const text = config[name];
  if (text === undefined || text === "") return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (fits(value)) return value;
  } catch {
    // Told below, together with JSON of another form.
  }
  throw new ProviderError(
    `The aws provider's ${name} does not have the form that the package documents. Correct it in the program or the stack's configuration.`,
  );
}

const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";
const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isTags = (value: unknown): value is Tags =>
  isObject(value) && Object.values(value).every((each) => typeof each === "string");
const isStrings = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");
const isEndpoints = (value: unknown): value is readonly Tags[] =>
  Array.isArray(value) && value.every(isTags);
const isDefaultTags = (value: unknown): value is { readonly tags?: Tags } =>
  isObject(value) && (value.tags === undefined || isTags(value.tags));
