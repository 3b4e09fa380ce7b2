import { z } from "zod";
import type { KvBinding } from "../../runtime/account-runtime.ts";
import { arrayBufferOf, expirationFields, type ValueBody } from "./bodies.ts";
import { runtimeRefusal } from "./errors.ts";

/** Keys of one bulk write or deletion, at most. */
const MAX_BULK_KEYS = 10_000;
/** Keys of one bulk read, at most. */
const MAX_BULK_GET_KEYS = 100;
/** Operations of one bulk request that run at the same time. */
const PARALLEL_OPERATIONS = 50;

export const bulkPutBody = z
  .array(
    z.object({
      key: z.string().min(1),
      value: z.string(),
      /** Whether `value` is base64 of the bytes to store. */
      base64: z.boolean().optional(),
      metadata: z.unknown().optional(),
      ...expirationFields,
    }),
  )
  .max(MAX_BULK_KEYS);

export const bulkDeleteBody = z
  .array(z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]))
  .max(MAX_BULK_KEYS);

export const bulkGetBody = z.object({
  keys: z.array(z.string()).max(MAX_BULK_GET_KEYS),
  type: z.enum(["text", "json"]).default("text"),
  withMetadata: z.boolean().default(false),
});

export interface Expiration {
  readonly expiration?: number | undefined;
  readonly expiration_ttl?: number | undefined;
}

/** Stores one value. Throws the vendor's refusal when a limit is passed. */
export async function putValue(
  namespace: KvBinding,
  key: string,
  { value, metadata }: ValueBody,
  { expiration, expiration_ttl }: Expiration,
): Promise<void> {
  try {
    await namespace.put(key, value, {
      ...(metadata === undefined ? {} : { metadata }),
      ...(expiration === undefined ? {} : { expiration }),
      ...(expiration_ttl === undefined ? {} : { expirationTtl: expiration_ttl }),
    });
  } catch (error) {
    throw runtimeRefusal("put", error);
  }
}

/** When the key expires, in seconds since the epoch; undefined when never. */
export async function expirationOf(namespace: KvBinding, key: string): Promise<number | undefined> {
  // Keys are listed in order, so the key itself comes before all others that begin with it.
  const { keys } = await namespace.list({ prefix: key, limit: 1 });
  const [first] = keys;
  return first?.name === key ? first.expiration : undefined;
}

export async function bulkPut(
  namespace: KvBinding,
  entries: z.infer<typeof bulkPutBody>,
): Promise<void> {
  await inBatches(entries, ({ key, value, base64, metadata, ...expiration }) =>
    putValue(
      namespace,
      key,
      { value: base64 === true ? decodedBase64(value) : arrayBufferOf(value), metadata },
      expiration,
    ),
  );
}

export async function bulkDelete(namespace: KvBinding, keys: readonly string[]): Promise<void> {
  await inBatches(keys, (key) => namespace.delete(key));
}

/** The values of the keys; null where a key does not exist. */
export async function bulkGet(
  namespace: KvBinding,
  { keys, type, withMetadata }: z.infer<typeof bulkGetBody>,
): Promise<Record<string, unknown>> {
  const entries: [string, unknown][] = [];
  await inBatches(keys, async (key) => {
    const { value: text, metadata } = await namespace.getWithMetadata(key, "text");
    const value = text === null || type === "text" ? text : parsedOrText(text);
    if (!withMetadata || value === null) {
      entries.push([key, value]);
      return;
    }
    const expiration = await expirationOf(namespace, key);
    entries.push([key, { value, metadata, ...(expiration === undefined ? {} : { expiration }) }]);
  });
  return Object.fromEntries(entries);
}

function parsedOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function decodedBase64(text: string): ArrayBuffer {
  const bytes = Buffer.from(text, "base64");
  return new Uint8Array(bytes).buffer;
}

async function inBatches<T>(
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < items.length; start += PARALLEL_OPERATIONS) {
    await Promise.all(items.slice(start, start + PARALLEL_OPERATIONS).map(work));
  }
}
