/** Cloudflare's errors as {@link VendorFault}. Source: https://developers.cloudflare.com/fundamentals/api/troubleshooting/ */
import { APIConnectionError, APIError } from "cloudflare/error";
import { VendorFault } from "../sdk/fault.ts";

/** Connection errors after which it is certain that no request reached the vendor. */
const NEVER_SENT: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);

/** R2's code for deleting a bucket that holds objects. */
const BUCKET_NOT_EMPTY = 10008;

/**
 * Tells Cloudflare's failures apart; undefined for an error that the SDK did not throw.
 * The message is made of the vendor's codes and words only: the SDK's own message quotes the body.
 */
export function cloudflareFault(error: unknown, baseUrl: string): VendorFault | undefined {
  if (error instanceof APIConnectionError) return silence(error, baseUrl);
  if (!(error instanceof APIError) || typeof error.status !== "number") return undefined;
  const { status } = error;
  const first = error.errors[0];
  const said = error.errors.map((each) => each.message).filter(Boolean);
  const message = said.length > 0 ? said.join("; ") : `Cloudflare answered HTTP ${status}`;
  const options = {
    ...(first?.code === undefined ? {} : { code: String(first.code) }),
    ...remedyFor(status, first?.code),
    cause: new Error(`HTTP ${status}`),
  };
  if (status === 404) return new VendorFault("not-found", message, options);
  if (status === 409) return new VendorFault("conflict", message, options);
  if (status === 429 || status === 503) return new VendorFault("unavailable", message, options);
  if (status >= 500) return new VendorFault("lost", message, options);
  return new VendorFault("refused", message, options);
}

/**
 * Runs a creation and reports one of these vendor codes as a conflict: Cloudflare answers a taken
 * name with 400 in some APIs and 409 in others.
 */
export async function conflictOn<T>(
  codes: readonly number[],
  work: () => PromiseLike<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    const found = error.errors.find((each) => codes.includes(each.code ?? 0));
    if (found === undefined) throw error;
    throw new VendorFault("conflict", found.message ?? "the name is taken", {
      code: String(found.code),
    });
  }
}

/** Gives undefined instead of the vendor's 404. */
export async function orMissing<T>(work: PromiseLike<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof APIError && error.status === 404) return undefined;
    throw error;
  }
}

function silence(error: APIConnectionError, baseUrl: string): VendorFault {
  const code = connectionCode(error);
  const loopback = /^https?:\/\/(127\.|localhost|\[::1\])/.test(baseUrl);
  const remedy = loopback
    ? "Start the local cloud with `npx bulkhead local up` and run the command again."
    : "Check the network and CLOUDFLARE_BASE_URL, and run the command again.";
  return new VendorFault(
    code !== undefined && NEVER_SENT.has(code) ? "unavailable" : "lost",
    `${baseUrl} does not answer`,
    { ...(code === undefined ? {} : { code }), remedy },
  );
}

function connectionCode(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause)
    if ("code" in each && typeof each.code === "string") return each.code;
  return undefined;
}

function remedyFor(status: number, code: number | undefined): { remedy?: string } {
  if (code === BUCKET_NOT_EMPTY)
    return { remedy: "Delete its objects first, or keep the bucket with retainOnDelete." };
  if (status === 401)
    return {
      remedy: "Set the stack's Cloudflare API token (CLOUDFLARE_API_TOKEN or cloudflare:apiToken).",
    };
  if (status === 403)
    return {
      remedy: "Use the API token of this environment's own account: no token reaches another's.",
    };
  return {};
}
