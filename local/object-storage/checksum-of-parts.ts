import { createHash } from "node:crypto";
import { checksumOfHeader } from "../s3/checksums.ts";

/** A part's checksum and length. */
export interface PartChecksum {
  /** Base64. */
  readonly value: string;
  /** Bytes. */
  readonly size: number;
}

/** Reflected polynomials of the checksums that can be put together, and their length in bits. */
const POLYNOMIALS: Readonly<
  Record<string, { readonly polynomial: bigint; readonly bits: number }>
> = {
  "x-amz-checksum-crc32": { polynomial: 0xedb88320n, bits: 32 },
  "x-amz-checksum-crc32c": { polynomial: 0x82f63b78n, bits: 32 },
  "x-amz-checksum-crc64nvme": { polynomial: 0x9a6c9329ac4bc9b5n, bits: 64 },
};

/** Whether the checksum of a whole can be computed from those of its parts. */
export const isLinear = (header: string): boolean => header in POLYNOMIALS;

/** The entity tag of an object uploaded in parts, by the hexadecimal MD5 of each. */
export function etagOfParts(etags: readonly string[]): string {
  const all = createHash("md5")
    .update(Buffer.from(etags.join(""), "hex"))
    .digest("hex");
  return `${all}-${etags.length}`;
}

/** The checksum of the parts' checksums: `<base64>-<number of parts>`. */
export async function compositeChecksum(
  header: string,
  parts: readonly PartChecksum[],
): Promise<string> {
  const checksum = checksumOfHeader(header);
  if (checksum === undefined) throw new Error(`There is no checksum ${header}.`);
  for (const { value } of parts) checksum.update(Buffer.from(value, "base64"));
  return `${Buffer.from(await checksum.digest()).toString("base64")}-${parts.length}`;
}

/**
 * The checksum of all bytes, by those of the parts. What comes after bytes with the checksum c multiplies c,
 * as a polynomial, by x to the number of its bits.
 */
export function fullObjectChecksum(header: string, parts: readonly PartChecksum[]): string {
  const field = POLYNOMIALS[header];
  if (field === undefined) throw new Error(`Checksums ${header} cannot be put together.`);
  const { polynomial, bits } = field;
  const sum = parts.reduce((before, { value, size }) => {
    const checksum = BigInt(`0x${Buffer.from(value, "base64").toString("hex")}`);
    return (
      multiply(before, power(BigInt(size) * 8n, polynomial, bits), polynomial, bits) ^ checksum
    );
  }, 0n);
  return Buffer.from(sum.toString(16).padStart(bits / 4, "0"), "hex").toString("base64");
}

/** x to the `exponent`, modulo the polynomial. */
function power(exponent: bigint, polynomial: bigint, bits: number): bigint {
  const one = 1n << BigInt(bits - 1);
  let [result, square] = [one, one >> 1n];
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = multiply(result, square, polynomial, bits);
    square = multiply(square, square, polynomial, bits);
  }
  return result;
}

/** The product modulo the polynomial; the highest bit is the coefficient of x to the 0. */
function multiply(a: bigint, b: bigint, polynomial: bigint, bits: number): bigint {
  let [product, shifted] = [0n, b];
  for (let bit = 1n << BigInt(bits - 1); bit > 0n; bit >>= 1n) {
    if ((a & bit) !== 0n) product ^= shifted;
    shifted = (shifted & 1n) === 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
  }
  return product;
}
