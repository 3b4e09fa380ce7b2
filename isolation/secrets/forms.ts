import { canonical } from "./canonical.ts";
import { binaryIn, isDisguised, readingsOf, SHORTEST_VALUE } from "./decodings.ts";
import { derMaterial, type KeyMaterial } from "./der.ts";
import { type Part, partsOf } from "./parts.ts";
import { isPublicBlock, replacePem } from "./pem.ts";
import { CUT, LONGEST_PIECE, randomPieces, undividedRuns } from "./pieces.ts";
import { IDENTIFIER_NAME } from "./secret-names.ts";
import { chosenShingles, SHINGLE_LENGTH } from "./shingles.ts";
import { sshMaterial } from "./ssh.ts";
import { estimateBits, holdsChosen, looksRandom, UNGUESSABLE_BITS } from "./strength.ts";

/** What of a text is compared with what of other texts. */
export interface Forms {
  /** What only chance makes: nobody finds it by trying. */
  readonly random: ReadonlySet<string>;
  /** What somebody may have thought of, which takes a hash that is slow to try. */
  readonly guessable: ReadonlySet<string>;
  /** Shingles of random texts. */
  readonly shingles: ReadonlySet<string>;
  /** The secrets in it, each as it stands there, in every reading of the text. */
  readonly pieces: ReadonlySet<string>;
}

/** Bits below which a part of a value says nothing: `postgres`, the name of an environment. */
const LEAST_BITS_OF_A_PART = 14;
const SHINGLE_BITS = 96;
/** Bytes of which keys have a multiple. */
const KEY_BLOCK = 16;
/** Values within values; a token in a header in JSON in a variable has four. */
const DEEPEST = 8;

/** What a text is to the one around it: all of it, a secret by its place or name, or anything. */
type Role = "whole" | "secret" | "part";

/** Forms of a text, of what it encodes and of what it contains. Linear in its length. */
export function formsOf(text: string): Forms {
  const reader = new FormReader();
  reader.visit(text, "whole", 0);
  return reader;
}

/** What was seen in a text. */
interface Scan {
  readonly text: string;
  /** Something random. */
  readonly isFound: boolean;
  /** Something that looks random and is not: an identifier, another text in disguise, structure. */
  readonly isCut: boolean;
}

class FormReader implements Forms {
  readonly random = new Set<string>();
  readonly guessable = new Set<string>();
  readonly shingles = new Set<string>();
  readonly pieces = new Set<string>();
  /** Whether a text that was visited holds something random. */
  readonly #visited = new Map<string, boolean>();

  /** @returns whether something random was found */
  visit(text: string, role: Role, depth: number): boolean {
    if (depth > DEEPEST || text.length < SHORTEST_VALUE) return false;
    const key = role + text;
    const known = this.#visited.get(key);
    if (known !== undefined) return known;
    this.#visited.set(key, false);
    const { steps, bare } = readingsOf(text);
    let isFound = false;
    for (const step of steps)
      for (const part of partsOf(step)) isFound = this.#visitPart(part, step, depth) || isFound;
    const scans = [...bare].map((each) => this.#scan(each, depth));
    isFound ||= scans.some((scan) => scan.isFound);
    // A value that holds a secret is as good as that secret; to hash the rest with it helps nobody.
    if (!isFound) for (const scan of scans) isFound = this.#readWhole(scan, role) || isFound;
    this.#visited.set(key, isFound);
    return isFound;
  }

  #visitPart({ text, isSecret }: Part, whole: string, depth: number): boolean {
    if (text === whole) return false;
    // The pieces of the whole text are those of its parts, but for what the notation hides.
    const plain = text.replace(/\s+/g, "").toLowerCase();
    if (!isSecret && !looksRandom(plain, UNGUESSABLE_BITS) && !isDisguised(text)) return false;
    return this.visit(text, isSecret ? "secret" : "part", depth + 1);
  }

  #readWhole({ text, isCut }: Scan, role: Role): boolean {
    const isIdentifier = UUID.test(text);
    if (isPublic(text) || (role === "part" && isIdentifier)) return false;
    const form = canonical(text);
    const isWhole = (!isCut && !/\s/.test(text)) || isIdentifier;
    if (isWhole && form.length <= LONGEST_PIECE && looksRandom(form, UNGUESSABLE_BITS)) {
      this.random.add(form);
      this.pieces.add(text);
      return true;
    }
    const isWorthIt = role === "whole" || estimateBits(form) >= LEAST_BITS_OF_A_PART;
    if (role !== "part" && form.length >= SHORTEST_VALUE && isWorthIt) {
      this.guessable.add(form);
      this.pieces.add(text);
    }
    return false;
  }

  /** Looks for what is random in a text without disguise. */
  #scan(text: string, depth: number): Scan {
    let isFound = false;
    const cut = (inside: boolean): string => {
      isFound ||= inside;
      return CUT;
    };
    const isKey = this.#readBinary(text);
    if (isKey !== undefined) return { text, isFound: isKey, isCut: true };
    let rest = replacePem(text, (block) =>
      cut(!isPublicBlock(block) && this.visit(block.body, "secret", depth + 1)),
    );
    for (const [pattern, replacement] of IDENTIFIERS) rest = rest.replace(pattern, replacement);
    for (const pattern of ENCODED)
      rest = rest.replace(pattern, (run) => {
        const inside = this.#readEncoded(run, depth);
        return inside === undefined ? run : cut(inside);
      });
    for (const piece of randomPieces(rest)) {
      isFound = true;
      this.random.add(canonical(piece));
      this.pieces.add(piece);
    }
    for (const run of undividedRuns(rest, SHINGLE_LENGTH)) this.#addShingles(run);
    return { text, isFound, isCut: rest.includes(CUT) };
  }

  /** @returns undefined for what is not encoded */
  #readEncoded(run: string, depth: number): boolean | undefined {
    return isDisguised(run) ? this.visit(run, "part", depth + 1) : this.#readBinary(run);
  }

  /**
   * The bytes as hexadecimal: a key is the same in base64.
   *
   * @returns undefined for what has no structure, and may be another thing as well
   */
  #readBinary(text: string): boolean | undefined {
    const bytes = UUID.test(text) ? undefined : binaryIn(text);
    if (bytes === undefined) return undefined;
    const material = materialIn(bytes);
    if (material !== undefined) return this.#addMaterial(bytes, material);
    // Words are base64, too, of bytes that look random; but they seldom make whole blocks.
    const plain = text.trim().replace(/\s+/g, " ").toLowerCase();
    const isKey = bytes.length % KEY_BLOCK === 0 || !holdsChosen(plain);
    if (isKey && looksRandom(plain, UNGUESSABLE_BITS)) this.#addBytes(bytes);
    return undefined;
  }

  #addMaterial(bytes: Buffer, { isPublic, numbers }: KeyMaterial): boolean {
    let isFound = false;
    const encoded = bytes.toString("base64");
    for (const { from, to } of isPublic ? [] : numbers) {
      if (!this.#addBytes(bytes.subarray(from, to))) continue;
      this.#addShingles(encoded.slice(Math.ceil((from * 4) / 3), Math.floor((to * 4) / 3)));
      isFound = true;
    }
    return isFound;
  }

  #addBytes(bytes: Buffer): boolean {
    const form = canonical(bytes.toString("hex"));
    // What is a text may be one that somebody thought of.
    if (isDisguised(form) || !looksRandom(form, UNGUESSABLE_BITS)) return false;
    this.random.add(form);
    return true;
  }

  #addShingles(text: string): void {
    for (const shingle of new Set(chosenShingles(text.toLowerCase())))
      if (looksRandom(shingle, SHINGLE_BITS)) this.shingles.add(canonical(shingle));
  }
}

const materialIn = (bytes: Buffer): KeyMaterial | undefined =>
  derMaterial(bytes) ?? sshMaterial(bytes);

/** True for certificates and public keys, and nothing else. */
function isPublic(text: string): boolean {
  const bytes = binaryIn(text);
  const isPublicBinary = bytes !== undefined && materialIn(bytes)?.isPublic === true;
  const rest = replacePem(text, (block) => (isPublicBlock(block) ? "" : block.body));
  return isPublicBinary || rest.trim() === "";
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What looks random and names a thing that many may know, unless it is the whole value. */
const IDENTIFIERS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, CUT],
  [
    new RegExp(
      `(${IDENTIFIER_NAME}["']?[ \\t]{0,8}[=:][ \\t]{0,8}["']?)[0-9a-f]{32}(?![0-9a-z])`,
      "gi",
    ),
    `$1${CUT}`,
  ],
  // Hosts of URLs, behind the credentials.
  [/(:\/\/(?:[^\s"'`<>/?#@]{0,512}@){0,4})[^\s"'`<>/?#@]+/g, `$1${CUT}`],
  // Hosts elsewhere.
  [/(?<![\w.-])(?:[\w-]{1,63}\.){2,8}[a-z]{2,18}(?![\w.-])/gi, CUT],
];

/** Runs of the alphabets of base64 and hexadecimal. */
const ENCODED: readonly RegExp[] = [/[\w-]{16,}={0,2}/g, /[A-Za-z0-9+/]{16,}={0,2}/g];
