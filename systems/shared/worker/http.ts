import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type * as z from "zod/mini";

/** An answer that ends the request with `status` and a JSON body `{ error, ...details }`. */
export class ApiError extends HTTPException {
  readonly details: Record<string, unknown>;

  constructor(
    status: ContentfulStatusCode,
    message: string,
    details: Record<string, unknown> = {},
    options: { cause?: unknown } = {},
  ) {
    super(status, { message, cause: options.cause });
    this.details = details;
  }
}

/**
 * Turns every failure into JSON. An unexpected one is logged for the operator and answered
 * without its message, which may quote rows or bindings.
 */
export function answerError(error: Error, c: Context): Response {
  if (error instanceof ApiError) {
    return c.json({ error: error.message, ...error.details }, error.status);
  }
  if (error instanceof HTTPException) {
    return c.json({ error: error.message }, error.status);
  }
  // biome-ignore lint/suspicious/noConsole: a Worker's log is its console.
  console.error(JSON.stringify({ path: c.req.path, error: error.message, stack: error.stack }));
  return c.json({ error: "The request failed inside the service. Try again later." }, 500);
}

export function answerNotFound(c: Context): Response {
  return c.json({ error: `Nothing lives at ${c.req.method} ${c.req.path}.` }, 404);
}

/**
 * Reads and validates a JSON body.
 *
 * @throws ApiError 400 naming each field that is wrong.
 */
export async function readJson<Schema extends z.ZodMiniType>(
  c: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  let body: unknown;
  try {
    body = await c.req.json();
  } catch (cause) {
    throw new ApiError(400, "The body is not JSON. Send a JSON object.", {}, { cause });
  }
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => ({
      field: issue.path.join(".") || "(body)",
      problem: issue.message,
    }));
    const summary = fields.map(({ field, problem }) => `${field}: ${problem}`).join("; ");
    throw new ApiError(400, `The body is not valid: ${summary}.`, { fields });
  }
  return parsed.data;
}
