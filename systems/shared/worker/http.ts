import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type * as z from "zod/mini";
import { logError } from "./log.ts";

/** Bytes. Far more than any JSON body of these services needs. */
const MAX_JSON_BYTES = 64 * 1024;

/** An answer that ends the request with `status` and a JSON body `{ error, ...details }`. */
export class ApiError extends HTTPException {
  readonly details: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(
    status: ContentfulStatusCode,
    message: string,
    details: Record<string, unknown> = {},
    options: { cause?: unknown; headers?: Record<string, string> } = {},
  ) {
    super(status, { message, cause: options.cause });
    this.details = details;
    this.headers = options.headers ?? {};
  }
}

/**
 * Turns every failure into JSON. An unexpected one is logged for the operator and answered
 * without its message, which may quote rows or bindings.
 */
export function answerError(error: Error, c: Context): Response {
  if (error instanceof ApiError) {
    return c.json({ error: error.message, ...error.details }, error.status, error.headers);
  }
  if (error instanceof HTTPException) {
    return c.json({ error: error.message }, error.status);
  }
  logError({ path: c.req.path, error: error.message, stack: error.stack });
  return c.json({ error: "The request failed inside the service. Try again later." }, 500);
}

export function answerNotFound(c: Context): Response {
  return c.json({ error: `Nothing lives at ${c.req.method} ${c.req.path}.` }, 404);
}

const limitJsonBody = bodyLimit({
  maxSize: MAX_JSON_BYTES,
  onError: () => {
    throw new ApiError(413, `The body has more than ${MAX_JSON_BYTES} bytes. Send less.`);
  },
});

/**
 * Reads and validates a JSON body, of which it holds no more than 64 KiB in memory.
 *
 * @throws ApiError 400 naming each field that is wrong, 413 for a body that is too large.
 */
export async function readJson<Schema extends z.ZodMiniType>(
  c: Context,
  schema: Schema,
): Promise<z.output<Schema>> {
  let body: unknown;
  await limitJsonBody(c, async () => {
    body = await c.req.json().catch((cause: unknown) => {
      throw new ApiError(400, "The body is not JSON. Send a JSON object.", {}, { cause });
    });
  });
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
