/** A part of some bytes. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** What a structured binary holds. */
export interface KeyMaterial {
  /** Everybody may have it: a certificate, a public key. */
  readonly isPublic: boolean;
  /** Where the random numbers are, the rest being structure that many have in common. */
  readonly numbers: readonly Range[];
}

/** Bytes of the shortest number that is worth a guess. */
export const SHORTEST_NUMBER = 16;
/** Objects within objects; keys have six. */
const DEEPEST = 16;

interface DerObject extends Range {
  readonly tag: number;
}

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_ID = 0x06;
const SEQUENCE = 0x30;
const CONSTRUCTED = 0x20;
const CONTEXT = 0x80;

/**
 * Private and public keys, certificates and key stores in DER: PKCS #1, #8 and #12, SEC 1, X.509.
 * Undefined for everything else.
 */
export function derMaterial(bytes: Buffer): KeyMaterial | undefined {
  const whole = objectsIn(bytes, { from: 0, to: bytes.length });
  const [outer] = whole ?? [];
  if (whole?.length !== 1 || outer?.tag !== SEQUENCE) return undefined;
  const parts = objectsIn(bytes, outer);
  if (parts === undefined || parts.length < 2) return undefined;
  return { isPublic: isPublic(parts), numbers: [...numbersIn(bytes, outer, false, 0)] };
}

/** A public key or a signature ends it, or it is a public number with a small exponent. */
function isPublic(parts: readonly DerObject[]): boolean {
  const [first, second] = parts;
  if (parts.at(-1)?.tag === BIT_STRING) return true;
  if (parts.length !== 2 || first?.tag !== INTEGER || second?.tag !== INTEGER) return false;
  return first.to - first.from >= SHORTEST_NUMBER && second.to - second.from < SHORTEST_NUMBER;
}

/** @param isNamed whether an object id names what is in it: parameters, such as those of a known group */
function* numbersIn(
  bytes: Buffer,
  parent: Range,
  isNamed: boolean,
  depth: number,
): Generator<Range, void> {
  const objects = objectsIn(bytes, parent) ?? [];
  const areNamed = isNamed || objects[0]?.tag === OBJECT_ID;
  for (const object of objects) {
    const isContent = object.tag === OCTET_STRING;
    if (depth < DEEPEST && isNested(bytes, object))
      yield* numbersIn(bytes, object, areNamed && !isContent, depth + 1);
    else if (object.tag === INTEGER ? !areNamed : isOctets(object))
      yield* longEnough(bytes, object);
  }
}

const isOctets = ({ tag }: DerObject): boolean =>
  tag === OCTET_STRING || (tag & (CONTEXT | CONSTRUCTED)) === CONTEXT;

function isNested(bytes: Buffer, object: DerObject): boolean {
  if ((object.tag & CONSTRUCTED) !== 0) return true;
  const [inner] = objectsIn(bytes, object) ?? [];
  return object.tag === OCTET_STRING && (inner?.tag === SEQUENCE || inner?.tag === OCTET_STRING);
}

/** Without the zero before a number whose first bit is set. */
function* longEnough(bytes: Buffer, { from, to }: Range): Generator<Range, void> {
  const first = bytes[from] === 0 ? from + 1 : from;
  if (to - first >= SHORTEST_NUMBER) yield { from: first, to };
}

/** The objects that fill a range exactly; undefined where they do not. */
function objectsIn(bytes: Buffer, { from, to }: Range): DerObject[] | undefined {
  const objects: DerObject[] = [];
  for (let at = from; at < to; ) {
    const object = objectAt(bytes, at, to);
    if (object === undefined) return undefined;
    objects.push(object);
    at = object.to;
  }
  return objects;
}

function objectAt(bytes: Buffer, at: number, end: number): DerObject | undefined {
  const tag = bytes[at];
  const short = bytes[at + 1];
  if (tag === undefined || short === undefined || at + 2 > end) return undefined;
  const lengthBytes = short < 0x80 ? 0 : short & 0x7f;
  const from = at + 2 + lengthBytes;
  if ((short >= 0x80 && (lengthBytes === 0 || lengthBytes > 4)) || from > end) return undefined;
  const length = lengthBytes === 0 ? short : bytes.readUIntBE(at + 2, lengthBytes);
  return from + length > end ? undefined : { tag, from, to: from + length };
}
