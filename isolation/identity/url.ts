import { findDsns, hostsOf as hostsOfKeywords } from "./dsn.ts";
import { type ParsedUrl, parseHost, type UrlHost } from "./parsed-url.ts";
import { percentDecoded } from "./percent.ts";
import { isPostgresScheme, isServerScheme } from "./schemes.ts";

export type { ParsedUrl } from "./parsed-url.ts";

/** A scheme with its place in a text. */
interface SchemeAt {
  readonly from: number;
  readonly scheme: string;
}

/** Characters of a URL that are looked at, where it is a part of another text. */
const LONGEST_URL = 2048;
const LONGEST_SCHEME = 32;

/** In a list of URLs, what separates one from the next. */
const LIST = "[,;|](?=(?:jdbc:)?[a-z][a-z0-9+-]{0,31}://)";

/** What ends a URL inside another text, and where a list goes on. */
const END_IN_TEXT = new RegExp(`[\\s"'\`<>\\\\]|${LIST}`, "gi");
const END_IN_LIST = new RegExp(LIST, "gi");

/** Brackets that end a URL unless it holds their beginning. */
const CLOSING: ReadonlyMap<string, string> = new Map([
  [")", "("],
  ["]", "["],
  ["}", "{"],
]);

/**
 * Takes a text apart that is one URL or connection string from end to end: WHATWG's, those with
 * several hosts, JDBC's, libpq's keywords. A password may hold `@`, `/`, `:` and `#` as they are.
 * Undefined where the text is none.
 */
export function parseUrl(text: string): ParsedUrl | undefined {
  const whole = text.trim();
  return findUrls(whole).find((url) => url.text === whole);
}

/**
 * Every URL and connection string inside a text, those inside another one's path or query included.
 * Linear in the text's length.
 */
export function findUrls(text: string): ParsedUrl[] {
  const plain = withoutJsonEscapes(text).trim();
  const alone = schemeBefore(plain, plain.indexOf("://"))?.from === 0 && !/\s/.test(plain);
  const keywords = plain.includes("host") ? findDsns(plain) : [];
  return [...scan(plain, alone), ...keywords];
}

/** Some writers of JSON escape the slash, some the ampersand, and so hide a URL. */
export function withoutJsonEscapes(text: string): string {
  return text.includes("\\") ? text.replaceAll("\\/", "/").replace(/\\u0026/gi, "&") : text;
}

function* scan(text: string, alone: boolean): Generator<ParsedUrl> {
  const end = alone ? END_IN_LIST : END_IN_TEXT;
  let to = 0;
  for (let at = text.indexOf("://"); at !== -1; ) {
    const begin = at + 3;
    const start = schemeBefore(text, at);
    at = text.indexOf("://", begin);
    if (start === undefined) continue;
    if (to <= begin) {
      end.lastIndex = begin;
      to = end.exec(text)?.index ?? text.length;
    }
    const whole = alone && start.from === 0;
    const stop = whole ? to : Math.min(to, begin + LONGEST_URL);
    const body = text.slice(begin, alone ? stop : trimmedEnd(text, begin, stop));
    const { url, authority } = takeApart(start.scheme, body, text.slice(start.from, begin));
    if (url !== undefined) yield url;
    // Another URL may begin in the path or the query, but not in a password.
    at = text.indexOf("://", begin + authority);
  }
}

function schemeBefore(text: string, at: number): SchemeAt | undefined {
  const before = text.slice(Math.max(0, at - LONGEST_SCHEME), Math.max(0, at));
  const scheme = /[a-z][a-z0-9+-]*$/i.exec(before)?.[0];
  if (scheme === undefined) return undefined;
  const from = at - scheme.length;
  const jdbc = text.slice(Math.max(0, from - 5), from).toLowerCase() === "jdbc:";
  return { from: jdbc ? from - 5 : from, scheme: scheme.toLowerCase() };
}

/** Without the punctuation of the sentence around a URL. */
function trimmedEnd(text: string, from: number, end: number): number {
  let to = end;
  while (to > from) {
    const last = text.charAt(to - 1);
    const opening = CLOSING.get(last);
    const unopened = opening !== undefined && !text.slice(from, to).includes(opening);
    if (!unopened && !".,;:!?".includes(last)) break;
    to -= 1;
  }
  return to;
}

/** @returns also how many characters the authority takes, userinfo included. */
function takeApart(
  scheme: string,
  body: string,
  prefix: string,
): { readonly url: ParsedUrl | undefined; readonly authority: number } {
  const at = isServerScheme(scheme)
    ? serverUserinfoEnd(body, parametersOf(scheme))
    : authorityOf(body, GENERIC_END).lastIndexOf("@");
  const userinfo = at === -1 ? undefined : body.slice(0, at);
  const rest = body.slice(at + 1);
  const authority = authorityOf(rest, isServerScheme(scheme) ? SERVER_END : GENERIC_END);
  const { path, query } = pathAndQuery(rest.slice(authority.length), scheme);
  const named = isPostgresScheme(scheme) ? hostsOfKeywords(query) : [];
  const hosts = named.length > 0 ? named : hostsOf(authority);
  const worthIt = hosts.length > 0 || userinfo !== undefined || path !== "";
  const url: ParsedUrl = {
    text: prefix + body,
    scheme,
    hosts,
    ...credentials(userinfo),
    path,
    query,
  };
  return { url: worthIt ? url : undefined, authority: at + 1 + authority.length };
}

function credentials(userinfo: string | undefined): Pick<ParsedUrl, "user" | "password"> {
  if (userinfo === undefined) return { user: undefined, password: undefined };
  const colon = userinfo.indexOf(":");
  if (colon === -1) return { user: percentDecoded(userinfo), password: undefined };
  return {
    user: percentDecoded(userinfo.slice(0, colon)),
    password: percentDecoded(userinfo.slice(colon + 1)),
  };
}

/** What ends the authority: SQL Server's driver begins its parameters with a semicolon. */
const SERVER_END = /[/?#;]/;
const GENERIC_END = /[/?#\\]/;

function authorityOf(text: string, end: RegExp): string {
  const at = text.search(end);
  return at === -1 ? text : text.slice(0, at);
}

function hostsOf(authority: string): UrlHost[] {
  return authority.split(",").flatMap((text) => parseHost(text) ?? []);
}

/**
 * Where the userinfo ends in the URL of a server, whose path is a database's name and holds no `@`,
 * but whose password is often written as it is. An `@` in the parameters is none of the userinfo's.
 */
function serverUserinfoEnd(body: string, parameters: RegExp): number {
  const last = body.lastIndexOf("@");
  const first = body.search(parameters);
  if (first === -1 || last < first) return last;
  const before = body.lastIndexOf("@", first);
  const authority = authorityOf(body.slice(before + 1), SERVER_END);
  const plausible = authority === "" || hostsOf(authority).length > 0;
  return plausible && body.slice(first, last).includes("=") ? before : last;
}

/** What begins a URL's parameters. */
function parametersOf(scheme: string): RegExp {
  return scheme === "sqlserver" || scheme === "sb" ? /[?;]/ : /\?/;
}

/** In the URL of a server a # belongs to what it stands in, since there are no fragments. */
function pathAndQuery(text: string, scheme: string): Pick<ParsedUrl, "path" | "query"> {
  const meant = isServerScheme(scheme) ? text : text.replace(/#.*$/s, "");
  const first = meant.search(parametersOf(scheme));
  if (first === -1) return { path: meant, query: [] };
  const separator = meant.charAt(first) === ";" ? ";" : "&";
  const pairs = meant.slice(first + 1).split(separator);
  return { path: meant.slice(0, first), query: pairs.filter((pair) => pair !== "").map(pairOf) };
}

function pairOf(text: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals === -1) return [percentDecoded(text), ""];
  return [percentDecoded(text.slice(0, equals)), percentDecoded(text.slice(equals + 1))];
}
