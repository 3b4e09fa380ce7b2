import { ApiError } from "../envelope.ts";

/** The vendor's error codes for Workers KV, as its API answers them. */
const CODES = {
  keyNotFound: 10009,
  invalidRequest: 10011,
  namespaceNotFound: 10013,
  titleTaken: 10014,
  invalidTitle: 10019,
  invalidArgument: 10022,
  valueTooLarge: 10033,
} as const;

export const INVALID_REQUEST = CODES.invalidRequest;

export const keyNotFound = () => new ApiError(404, CODES.keyNotFound, "get: 'key not found'");

export const namespaceNotFound = () =>
  new ApiError(404, CODES.namespaceNotFound, "get namespace: 'namespace not found'");

export const titleTaken = (operation: "create" | "rename") =>
  new ApiError(
    400,
    CODES.titleTaken,
    `${operation} namespace: 'a namespace with this account ID and title already exists'`,
  );

export const invalidTitle = (reason: string) =>
  new ApiError(400, CODES.invalidTitle, `create namespace: '${reason}'`);

export const invalidArgument = (operation: string, reason: string) =>
  new ApiError(400, CODES.invalidArgument, `${operation}: '${reason}'`);

export const bodyTooLarge = (operation: string, limitBytes: number) =>
  new ApiError(
    413,
    CODES.valueTooLarge,
    `${operation}: 'the body is larger than the limit of ${limitBytes} bytes'`,
  );

/** `KV PUT failed: 400 Invalid expiration_ttl of 5. …`, as the runtime words a refusal. */
const RUNTIME_REFUSAL = /^KV \w+ failed: (4\d\d) (.+)$/s;

/** The vendor's refusal for what the runtime refused, or the error itself when it is another. */
export function runtimeRefusal(operation: string, error: unknown): unknown {
  const match = error instanceof Error ? RUNTIME_REFUSAL.exec(error.message) : null;
  const reason = match?.[2];
  return reason === undefined ? error : invalidArgument(operation, reason.trim());
}
