import { s3Error } from "./errors.ts";
import type { Proof } from "./signature.ts";

/** A chunk's header line, with its signature, is never longer. */
const MAX_LINE_BYTES = 8 * 1024;
/** A signed chunk is held whole until its signature is checked, so its size is bounded. */
const MAX_SIGNED_CHUNK_BYTES = 16 * 1024 * 1024;

const incomplete = () =>
  s3Error(400, "IncompleteBody", "The request body terminated before its last chunk.");
const malformed = () =>
  s3Error(400, "InvalidRequest", "The request body is not in the encoding aws-chunked.");
const forged = () =>
  s3Error(403, "SignatureDoesNotMatch", "The signature of a chunk does not match its content.");

/** How to read the encoding. */
export interface ChunkedOptions {
  /** Checks chunk signatures; undefined where chunks are unsigned. */
  readonly proof: Proof | undefined;
  /** Told each trailing header, before the stream ends. */
  readonly onTrailer: (name: string, value: string) => void;
}

/**
 * Decodes `aws-chunked`: `<hex length>[;chunk-signature=…]\r\n<bytes>\r\n`, a last chunk of length
 * zero, then trailing headers. Fails with S3's refusal where the encoding or a signature is wrong.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export async function* decodeAwsChunked(
  body: AsyncIterable<Uint8Array>,
  { proof, onTrailer }: ChunkedOptions,
): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(body[Symbol.asyncIterator]());
  let prior = proof?.signature.signature ?? "";
  for (;;) {
    const [size = "", ...extensions] = (await reader.line()).split(";");
    if (!/^[0-9a-fA-F]+$/.test(size)) throw malformed();
    const length = Number.parseInt(size, 16);

    if (proof === undefined) {
      yield* reader.bytes(length);
    } else {
      if (length > MAX_SIGNED_CHUNK_BYTES) throw malformed();
      const chunk = await collect(reader.bytes(length));
      const signature = /^chunk-signature=([0-9a-f]{64})$/.exec(extensions[0] ?? "")?.[1] ?? "";
      if (!(await proof.isChunkSignature(chunk, prior, signature))) throw forged();
      prior = signature;
      if (length > 0) yield chunk;
    }
    if (length === 0) break;
    if ((await reader.line()) !== "") throw malformed();
  }
  for (;;) {
    const line = await reader.lineOrEnd();
    if (line === "") return;
    const [name = "", ...value] = line.split(":");
    onTrailer(name.trim().toLowerCase(), value.join(":").trim());
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

/** Reads lines and counted bytes from a stream of chunks of any size. */
class ByteReader {
  private readonly source: AsyncIterator<Uint8Array>;
  private buffered: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterator<Uint8Array>) {
    this.source = source;
  }

  /** Up to the next CRLF, without it. */
  async line(): Promise<string> {
    for (;;) {
      const end = this.buffered.indexOf("\r\n");
      if (end >= 0) {
        const line = this.buffered.toString("latin1", 0, end);
        this.buffered = this.buffered.subarray(end + 2);
        return line;
      }
      if (this.buffered.length > MAX_LINE_BYTES) throw malformed();
      if (!(await this.fill())) throw incomplete();
    }
  }

  /** A line; empty at the body's end, where some clients leave the last CRLF out. */
  async lineOrEnd(): Promise<string> {
    if (this.buffered.length === 0 && !(await this.fill())) return "";
    return this.line();
  }

  async *bytes(length: number): AsyncGenerator<Uint8Array> {
    let left = length;
    while (left > 0) {
      if (this.buffered.length === 0 && !(await this.fill())) throw incomplete();
      const part = this.buffered.subarray(0, left);
      this.buffered = this.buffered.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  private async fill(): Promise<boolean> {
    const { done, value } = await this.source.next();
    if (done === true) return false;
    this.buffered =
      this.buffered.length === 0 ? Buffer.from(value) : Buffer.concat([this.buffered, value]);
    return true;
  }
}
