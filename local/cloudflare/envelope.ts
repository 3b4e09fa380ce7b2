import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { z } from "zod";
import type { ApiContext } from "./service.ts";

/**
 * A refusal in the vendor's shape: an HTTP status and the error codes of the v4 envelope.
 * @see https://developers.cloudflare.com/fundamentals/api/reference/deprecations/ and each product's API pages
 */
export class ApiError extends Error {
  readonly status: ContentfulStatusCode;
  readonly code: number;
  readonly chain: readonly { code: number; message: string }[];

  constructor(
    status: ContentfulStatusCode,
    code: number,
    message: string,
    chain: readonly { code: number; message: string }[] = [],
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.chain = chain;
  }
}

/** `{success: true, errors: [], messages: [], result}`, with `result_info` where given. */
export function ok(context: ApiContext, result: unknown, resultInfo?: unknown): Response {
  return context.json({
    result,
    success: true,
    errors: [],
    messages: [],
    ...(resultInfo === undefined ? {} : { result_info: resultInfo }),
  });
}

/** The envelope of a refusal. */
export function refusal(context: ApiContext, error: ApiError): Response {
  return context.json(
    {
      result: null,
      success: false,
      errors: [{ code: error.code, message: error.message }, ...error.chain],
      messages: [],
    },
    error.status,
  );
}

/** One page of `items` by the query's `page` and `per_page`, with the vendor's `result_info`. */
export function okPage<T>(
  context: ApiContext,
  items: readonly T[],
  defaults: { perPage: number; maxPerPage: number },
): Response {
  const page = positive(context.req.query("page")) ?? 1;
  const perPage = Math.min(
    positive(context.req.query("per_page")) ?? defaults.perPage,
    defaults.maxPerPage,
  );
  const slice = items.slice((page - 1) * perPage, page * perPage);
  return ok(context, slice, {
    page,
    per_page: perPage,
    count: slice.length,
    total_count: items.length,
    total_pages: Math.ceil(items.length / perPage),
  });
}

/** The request's JSON body by `schema`, or the refusal `code` naming the first field that is wrong. */
export async function jsonBody<S extends z.ZodType>(
  context: ApiContext,
  schema: S,
  code: number,
): Promise<z.infer<S>> {
  const text = await context.req.text();
  let value: unknown;
  try {
    value = text === "" ? {} : JSON.parse(text);
  } catch {
    throw new ApiError(400, code, "The request body is not valid JSON.");
  }
  return checked(value, schema, code);
}

/** `value` by `schema`, or the refusal `code` naming the first field that is wrong. */
export function checked<S extends z.ZodType>(value: unknown, schema: S, code: number): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") || "body";
  throw new ApiError(400, code, `Invalid property: ${field} => ${issue?.message ?? "invalid"}`);
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? value : undefined;
}
