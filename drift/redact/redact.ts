/** Shows values of drifted properties, and never a secret: what drifted may be one in the wrong place. */
import { createHash } from "node:crypto";
import type { IsolationIndex } from "../../isolation/compare/index.ts";
import { type FactValue, leavesOf } from "../../isolation/facts.ts";
import { findUrls } from "../../isolation/identity/url.ts";
import { estimateBits, type Fingerprinter } from "../../isolation/secrets/index.ts";
import { looksSecret, secretShapeIn } from "../../policy/secret-shapes.ts";

/** Stands in the place of a secret. */
export const HIDDEN = "[secret]";

/** Characters of a value that a report shows. */
const LONGEST = 200;

/** Makes texts of values that everybody may read. */
export class Redactor {
  readonly #index: IsolationIndex;
  readonly #fingerprinter: Fingerprinter;

  /** @param index of every stack's secrets. */
  constructor(index: IsolationIndex, fingerprinter: Fingerprinter) {
    this.#index = index;
    this.#fingerprinter = fingerprinter;
  }

  /**
   * A value as a JSON text of at most 200 characters; null where there is none.
   *
   * @param path of the property: its name may announce a secret.
   */
  show(value: FactValue | undefined, path: string): string | null {
    if (value === undefined) return null;
    for (const leaf of leavesOf(value, path))
      if (leaf.secret || this.#isSecret(leaf.value, leaf.path)) return HIDDEN;
    return cut(JSON.stringify(value));
  }

  /** A vendor's or an engine's words, without what may be a secret in them. */
  text(words: string): string {
    const masked = withoutCredentials(readable(words));
    return this.#isSecret(masked, "") ? "(its words hold what may be a secret)" : masked;
  }

  #isSecret(value: unknown, path: string): boolean {
    if (typeof value !== "string") return false;
    return (
      secretShapeIn(value) !== undefined ||
      holdsPassword(value) ||
      namesIn(path).some((name) => looksSecret(name, value, estimateBits)) ||
      this.#fingerprinter
        .text(value)
        .some((fingerprint) => this.#index.holdersOf(fingerprint).length > 0)
    );
  }
}

/** What is cut off is told apart by its digest: a finding's id is made of what is shown. */
function cut(text: string): string {
  if (text.length <= LONGEST) return text;
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 12);
  return `${text.slice(0, LONGEST)}… (${text.length} characters, SHA-256 ${digest}…)`;
}

/** Characters in which a URL is looked for: what is shown of a longer text, and a URL that begins there. */
const LOOKED_THROUGH = 4096;

/** Whether there is a URL with a password anywhere in a text. */
const holdsPassword = (text: string): boolean =>
  text.includes("://") &&
  findUrls(text.slice(0, LOOKED_THROUGH)).some(
    ({ password = "" }) => password !== "" && password !== HIDDEN,
  );

/** Characters of a vendor's words that anybody reads: some answer a whole page. */
const MOST_WORDS = 4096;

/** Without the word that the cut would go through: half a URL does not show its password. */
const readable = (words: string): string =>
  words.length <= MOST_WORDS ? words : `${words.slice(0, MOST_WORDS).replace(/\S*$/, "")}…`;

/** The password of a URL, up to the last `@` of a word. */
const URL_PASSWORD = /([a-z][a-z0-9+.-]{0,31}:\/\/[^\s:/@"'`]{0,255}):\S*@/gi;

/** What a header of a request carries, and a name with its value. */
const AUTHORIZATION = /\b(Bearer|Basic)\s+(?=\S*\d)[\w.~+/=-]{8,}/gi;
const ASSIGNMENT = /\b([\w.-]{2,40})(["']?\s*[=:]\s*["']?)([^\s"',;&]{6,})/g;

/** The same words without what by its place is a secret, so that the rest can still be read. */
const withoutCredentials = (words: string): string =>
  words
    .replace(URL_PASSWORD, `$1:${HIDDEN}@`)
    .replace(AUTHORIZATION, `$1 ${HIDDEN}`)
    .replace(ASSIGNMENT, (all, name: string, between: string, value: string) =>
      /\d/.test(value) && looksSecret(name, value, estimateBits)
        ? `${name}${between}${HIDDEN}`
        : all,
    );

/** `bindings[API_TOKEN].text` → `bindings`, `API_TOKEN`, `text`. */
const namesIn = (path: string): string[] => path.split(/[.[\]"]+/).filter(Boolean);
