import { type KeyMaterial, type Range, SHORTEST_NUMBER } from "./der.ts";

const MAGIC = Buffer.from("openssh-key-v1\0");
/** Two equal numbers by which a reader sees that the passphrase was right. */
const CHECK_BYTES = 8;
/** The types of keys begin so. */
const PUBLIC_KEY = /^(?:ssh|ecdsa|sk)-[\w@.-]+$/;

/**
 * Keys in OpenSSH's own formats.
 *
 * @see https://cvsweb.openbsd.org/src/usr.bin/ssh/PROTOCOL.key
 */
export function sshMaterial(bytes: Buffer): KeyMaterial | undefined {
  if (bytes.subarray(0, MAGIC.length).equals(MAGIC))
    return { isPublic: false, numbers: privateNumbers(bytes) };
  const type = stringAt(bytes, 0);
  return type !== undefined && PUBLIC_KEY.test(bytes.toString("latin1", type.from, type.to))
    ? { isPublic: true, numbers: [] }
    : undefined;
}

/** Behind cipher, key derivation, its options, the number of keys and the public key. */
function privateNumbers(bytes: Buffer): Range[] {
  const [, , options] = stringsFrom(bytes, MAGIC.length, 3);
  const [, section] = stringsFrom(bytes, (options?.to ?? bytes.length) + 4, 2);
  if (section === undefined) return [];
  const fields = stringsFrom(bytes.subarray(0, section.to), section.from + CHECK_BYTES);
  const [type] = fields;
  // An encrypted section has no fields that could be read.
  if (type === undefined || !PUBLIC_KEY.test(bytes.toString("latin1", type.from, type.to)))
    return [section];
  return fields
    .map((field) => withoutSign(bytes, field))
    .filter(({ from, to }) => to - from >= SHORTEST_NUMBER && !isName(bytes.subarray(from, to)));
}

/** A comment, a curve, an application. */
const isName = (field: Buffer): boolean => /^[ -~]*$/.test(field.toString("latin1"));

const withoutSign = (bytes: Buffer, { from, to }: Range): Range =>
  bytes[from] === 0 ? { from: from + 1, to } : { from, to };

function stringsFrom(bytes: Buffer, from: number, most = 16): Range[] {
  const strings: Range[] = [];
  for (let at = from; strings.length < most; ) {
    const string = stringAt(bytes, at);
    if (string === undefined) break;
    strings.push(string);
    at = string.to;
  }
  return strings;
}

/** A string with its length, four bytes, before it. */
function stringAt(bytes: Buffer, at: number): Range | undefined {
  if (at + 4 > bytes.length) return undefined;
  const from = at + 4;
  const to = from + bytes.readUInt32BE(at);
  return to > bytes.length ? undefined : { from, to };
}
