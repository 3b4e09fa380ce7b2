import { findTokenById } from "../cloudflare/accounts.ts";
import type { CloudContext } from "../cloudflare/service.ts";
import { invalidArgument, s3Error, unauthorized } from "./errors.ts";
import { type Proof, prove, readSignature, type SigningScope } from "./signature.ts";

/** Who made a request, as its signature proves. */
export interface Caller extends Proof {
  readonly accountId: string;
}

const REGIONS = ["wnam", "enam", "weur", "eeur", "apac", "oc", "auto"];

/** Other names of `auto`. @see https://developers.cloudflare.com/r2/api/s3/api/#bucket-region */
const ALIASES = ["us-east-1", ""];

/**
 * The caller, by Signature Version 4. The access key id is the id of an API token, the secret the
 * SHA-256 of its value, and the account is the token's.
 * @see https://developers.cloudflare.com/r2/api/tokens/#get-s3-api-credentials-from-an-api-token
 */
export async function authenticate(
  cloud: CloudContext,
  request: Request,
  url: URL,
): Promise<Caller> {
  const signature = readSignature(request, url, new Date(), refuseScope);
  const token = findTokenById(cloud, signature.accessKeyId);
  if (token === undefined) throw unauthorized();
  const secret = cloud.vault.open(token.body.s3Secret);
  const proof = await prove(request, url, signature, secret);
  return { accountId: token.body.accountId, ...proof };
}

function refuseScope({ service, region }: SigningScope): void {
  if (service !== "s3") {
    throw invalidArgument(`Credential service should be s3, not ${service}`);
  }
  if (!REGIONS.includes(region) && !ALIASES.includes(region)) {
    throw s3Error(
      400,
      "InvalidRegionName",
      `The region name '${region}' is not valid. Must be one of: ${REGIONS.join(", ")}`,
    );
  }
}
