/** Whether the access keys and API tokens that a stack has made still work. */
import type { ResourceFact } from "../../isolation/facts.ts";
import { cloudflareOptions } from "../../providers/cloudflare-api/client-options.ts";
import type { Difference } from "../finding.ts";
import { s3Client } from "../vendors/s3.ts";
import { spacesIn } from "../vendors/spaces.ts";
import { found, mapsAt, textAt } from "./facts.ts";
import type { ProbeInput } from "./probe.ts";

type Check = () => Promise<readonly Difference[]>;

/** Makes the checks of one type of resource. */
type Checks = (resource: ResourceFact, input: ProbeInput) => Promise<readonly Check[]>;

/** What the vendors answer to a key or a signature that they do not take. */
const REFUSED_KEYS: ReadonlySet<string> = new Set([
  "InvalidAccessKeyId",
  "SignatureDoesNotMatch",
  "InvalidClientTokenId",
]);

const CHECKS: Readonly<Record<string, Checks>> = {
  "digitalocean:index/spacesKey:SpacesKey": async (key, input) => {
    const { digitalocean } = await input.accounts();
    const accessKeyId = textAt(key.outputs, "accessKey");
    const secretAccessKey = textAt(key.outputs, "secretKey");
    const bucket = mapsAt(key.outputs, "grants")
      .map((grant) => textAt(grant, "bucket"))
      .find((name) => name !== undefined);
    if (accessKeyId === undefined || secretAccessKey === undefined || bucket === undefined)
      return [];
    const region = regionOf(bucket, input) ?? "nyc3";
    const { endpoint } = digitalocean?.spaces ?? {};
    const access = spacesIn({ accessKeyId, secretAccessKey, endpoint }, region);
    return [
      async () => {
        const { ListObjectsV2Command } = await import("@aws-sdk/client-s3");
        const client = await s3Client(access, region);
        try {
          await client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }));
          return [];
        } catch (error) {
          return [refusedKey(key, error)];
        } finally {
          client.destroy();
        }
      },
    ];
  },
  "aws:iam/accessKey:AccessKey": async (key, input) => {
    const { aws } = await input.accounts();
    const secretAccessKey = textAt(key.outputs, "secret");
    const accessKeyId = key.id;
    if (accessKeyId === undefined || secretAccessKey === undefined) return [];
    return [
      async () => {
        const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
        const client = new STSClient({
          region: aws?.region ?? "us-east-1",
          credentials: { accessKeyId, secretAccessKey },
          ...(aws?.endpoint === undefined ? {} : { endpoint: aws.endpoint }),
        });
        try {
          await client.send(new GetCallerIdentityCommand({}));
          return [];
        } catch (error) {
          return [refusedKey(key, error)];
        } finally {
          client.destroy();
        }
      },
    ];
  },
  "cloudflare:index/apiToken:ApiToken": tokenCheck((_) => "/user/tokens/verify"),
  "cloudflare:index/accountToken:AccountToken": tokenCheck(
    ({ outputs }) => `/accounts/${textAt(outputs, "accountId")}/tokens/verify`,
  ),
};

/** A check for each key and token that the stack holds. */
export async function keyChecks(
  input: ProbeInput,
  resources: readonly ResourceFact[],
): Promise<readonly Check[]> {
  const checks = await Promise.all(
    resources.map((resource) => CHECKS[resource.type]?.(resource, input) ?? []),
  );
  return checks.flat();
}

/** The finding, where the vendor has refused the key itself; else throws what it said. */
function refusedKey(key: ResourceFact, error: unknown): Difference {
  const code = error instanceof Error ? error.name : "";
  if (!REFUSED_KEYS.has(code)) throw error;
  return found(
    "secret",
    key,
    `The vendor refuses the key ${key.name} with the secret that the stack holds (${code}): it was changed or taken away.`,
  );
}

function tokenCheck(path: (token: ResourceFact) => string): Checks {
  return async (token, input) => {
    const apiToken = textAt(token.outputs, "value");
    const { cloudflare } = await input.accounts();
    if (apiToken === undefined || cloudflare === undefined) return [];
    return [
      async () => {
        const {
          default: Client,
          AuthenticationError,
          BadRequestError,
        } = await import("cloudflare");
        const { baseURL } = cloudflare.client;
        const client = new Client(cloudflareOptions("cloudflare", { apiToken, baseUrl: baseURL }));
        try {
          const { result } = await client.get<{ result: { status: string } }>(path(token));
          return result.status === "active" ? [] : [refusedToken(token, result.status)];
        } catch (error) {
          if (error instanceof AuthenticationError || error instanceof BadRequestError)
            return [refusedToken(token, "refused")];
          throw error;
        }
      },
    ];
  };
}

const refusedToken = (token: ResourceFact, state: string): Difference =>
  found(
    "secret",
    token,
    `The API token ${token.name} is ${state} at Cloudflare: it was rolled or switched off in place.`,
  );

/** The region of a bucket of the stack's. */
const regionOf = (bucket: string, { recorded }: ProbeInput): string | undefined =>
  recorded.resources
    .filter(({ outputs }) => textAt(outputs, "name") === bucket)
    .map(({ outputs }) => textAt(outputs, "region"))
    .find((region) => region !== undefined);
