import type { CorsRule } from "../cloudflare/r2/rules.ts";

/** What a browser asks: from where, by which method, with which request headers. */
export interface CorsQuestion {
  readonly origin: string;
  readonly method: string;
  /** Lower-case names. */
  readonly headers: readonly string[];
}

/** The question in a preflight request (OPTIONS), or in the request itself; undefined when no browser asks. */
export function corsQuestion(request: Request): CorsQuestion | undefined {
  const origin = request.headers.get("origin");
  if (origin === null) return undefined;
  if (request.method !== "OPTIONS") return { origin, method: request.method, headers: [] };
  return {
    origin,
    method: request.headers.get("access-control-request-method") ?? "",
    headers: (request.headers.get("access-control-request-headers") ?? "")
      .toLowerCase()
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== ""),
  };
}

/**
 * The response headers by the first rule that allows what is asked; undefined when none does.
 * @see https://developers.cloudflare.com/r2/buckets/cors/
 */
export function corsHeaders(
  rules: readonly CorsRule[],
  question: CorsQuestion,
): Record<string, string> | undefined {
  const rule = rules.find((candidate) => allows(candidate, question));
  if (rule === undefined) return undefined;
  const { allowed, exposeHeaders = [], maxAgeSeconds } = rule;
  return {
    "access-control-allow-origin": allowed.origins.includes("*") ? "*" : question.origin,
    "access-control-allow-methods": allowed.methods.join(", "),
    ...(question.headers.length > 0
      ? { "access-control-allow-headers": question.headers.join(", ") }
      : {}),
    ...(exposeHeaders.length > 0
      ? { "access-control-expose-headers": exposeHeaders.join(", ") }
      : {}),
    ...(maxAgeSeconds === undefined ? {} : { "access-control-max-age": String(maxAgeSeconds) }),
    vary: "Origin",
  };
}

function allows({ allowed }: CorsRule, { origin, method, headers }: CorsQuestion): boolean {
  return (
    allowed.methods.some((candidate) => candidate === method) &&
    allowed.origins.some((pattern) => matches(pattern, origin)) &&
    headers.every((name) =>
      (allowed.headers ?? []).some((pattern) => matches(pattern.toLowerCase(), name)),
    )
  );
}

/** A pattern may hold one `*`, which stands for any text. */
function matches(pattern: string, text: string): boolean {
  const [start = "", end] = pattern.split("*");
  if (end === undefined) return pattern === text;
  return text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end);
}
