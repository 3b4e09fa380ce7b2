import { z } from "zod";
import { boundedBody } from "../../bounded-body.ts";
import { checked } from "../envelope.ts";
import type { ApiContext } from "../service.ts";
import { bodyTooLarge, INVALID_REQUEST, invalidArgument } from "./errors.ts";

/** The largest value, in bytes. @see https://developers.cloudflare.com/kv/platform/limits/ */
export const MAX_VALUE_BYTES = 25 * 1024 * 1024;
/** The largest body of a bulk request, in bytes. */
export const MAX_BULK_BYTES = 100 * 1024 * 1024;
/** Room for a multipart body's boundaries and its metadata (1 KiB at most). */
const MULTIPART_ALLOWANCE_BYTES = 16 * 1024;

/** A value to store, with its metadata. */
export interface ValueBody {
  readonly value: ArrayBuffer;
  readonly metadata: unknown;
}

const seconds = z.coerce.number().int().positive();

export const expirationFields = {
  /** Seconds since the epoch. */
  expiration: seconds.optional(),
  /** Seconds from now. */
  expiration_ttl: seconds.optional(),
};

export const expirationQuery = z.object(expirationFields);

/** The body of a put: the value as it is, or a form with `value` and `metadata` (JSON). */
export async function valueBody(context: ApiContext): Promise<ValueBody> {
  const contentType = context.req.header("content-type") ?? "";
  if (!contentType.startsWith("multipart/form-data")) {
    return { value: await bodyOf(context, "put", MAX_VALUE_BYTES), metadata: undefined };
  }
  const bytes = await bodyOf(context, "put", MAX_VALUE_BYTES + MULTIPART_ALLOWANCE_BYTES);
  const form = await new Response(bytes, { headers: { "content-type": contentType } })
    .formData()
    .catch(() => {
      throw invalidArgument("put", "the multipart form cannot be read");
    });
  const value = form.get("value");
  if (value === null) throw invalidArgument("put", "the form has no field `value`");
  const metadata = form.get("metadata");
  return {
    value: typeof value === "string" ? arrayBufferOf(value) : await value.arrayBuffer(),
    metadata: metadata === null ? undefined : parsedMetadata(await textOf(metadata)),
  };
}

/** A bulk request's JSON body by `schema`. */
export async function bulkBody<S extends z.ZodType>(
  context: ApiContext,
  operation: string,
  schema: S,
): Promise<z.infer<S>> {
  const text = new TextDecoder().decode(await bodyOf(context, operation, MAX_BULK_BYTES));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidArgument(operation, "the body is not valid JSON");
  }
  return checked(value, schema, INVALID_REQUEST);
}

export function arrayBufferOf(text: string): ArrayBuffer {
  const bytes = new TextEncoder().encode(text);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

const textOf = (field: string | Blob): Promise<string> =>
  typeof field === "string" ? Promise.resolve(field) : field.text();

function parsedMetadata(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidArgument("put", "the metadata is not valid JSON");
  }
}

async function bodyOf(
  context: ApiContext,
  operation: string,
  limitBytes: number,
): Promise<ArrayBuffer> {
  const body = await boundedBody(context.req.raw, limitBytes);
  if (body === undefined) throw bodyTooLarge(operation, limitBytes);
  return body.buffer;
}
