import { findUrls } from "../identity/url.ts";
import { isIdentifierName, isSecretName } from "./secret-names.ts";

/** A value inside a text, taken out of its notation. */
export interface Part {
  readonly text: string;
  /** Its place or its name says that it is a secret: the password of a URL, `token=…`. */
  readonly isSecret: boolean;
}

/** Characters above which a text is a program or data, and no value in some notation. */
const LONGEST_NOTATION = 65_536;
/** Values inside values; JSON in JSON has a few levels. */
const DEEPEST_JSON = 32;
const LONGEST_VALUE = 16_384;

/** The values that a text holds in the notations in which secrets are passed on. */
export function* partsOf(text: string): Generator<Part, void> {
  if (text.length > LONGEST_NOTATION) return;
  const json = parsed(text);
  if (json !== undefined) return yield* partsOfValue(json, "", 0);
  if (text.includes("://") || text.includes("host")) yield* partsOfUrls(text);
  yield* credentialsIn(text);
  yield* assignmentsIn(text);
  yield* quotedIn(text);
}

function parsed(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function* partsOfValue(value: unknown, name: string, depth: number): Generator<Part, void> {
  if (typeof value === "string" || typeof value === "number") yield* named(name, String(value));
  if (typeof value !== "object" || value === null || depth > DEEPEST_JSON) return;
  for (const [key, item] of Object.entries(value))
    yield* partsOfValue(item, Array.isArray(value) ? name : key, depth + 1);
}

function* named(name: string, text: string): Generator<Part, void> {
  if (!isIdentifierName(name)) yield { text, isSecret: isSecretName(name) };
}

function* partsOfUrls(text: string): Generator<Part, void> {
  for (const { user, password, query } of findUrls(text)) {
    // Some vendors take a token for the name of the user, without a password.
    if (user !== undefined) yield { text: user, isSecret: false };
    if (password !== undefined) yield { text: password, isSecret: true };
    for (const [name, value] of query) yield* named(name, value);
  }
}

const SCHEMES =
  /\b(?:Bearer|Basic|Token|Bot|ApiKey|SharedAccessSignature)\s+([^\s"',;]{8,16384})/gi;

/** What stands in an Authorization header; with Basic, `user:password` once it is decoded. */
function* credentialsIn(text: string): Generator<Part, void> {
  for (const [, credential = ""] of text.matchAll(SCHEMES))
    yield { text: credential, isSecret: true };
  const password = /^[^\s:/]{1,256}:([^\s:]{8,256})$/.exec(text)?.[1];
  if (password !== undefined) yield { text: password, isSecret: true };
}

/** `name=value` and `name: value`, the value bare or quoted: environment files, YAML, cookies, lists. */
const ASSIGNMENTS =
  /([A-Za-z_][\w.-]{0,63})["']?[ \t]{0,8}[=:][ \t]{0,8}(?:"((?:[^"\\]|\\.){8,16384})"|'([^']{8,16384})'|([^\s"'`,;&<>()[\]{}|]{8,16384}))/g;

function* assignmentsIn(text: string): Generator<Part, void> {
  for (const [, name = "", double, single, bare] of text.matchAll(ASSIGNMENTS))
    if (isSecretName(name)) yield { text: double ?? single ?? bare ?? "", isSecret: true };
}

/** With the name before it, if there is one. */
const QUOTED =
  /(?:(?<![\w-])["']?([\w-]{1,64})["']?[ \t]{0,8}[=:][ \t]{0,8})?(?:"([^"\\]*)"|'([^'\\]*)')/g;

function* quotedIn(text: string): Generator<Part, void> {
  for (const [, name = "", double, single] of text.matchAll(QUOTED)) {
    const value = double ?? single ?? "";
    if (value.length <= LONGEST_VALUE && !isIdentifierName(name))
      yield { text: value, isSecret: false };
  }
}
