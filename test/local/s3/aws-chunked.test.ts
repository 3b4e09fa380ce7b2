import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeAwsChunked } from "../../../local/s3/aws-chunked.ts";

async function decode(pieces: Iterable<Uint8Array>) {
  const trailers: Record<string, string> = {};
  const chunks: Uint8Array[] = [];
  const source = (async function* () {
    yield* pieces;
  })();
  for await (const chunk of decodeAwsChunked(source, {
    proof: undefined,
    onTrailer: (name, value) => {
      trailers[name] = value;
    },
  })) {
    chunks.push(chunk);
  }
  return { body: Buffer.concat(chunks), trailers };
}

function encode(chunks: readonly Uint8Array[], trailer: string): Buffer {
  const parts = chunks
    .filter((chunk) => chunk.length > 0)
    .flatMap((chunk) => [`${chunk.length.toString(16)}\r\n`, chunk, "\r\n"]);
  return Buffer.concat([...parts, "0\r\n", trailer].map((part) => Buffer.from(part)));
}

function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...places, bytes.length].map((end, index) => bytes.subarray(places[index - 1] ?? 0, end));
}

test("any body comes back, however it is chunked and wherever the network cuts it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }),
      fc.array(fc.nat(500), { maxLength: 12 }),
      async (chunks, cuts) => {
        const encoded = encode(chunks, "x-amz-checksum-crc32: AAAAAA==\r\n\r\n");
        const { body, trailers } = await decode(split(encoded, cuts));
        expect(body.equals(Buffer.concat(chunks))).toBe(true);
        expect(trailers).toEqual({ "x-amz-checksum-crc32": "AAAAAA==" });
      },
    ),
  );
});

test("a body without trailers may end with or without a last line", async () => {
  const hello = Buffer.from("hello");
  for (const ending of ["\r\n", ""]) {
    expect((await decode([encode([hello], ending)])).body.equals(hello)).toBe(true);
  }
});

test.each([
  ["ends in a chunk", "5\r\nhel", "IncompleteBody"],
  ["ends before its last chunk", "5\r\nhello\r\n", "IncompleteBody"],
  ["has no length", "hello\r\n", "InvalidRequest"],
  ["has a chunk longer than its length", "3\r\nhello\r\n0\r\n\r\n", "InvalidRequest"],
  ["has an endless line", "1".repeat(10_000), "InvalidRequest"],
])("a body that %s is refused", async (_, text, s3Code) => {
  await expect(decode([Buffer.from(text)])).rejects.toMatchObject({ s3Code });
});
