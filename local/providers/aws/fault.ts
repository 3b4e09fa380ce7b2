/** AWS's errors as {@link VendorFault}. @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
import { type FaultKind, VendorFault } from "../../../providers/sdk/fault.ts";

/** Connection errors after which it is certain that no request reached the vendor. */
const NEVER_SENT: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);

/** Kinds by the vendor's code; the first that fits counts. */
const KINDS: readonly (readonly [RegExp, FaultKind])[] = [
  [/NotFound(Error)?$|^NoSuch/, "not-found"],
  [
    /AlreadyExists$|^BucketAlready|^InvalidGroup\.Duplicate$|^InvalidPermission\.Duplicate$/,
    "conflict",
  ],
  [/^(Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|ServiceUnavailable)/, "unavailable"],
];

/** Codes by which a service says that it does not take the credentials. */
const CREDENTIALS =
  /^(InvalidClientTokenId|SignatureDoesNotMatch|AuthFailure|InvalidAccessKeyId|UnrecognizedClient|ExpiredToken|IncompleteSignature|MissingAuthenticationToken)/;

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    CREDENTIALS,
    "Set the stack's own credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the provider's accessKey and secretKey).",
  ],
  [
    /^(AccessDenied|UnauthorizedOperation|OptInRequired)/,
    "Use the credentials of this environment's own account: no key reaches another's.",
  ],
  [
    /^BucketNotEmpty$/,
    "Delete its objects first, set forceDestroy and run `pulumi up`, or keep the bucket with retainOnDelete.",
  ],
  [/^DependencyViolation$/, "Delete what uses it first."],
  [
    /DeletionProtection|deletion protection/i,
    "Set deletionProtection to false, run `pulumi up`, and delete it then.",
  ],
];

/** How an error of the AWS SDK looks; `$metadata` tells it from any other. */
interface SdkError extends Error {
  readonly $metadata: { readonly httpStatusCode?: number };
}

/** The vendor's own code of an error, as its API reference spells it; undefined for any other error. */
export function awsCode(error: unknown): string | undefined {
  return isSdkError(error) && error.$metadata.httpStatusCode !== undefined
    ? error.name.replace(/(Fault|Exception)$/, "")
    : undefined;
}

/**
 * Tells AWS's failures apart; undefined for an error that the SDK did not throw.
 *
 * @param endpoints URLs that are talked to, for the remedy when none of them answers.
 */
export function awsFault(error: unknown, endpoints: readonly string[]): VendorFault | undefined {
  if (error instanceof VendorFault) return error;
  if (!isSdkError(error)) return silence(error, endpoints);
  const status = error.$metadata.httpStatusCode;
  if (status === undefined) return silence(error, endpoints);
  const code = awsCode(error) ?? "";
  const message = error.message && error.message !== "UnknownError" ? error.message : "";
  return new VendorFault(kindOf(code, status), message || `AWS answered HTTP ${status}`, {
    code,
    ...remedyFor(`${code} ${message}`, code),
    cause: new Error(`HTTP ${status}`),
  });
}

/** Gives undefined instead of the vendor's "not found". */
export async function orMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (awsFault(error, [])?.kind === "not-found") return undefined;
    throw error;
  }
}

function kindOf(code: string, status: number): FaultKind {
  const kind = KINDS.find(([pattern]) => pattern.test(code))?.[1];
  if (kind !== undefined) return kind;
  if (status === 404) return "not-found";
  if (status === 429 || status === 503) return "unavailable";
  // What is not implemented was not carried out either.
  return status >= 500 && status !== 501 ? "lost" : "refused";
}

function remedyFor(text: string, code: string): { remedy?: string } {
  const remedy = REMEDIES.find(([pattern]) => pattern.test(code) || pattern.test(text))?.[1];
  return remedy === undefined ? {} : { remedy };
}

/** A connection that failed before an answer came; undefined for an error of another kind. */
function silence(error: unknown, endpoints: readonly string[]): VendorFault | undefined {
  const code = connectionCode(error);
  if (code === undefined) return undefined;
  const local = endpoints.find((url) => /^https?:\/\/(127\.|localhost|\[::1\])/.test(url));
  return new VendorFault(
    NEVER_SENT.has(code) ? "unavailable" : "lost",
    `${local ?? "AWS"} does not answer`,
    {
      code,
      remedy: local
        ? "Start the local cloud with `npx bulkhead local up` and run the command again."
        : "Check the network and AWS_ENDPOINT_URL, and run the command again.",
    },
  );
}

/** System calls' errors and the SDK's own names for a connection that broke or took too long. */
function connectionCode(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ("code" in each && typeof each.code === "string" && /^E[A-Z_]+$/.test(each.code))
      return each.code;
    if (each.name === "TimeoutError") return each.name;
    if (/socket hang up/.test(each.message)) return "ECONNRESET";
  }
  return undefined;
}

function isSdkError(error: unknown): error is SdkError {
  return error instanceof Error && "$metadata" in error;
}
