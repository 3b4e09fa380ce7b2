/** What a secret looks like when it stands in a plain text. */
import { parseUrl } from "../isolation/identity/url.ts";
import { announcesSecret, nameWords } from "./secret-names.ts";

/** A vendor's secret that can be told by its form. */
interface Shape {
  /** With an article. */
  readonly name: string;
  readonly pattern: RegExp;
}

/** Sources: the vendors' pages on secret scanning, and the rules of github.com/gitleaks/gitleaks. */
const SHAPES: readonly Shape[] = [
  {
    name: "a private key",
    pattern: /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----(?:\s|\\n)*[A-Za-z0-9+/=]{40}/,
  },
  { name: "an AWS access key", pattern: /\b(?:AKIA|ASIA)(?![A-Z2-7]*EXAMPLE)[A-Z2-7]{16}\b/ },
  { name: "a GitHub token", pattern: /\bgh[opusr]_[A-Za-z0-9]{36}/ },
  { name: "a GitHub token", pattern: /\bgithub_pat_[A-Za-z0-9_]{22}/ },
  { name: "a GitLab token", pattern: /\bglpat-[A-Za-z0-9_-]{20}/ },
  { name: "a Slack token", pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10}/ },
  { name: "a Slack webhook", pattern: /hooks\.slack\.com\/services\/T\w{6,}\/B\w{6,}\/\w{16}/ },
  { name: "a Stripe key", pattern: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16}/ },
  { name: "a Stripe signing secret", pattern: /\bwhsec_[A-Za-z0-9+/]{24}/ },
  { name: "a Google API key", pattern: /\bAIza[A-Za-z0-9_-]{35}/ },
  { name: "an OpenAI or Anthropic key", pattern: /\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{32}/ },
  { name: "a SendGrid key", pattern: /\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}/ },
  { name: "a Mailgun key", pattern: /\bkey-[0-9a-f]{32}\b/ },
  { name: "an npm token", pattern: /\bnpm_[A-Za-z0-9]{36}/ },
  { name: "a DigitalOcean token", pattern: /\bdo[opr]_v1_[0-9a-f]{64}/ },
  { name: "a Vault token", pattern: /\bhv[bsr]\.[A-Za-z0-9_-]{24}/ },
  {
    name: "a password's verifier",
    pattern: /\bSCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]{16,}\$[A-Za-z0-9+/=]{43,}:/,
  },
  { name: "an age key", pattern: /AGE-SECRET-KEY-1[0-9A-Z]{58}/ },
];

const JWT = /\beyJ[A-Za-z0-9_-]{8,}\.(eyJ[A-Za-z0-9_-]{8,})\.[A-Za-z0-9_-]{20,}/g;

/** Characters above which a text is a program, whose URLs are examples. */
const LONGEST_VALUE = 4096;

/** Stands where a password is to be filled in. */
const PLACEHOLDER = /^(?:\*+|x+|<.*>|\[.*\]|\{.*\}|\$.*|%.*|\.{3}|redacted|your.*)$/i;

const EXAMPLE_HOST = /(?:^|\.)example(?:\.(?:com|net|org))?$/i;

/** The kind of secret that a text holds by its form, with an article; undefined where there is none. */
export function secretShapeIn(text: string): string | undefined {
  const shape = SHAPES.find(({ pattern }) => pattern.test(text));
  if (shape) return shape.name;
  if (holdsToken(text)) return "a signed token";
  return text.length <= LONGEST_VALUE && hasPassword(text) ? "a URL with a password" : undefined;
}

/** A JSON Web Token with a signature, unless its role says that browsers may have it. */
function holdsToken(text: string): boolean {
  for (const [, payload = ""] of text.matchAll(JWT)) {
    const claims = Buffer.from(payload, "base64url").toString("utf8");
    if (!/"role"\s*:\s*"anon"/.test(claims)) return true;
  }
  return false;
}

function hasPassword(text: string): boolean {
  const url = parseUrl(text);
  return (
    url?.password !== undefined &&
    url.password !== "" &&
    !PLACEHOLDER.test(url.password) &&
    !url.hosts.some(({ host }) => EXAMPLE_HOST.test(host))
  );
}

/** Values that say what a secret is like, or where it is, and not the secret. */
const HARMLESS_VALUES: readonly RegExp[] = [
  // Numbers, durations, sizes.
  /^[\d.,:]+\s*[a-z]{0,3}$/i,
  // Public keys.
  /^-----BEGIN (?:[A-Z ]+ )?(?:PUBLIC KEY|CERTIFICATE)-----/,
  /^(?:ssh|ecdsa)-[a-z0-9-]+ /,
  /^pk_(?:live|test)_/,
  // The id of a Spaces key, whose secret is another text.
  /^DO(?:00|801)[A-Z0-9]{15,16}$/,
  // Places where the secret is kept.
  /^(?:arn|vault|op|ref\+\w+|secretref|awssm|gcpsm):/i,
  /^projects\/[^/]+\/secrets\//,
  /^(?:\.{0,2}|~)\//,
  /\$\{.+\}|\{\{.+\}\}|<.+>/,
  // Addresses.
  /^[^\s@]+@[^\s@]+\.[a-z]{2,}$/i,
];

/** A header, a mode, an algorithm: words, which no generator makes. */
const WORDS = /^[A-Za-z]+(?:[-_ .][A-Za-z]+)*$/;

/** Words of names whose values people choose, so that any value may be the secret. */
const CHOSEN_BY_PEOPLE: ReadonlySet<string> = new Set([
  "pass",
  "passphrase",
  "passwd",
  "password",
  "pwd",
]);

/** What a setting about passwords says. */
const MODES = /^(?:disabled|enabled|external|forbidden|generated|internal|optional|required)$/i;

/** Bits, by estimate. Below is a word or a number, which no generator makes and many settings are. */
const LEAST_RANDOMNESS = 24;

/** True for a variable whose name announces a secret and whose value may well be one. */
export function looksSecret(
  name: string,
  value: string,
  estimateBits: (value: string) => number,
): boolean {
  if (!announcesSecret(name)) return false;
  const text = value.trim();
  if (text.includes("://") || HARMLESS_VALUES.some((pattern) => pattern.test(text))) return false;
  return nameWords(name).some((word) => CHOSEN_BY_PEOPLE.has(word))
    ? !MODES.test(text)
    : !WORDS.test(text) && estimateBits(text) >= LEAST_RANDOMNESS;
}
