/** The plugin's way to DigitalOcean: the v2 API, and Spaces by its S3 API. */
import { S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { DigitalOceanApi } from "../../../providers/digitalocean-api/client.ts";
import { silenceFault } from "../../../providers/digitalocean-api/fault.ts";
import { ProviderError, VendorFault } from "../../../providers/sdk/fault.ts";

type Config = { readonly [name: string]: string };

/** Where Spaces is unless the configuration or SPACES_ENDPOINT_URL says otherwise. */
const SPACES_ENDPOINT = "https://{{.Region}}.digitaloceanspaces.com";

/** The client that every resource definition is given. */
export class DigitalOceanClient {
  readonly api: DigitalOceanApi;
  readonly #config: Config;
  readonly #spaces = new Map<string, S3Client>();

  /** Throws {@link ProviderError} without a token. */
  constructor(config: Config) {
    this.api = new DigitalOceanApi({ token: config.token, url: config.apiEndpoint });
    this.#config = config;
  }

  /** Spaces in a region. Throws {@link ProviderError} without a Spaces key. */
  spaces(region: string): S3Client {
    const client = this.#spaces.get(region) ?? this.#openSpaces(region);
    this.#spaces.set(region, client);
    return client;
  }

  #openSpaces(region: string): S3Client {
    const accessKeyId = this.#config.spacesAccessId || process.env.SPACES_ACCESS_KEY_ID;
    const secretAccessKey = this.#config.spacesSecretKey || process.env.SPACES_SECRET_ACCESS_KEY;
    if (!accessKeyId || !secretAccessKey)
      throw new ProviderError(
        "The digitalocean provider has no Spaces key. Set SPACES_ACCESS_KEY_ID and SPACES_SECRET_ACCESS_KEY, or give the provider spacesAccessId and spacesSecretKey.",
      );
    const endpoint = this.spacesEndpoint(region);
    return new S3Client({
      endpoint,
      credentials: { accessKeyId, secretAccessKey },
      // Spaces takes every region's signature under this name.
      region: "us-east-1",
      // A bucket's name is no label of an address.
      forcePathStyle: isAddress(endpoint),
      // The plugin's base repeats what may be repeated.
      maxAttempts: 1,
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    });
  }

  /** URL of Spaces in a region, without the bucket. */
  spacesEndpoint(region: string): string {
    return spacesEndpointOf(this.#config).replaceAll(/\{\{\s*\.Region\s*\}\}/g, region);
  }
}

/** The endpoint's template, as the official provider takes it: `{{.Region}}` stands for the region. */
export function spacesEndpointOf(config: Config): string {
  return config.spacesEndpoint || process.env.SPACES_ENDPOINT_URL || SPACES_ENDPOINT;
}

/** A failure of Spaces as {@link VendorFault}; undefined for an error that the SDK did not throw. */
export function spacesFault(error: unknown, endpoint: string): VendorFault | undefined {
  if (!(error instanceof Error)) return undefined;
  if (!(error instanceof S3ServiceException))
    return isSilence(error) ? silenceFault(error, endpoint, "SPACES_ENDPOINT_URL") : undefined;
  const status = error.$metadata.httpStatusCode ?? 0;
  const options = { code: error.name, ...remedyFor(error.name) };
  const message = error.message || `Spaces answered HTTP ${status}`;
  if (CONFLICTS.has(error.name)) return new VendorFault("conflict", message, options);
  if (status === 404) return new VendorFault("not-found", message, options);
  if (status === 429 || status === 503) return new VendorFault("unavailable", message, options);
  if (status === 501) return new VendorFault("refused", message, options);
  if (status >= 500) return new VendorFault("lost", message, options);
  return new VendorFault("refused", message, options);
}

const CONFLICTS: ReadonlySet<string> = new Set(["BucketAlreadyExists", "BucketAlreadyOwnedByYou"]);

function remedyFor(code: string): { remedy?: string } {
  if (code === "BucketNotEmpty")
    return { remedy: "Delete its objects first, or give the bucket forceDestroy." };
  if (code === "InvalidAccessKeyId" || code === "SignatureDoesNotMatch")
    return {
      remedy: "Set the stack's own Spaces key (SPACES_ACCESS_KEY_ID, SPACES_SECRET_ACCESS_KEY).",
    };
  return {};
}

/** Codes of a connection that was not made or was cut. */
const CONNECTION_CODES: ReadonlySet<unknown> = new Set([
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);

/** The SDK's own time-out has a name instead of a code. */
function isSilence(error: Error): boolean {
  return error.name === "TimeoutError" || ("code" in error && CONNECTION_CODES.has(error.code));
}

function isAddress(endpoint: string): boolean {
  const { hostname } = new URL(endpoint);
  return hostname === "localhost" || hostname.startsWith("[") || /^[\d.]+$/.test(hostname);
}
