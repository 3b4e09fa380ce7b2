/** The way to AWS: one client per service and region, made and loaded at first use. */
import { ProviderError } from "../../../providers/sdk/fault.ts";
import { retrying } from "../../../providers/sdk/retry.ts";
import {
  type AwsSettings,
  type RawConfig,
  readSettings,
  type Service,
  type Tags,
} from "./config.ts";
import { awsFault } from "./fault.ts";

/** Loads a service's part of the SDK: 0.1 s for EC2, which a preview without changes never needs. */
const LOADERS = {
  ec2: async () => (await import("./services/ec2.ts")).openEc2,
  elasticache: async () => (await import("./services/elasticache.ts")).openElastiCache,
  rds: async () => (await import("./services/rds.ts")).openRds,
  s3: async () => (await import("./services/s3.ts")).openS3,
  sts: async () => (await import("./services/sts.ts")).openSts,
} as const;

type Opened<S extends Service> = ReturnType<Awaited<ReturnType<(typeof LOADERS)[S]>>>;

/** What every resource definition is given. */
export class AwsClient {
  readonly settings: AwsSettings;
  readonly #services = new Map<string, Promise<unknown>>();
  #account: Promise<string> | undefined;

  constructor(settings: AwsSettings) {
    this.settings = settings;
  }

  /** The region of a resource: its own, else the provider's. */
  regionOf(resource: { readonly region?: string | null | undefined }): string {
    return resource.region || this.settings.region;
  }

  get defaultTags(): Tags {
    return this.settings.defaultTags;
  }

  ec2 = (resource: Regional): Promise<Opened<"ec2">> => this.#open("ec2", resource);
  elasticache = (resource: Regional): Promise<Opened<"elasticache">> =>
    this.#open("elasticache", resource);
  rds = (resource: Regional): Promise<Opened<"rds">> => this.#open("rds", resource);
  s3 = (resource: Regional): Promise<Opened<"s3">> => this.#open("s3", resource);
  sts = (): Promise<Opened<"sts">> => this.#open("sts", {});

  /** The account that the credentials belong to, as STS says. */
  account(): Promise<string> {
    this.#account ??= this.#askAccount();
    return this.#account;
  }

  async #askAccount(): Promise<string> {
    const attempt = "Could not ask AWS whom the credentials belong to";
    const toFault = (error: unknown) => awsFault(error, Object.values(this.settings.endpoints));
    const sts = await this.sts();
    const { signal } = new AbortController();
    const { Account } = await retrying(attempt, signal, toFault, () => sts.getCallerIdentity({}));
    if (Account) return Account;
    throw new ProviderError(`${attempt}: STS named no account. Check AWS_ENDPOINT_URL.`);
  }

  #open<S extends Service>(service: S, resource: Regional): Promise<Opened<S>> {
    const region = this.regionOf(resource);
    const key = `${service} ${region}`;
    const opened = this.#services.get(key) ?? this.#load(service, region);
    this.#services.set(key, opened);
    return opened as Promise<Opened<S>>;
  }

  async #load(service: Service, region: string): Promise<unknown> {
    const { credentials, endpoints, s3UsePathStyle } = this.settings;
    const endpoint = endpoints[service];
    const open = await LOADERS[service]();
    return open({
      region,
      credentials,
      ...(endpoint ? { endpoint } : {}),
      ...(service === "s3" ? { forcePathStyle: s3UsePathStyle } : {}),
      // The plugin base repeats what may be repeated; the SDK would also repeat a creation.
      maxAttempts: 1,
    });
  }
}

/** A thing with a region of its own, perhaps. */
export type Regional = { readonly region?: string | null | undefined };

/** Opens the client; throws {@link ProviderError} for credentials of an account that is not allowed. */
export async function connect(config: RawConfig): Promise<AwsClient> {
  const client = new AwsClient(readSettings(config, process.env));
  const { allowedAccountIds, forbiddenAccountIds, skipCredentialsValidation } = client.settings;
  const restricted = allowedAccountIds.length + forbiddenAccountIds.length > 0;
  if (skipCredentialsValidation && !restricted) return client;
  const account = await client.account();
  const allowed = allowedAccountIds.length === 0 || allowedAccountIds.includes(account);
  if (allowed && !forbiddenAccountIds.includes(account)) return client;
  const rule = allowed
    ? "which forbiddenAccountIds names"
    : `which allowedAccountIds does not name (${allowedAccountIds.join(", ")})`;
  throw new ProviderError(
    `The credentials of the aws provider belong to the account ${account}, ${rule}. Use the credentials of this stack's own account.`,
  );
}
