import { fromHex, toHex } from "../../shared/worker/encoding.ts";

export interface PartRow {
  readonly part_number: number;
  readonly etag: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  readonly size_bytes: number;
}

/** Why these parts, in order, are not yet the announced file; `undefined` when they are. */
export function partProblems(
  parts: readonly PartRow[],
  announcedBytes: number,
): string | undefined {
  const gap = parts.findIndex((part, index) => part.part_number !== index + 1);
  if (gap >= 0) {
    return `Part ${gap + 1} has not been uploaded.`;
  }
  const received = parts.reduce((sum, part) => sum + part.size_bytes, 0);
  return received === announcedBytes
    ? undefined
    : `The parts hold ${received} bytes, the upload announced ${announcedBytes}.`;
}

/**
 * `<SHA-256 of the parts' SHA-256 digests>-<number of parts>`: the form S3 uses for objects in
 * parts, computable without reading the object again.
 */
export async function combinedChecksum(parts: readonly PartRow[]): Promise<string> {
  const digests = fromHex(parts.map((part) => part.sha256).join(""));
  return `${toHex(await crypto.subtle.digest("SHA-256", digests))}-${parts.length}`;
}
