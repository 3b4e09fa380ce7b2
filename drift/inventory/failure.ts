/** What a vendor's client threw, in words for the person who runs it. */
import { messageOf } from "../../policy/wording.ts";
import { CLOUDFLARE_API_URL } from "../../providers/cloudflare-api/client-options.ts";
import { cloudflareFault } from "../../providers/cloudflare-api/fault.ts";
import { VendorFault } from "../../providers/sdk/fault.ts";

export interface Failure {
  /** The vendor's own words, without a full stop. */
  readonly said: string;
  /** The vendor knows who asks, and does not let it. */
  readonly forbidden: boolean;
  /** One sentence of what to do, where it is known. */
  readonly remedy: string | undefined;
}

/** Codes by which the vendors say that the credentials are good and have no right. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "UnauthorizedOperation",
  "forbidden",
  "Forbidden",
  "403",
]);

export function failureOf(error: unknown): Failure {
  const fault = error instanceof VendorFault ? error : cloudflareFault(error, CLOUDFLARE_API_URL);
  const said = (fault?.message ?? messageOf(error)).trim().replace(/[.:]+$/, "");
  const code = fault?.code ?? (error instanceof Error ? error.name : "");
  return {
    said,
    forbidden: FORBIDDEN.has(code) || statusOf(error) === 403,
    remedy: fault?.remedy,
  };
}

/** HTTP status in the errors of Cloudflare's and Amazon's clients. */
function statusOf(error: unknown): unknown {
  if (typeof error !== "object" || error === null) return undefined;
  if ("status" in error) return error.status;
  const metadata = "$metadata" in error ? error.$metadata : undefined;
  return typeof metadata === "object" && metadata !== null && "httpStatusCode" in metadata
    ? metadata.httpStatusCode
    : undefined;
}
