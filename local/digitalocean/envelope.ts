import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { z } from "zod";
import type { DigitalOceanContext } from "./service.ts";

/**
 * A refusal in the vendor's shape `{id, message, request_id}`.
 * @see https://docs.digitalocean.com/reference/api/intro/#statuses
 */
export class ApiError extends Error {
  readonly status: ContentfulStatusCode;
  /** `not_found`, `unprocessable_entity`, … */
  readonly id: string;

  constructor(status: ContentfulStatusCode, id: string, message: string) {
    super(message);
    this.status = status;
    this.id = id;
  }
}

export const notFound = (thing: string): ApiError =>
  new ApiError(404, "not_found", `The ${thing} you requested could not be found.`);

export const unprocessable = (message: string): ApiError =>
  new ApiError(422, "unprocessable_entity", message);

export const conflict = (message: string): ApiError => new ApiError(409, "conflict", message);

/** `{[key]: page, links, meta: {total}}` by the query's `page` and `per_page`. */
export function page<T>(
  context: DigitalOceanContext,
  key: string,
  items: readonly T[],
  describe: (item: T) => unknown,
): Response {
  const perPage = Math.min(positive(context.req.query("per_page")) ?? 20, 200);
  const number = positive(context.req.query("page")) ?? 1;
  const last = Math.max(1, Math.ceil(items.length / perPage));
  const at = (to: number) => {
    const url = new URL(context.req.url);
    url.searchParams.set("page", String(to));
    url.searchParams.set("per_page", String(perPage));
    return url.href;
  };
  const forward = number < last ? { next: at(number + 1), last: at(last) } : {};
  const back = number > 1 ? { first: at(1), prev: at(number - 1) } : {};
  const pages = { ...back, ...forward };
  return context.json({
    [key]: items.slice((number - 1) * perPage, number * perPage).map(describe),
    links: Object.keys(pages).length > 0 ? { pages } : {},
    meta: { total: items.length },
  });
}

/** The request's JSON body by `schema`, or a refusal that names the first field that is wrong. */
export async function jsonBody<S extends z.ZodType>(
  context: DigitalOceanContext,
  schema: S,
): Promise<z.infer<S>> {
  const text = await context.req.text();
  let value: unknown;
  try {
    value = text === "" ? {} : JSON.parse(text);
  } catch {
    throw new ApiError(400, "bad_request", "The request body is not valid JSON.");
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") || "body";
  throw unprocessable(`${field}: ${issue?.message ?? "is invalid"}`);
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? value : undefined;
}
