import { toHex } from "../../shared/worker/encoding.ts";

export interface Stored<T> {
  readonly result: T;
  /** SHA-256 of the content, lower-case hexadecimal. */
  readonly sha256: string;
}

/**
 * Streams `body` into `store` while hashing it; never holds more than a chunk in memory.
 *
 * @param length bytes that the body must have. R2 needs the length up front, and a body that is
 *   longer or shorter makes both this and the store fail.
 */
export async function storeHashed<T>(
  body: ReadableStream<Uint8Array>,
  length: number,
  store: (content: ReadableStream<Uint8Array>) => Promise<T>,
): Promise<Stored<T>> {
  const digest = new crypto.DigestStream("SHA-256");
  const fixed = new FixedLengthStream(length);
  // Both must settle before anything is reported: a rejection that nobody awaits ends the isolate.
  const [stored, pumped] = await Promise.allSettled([
    store(fixed.readable),
    pump(body, digest, fixed.writable),
  ]);
  if (pumped.status === "rejected") {
    throw pumped.reason;
  }
  if (stored.status === "rejected") {
    throw stored.reason;
  }
  return { result: stored.value, sha256: toHex(await digest.digest) };
}

async function pump(
  body: ReadableStream<Uint8Array>,
  digest: DigestStream,
  target: WritableStream<Uint8Array>,
): Promise<void> {
  const hasher = digest.getWriter();
  const sink = target.getWriter();
  try {
    for await (const chunk of body) {
      await hasher.write(chunk);
      await sink.write(chunk);
    }
    await sink.close();
    await hasher.close();
  } catch (error) {
    digest.digest.catch(() => undefined);
    await Promise.allSettled([sink.abort(error), hasher.abort(error)]);
    throw error;
  }
}
