/** What the name of a secret ends with. */
const SECRET_ENDINGS =
  /(?:password|passwd|passphrase|passcode|pwd|secret|token|credentials?|(?:api|access|account|private|secret|shared|signing|master|encryption|auth)[\s._-]*key)$/;
/** Whole names and last words that are too short to be looked for inside of others. */
const SECRET_WORDS: ReadonlySet<string> = new Set(["pass", "key", "auth", "authorization", "pin"]);
/** Names of keys that are none: of tables, of pairs, of those that everybody may have. */
const PUBLIC_KEYS =
  /(?:public|publishable|pub|primary|partition|sort|foreign|cache|routing|object)[\s._-]*(?:key|token)$/;

/** True for a name whose value is a secret: `DB_PASSWORD`, `apiKey`, `pass`; not `token_uri`. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[\W_\d]+$/, "");
  if (PUBLIC_KEYS.test(words)) return false;
  return SECRET_ENDINGS.test(words) || SECRET_WORDS.has(words.split(/[\W_]+/).at(-1) ?? "");
}

/** Names of values that look random and that many know; the start of a pattern. */
export const IDENTIFIER_NAME =
  "(?:account|database|namespace|project|subscription|tenant|zone)[_-]?id";

const IDENTIFIER = new RegExp(`${IDENTIFIER_NAME}$`, "i");

/** True for a name whose value says which one of several a thing is: `account_id`, `zoneId`. */
export const isIdentifierName = (name: string): boolean => IDENTIFIER.test(name);
