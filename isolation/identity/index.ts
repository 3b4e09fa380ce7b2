import type { Identity, ReferenceKind } from "../observation.ts";
import { awsAccount, cloudflareAccount, cloudflareZone } from "./account.ts";
import { arnIdentity, findArns } from "./arn.ts";
import { gcsBucket, plainBucketName, r2Bucket, s3Bucket } from "./bucket.ts";
import { bucketsOf } from "./bucket-url.ts";
import { cloudPathReference, cloudSqlIdentity, findCloudSql } from "./cloud-path.ts";
import { cloudflareUrl, findTokenResources } from "./cloudflare-url.ts";
import { findConnections } from "./connection.ts";
import { canonicalHost, isLoopback } from "./host.ts";
import { findIds, idIdentity } from "./ids.ts";
import { hintOf, type NameHint } from "./names.ts";
import { type ParsedUrl, parseHost } from "./parsed-url.ts";
import { isHttpScheme, isServerPort, isServerScheme, isUnknownScheme } from "./schemes.ts";
import { httpIdentity, serverIdentity } from "./server.ts";
import { queueOf } from "./sqs.ts";
import { findUrls, withoutJsonEscapes } from "./url.ts";

/** Something that a text names. */
export interface NamedIdentity {
  readonly identity: Identity;
  readonly kind: ReferenceKind;
}

/** What is known of a text besides its characters. */
export interface TextContext {
  /** Name of the variable or property that holds it. */
  readonly name?: string | undefined;
  /** Port that stands beside it. */
  readonly port?: number | undefined;
  /**
   * True: its ids are not looked for, since each could be the secret itself. Servers, buckets,
   * accounts and hosts are.
   */
  readonly secret?: boolean | undefined;
  /** Cloudflare account that it is used in. */
  readonly account?: string | undefined;
}

/**
 * Characters above which a text is a program or a file: ids in it mean nothing, and of its URLs only
 * those that lead to data count.
 */
const LARGEST_TEXT = 16_384;

/**
 * Everything that a text names, each once: hosts of URLs, servers of connection strings, buckets,
 * accounts, ARNs, ids, paths of clouds. Bare words are never taken for hosts or buckets unless the
 * name of the text, or for a host its port, says so.
 */
export function identitiesOfText(text: string, context: TextContext = {}): NamedIdentity[] {
  const found =
    text.length > LARGEST_TEXT
      ? identitiesOfProgram(text, context)
      : identitiesOfValue(withoutJsonEscapes(text), context);
  return [...new Map(found.map((one) => [one.identity, one])).values()];
}

function identitiesOfValue(text: string, context: TextContext): NamedIdentity[] {
  const hint = hintOf(context.name ?? "", context.port);
  const mayBeSecret = context.secret === true || hint.noId;
  const urls = [...findUrls(text).flatMap(urlsInside), ...findConnections(text)];
  const found = [
    ...urls.flatMap((url) => identitiesOfUrl(url, context)),
    ...hostsOfName(text, hint, context.port),
    ...serversByPort(text),
    ...findCloudSql(text).map(named),
    ...(context.secret === true ? [] : thingsOfName(text, hint, context.account)),
    ...identitiesOfArns(text),
    ...findTokenResources(text).map(named),
  ];
  if (!mayBeSecret) {
    found.push(...accountOfName(text, hint));
    found.push(...idsOutside(text, urls, found).map((id) => named(idIdentity(id))));
  }
  return found;
}

/** Programs hold examples and defaults, so that a server counts with a full name only. */
function identitiesOfProgram(text: string, context: TextContext): NamedIdentity[] {
  return findUrls(text).flatMap((url) => [
    ...bucketsOf(url, context.account).map(named),
    ...(isServerScheme(url.scheme) ? hostsOf(url, serverIdentity) : []).filter(({ identity }) =>
      identity.includes("."),
    ),
  ]);
}

/** Characters of the longest parameter that is read as a URL; each could hold others again. */
const LONGEST_PARAMETER = 1024;

/** A URL, and the URLs in its parameters that were encoded. */
function urlsInside(url: ParsedUrl): ParsedUrl[] {
  const encoded = url.query.filter(
    ([, value]) =>
      value.length <= LONGEST_PARAMETER && value.includes("://") && !url.text.includes(value),
  );
  return [url, ...encoded.flatMap(([, value]) => findUrls(value))];
}

function identitiesOfUrl(url: ParsedUrl, context: TextContext): NamedIdentity[] {
  const buckets = bucketsOf(url, context.account);
  if (buckets.length > 0) return buckets.map(named);
  if (isServerScheme(url.scheme)) return hostsOf(url, serverIdentity);
  const queue = queueOf(url);
  const parts = queue === undefined ? cloudflareUrl(url) : [queue];
  if (parts.length > 0) return parts.map(named);
  if (isUnknownScheme(url.scheme)) return hostsOf(tellingHosts(url), serverIdentity);
  return isHttpScheme(url.scheme) ? hostsOf(url, httpIdentity) : [];
}

/** Of an unknown scheme a word alone may be a part of an app: `myapp://callback`. */
const tellingHosts = (url: ParsedUrl): ParsedUrl => ({
  ...url,
  hosts: url.hosts.filter(({ host, port }) => {
    const canonical = canonicalHost(host) ?? "";
    return isReachable(canonical) && (isTelling(canonical, port) || port !== undefined);
  }),
});

/** False for what a server listens on. */
const isReachable = (host: string): boolean => host !== "0.0.0.0" && host !== "[::]";

function hostsOf(
  { hosts, scheme, user }: ParsedUrl,
  identify: typeof serverIdentity,
): NamedIdentity[] {
  return hosts.flatMap(({ host, port }) => {
    const identity = identify(host, { port, scheme, user });
    return identity === undefined ? [] : [{ identity, kind: "url" }];
  });
}

/** A host on its own, where the text's name says that it is one. */
function hostsOfName(text: string, hint: NameHint, port: number | undefined): NamedIdentity[] {
  if (hint.host === undefined || text.includes("//")) return [];
  const identify = hint.host === "server" ? serverIdentity : httpIdentity;
  return text.split(",").flatMap((item) => {
    const parsed = parseHost(item.trim());
    const at = parsed?.port ?? port;
    const host = canonicalHost(parsed?.host ?? "");
    if (host === undefined || isCount(item) || !isTelling(host, at)) return [];
    const identity = identify(host, { port: at });
    return identity === undefined ? [] : [{ identity, kind: "name" }];
  });
}

/** Hosts whose ports say that servers listen there, where the text is nothing else. */
function serversByPort(text: string): NamedIdentity[] {
  if (!/^[\w.:[\],-]{6,1024}$/.test(text)) return [];
  const servers = text.split(",").map((item): NamedIdentity | undefined => {
    const parsed = parseHost(item);
    const host = canonicalHost(parsed?.host ?? "") ?? "";
    const telling = /[.[]/.test(item) && isReachable(host) && isServerPort(parsed?.port);
    const identity = telling ? serverIdentity(host, { port: parsed?.port }) : undefined;
    return identity === undefined ? undefined : { identity, kind: "name" };
  });
  return servers.every((server) => server !== undefined) ? servers : [];
}

/** What a whole text is by its form, or by its form and its name: a cloud's resource, a bucket. */
function thingsOfName(text: string, hint: NameHint, account: string | undefined): NamedIdentity[] {
  const resource =
    cloudPathReference(text) ?? (hint.connection ? cloudSqlIdentity(text) : undefined);
  if (resource !== undefined) return [{ identity: resource, kind: "id" }];
  const bucket = hint.bucket === undefined ? undefined : plainBucketName(text);
  if (bucket === undefined) return [];
  const names = hint.bucket === "gcs" ? [gcsBucket(bucket)] : bucketsNamed(bucket, hint, account);
  return names.map((identity) => ({ identity, kind: "name" }));
}

/** The buckets that a name may mean: one of S3 is the world's, one of R2 its account's. */
function bucketsNamed(
  bucket: string,
  hint: NameHint,
  account: string | undefined,
): readonly Identity[] {
  if (account === undefined) return [s3Bucket(bucket)];
  const r2 = r2Bucket(account, bucket);
  return hint.bucket === "r2" ? [r2] : [r2, s3Bucket(bucket)];
}

/** How many there are, which the shortest spellings of addresses look like. */
const isCount = (text: string): boolean => /^\s*\d{1,5}\s*$/.test(text);

/** A word alone may be anything, and many servers run on the machine itself. */
function isTelling(host: string, port: number | undefined): boolean {
  return isLoopback(host) ? port !== undefined : /[.[]/.test(host);
}

function accountOfName(text: string, { id }: NameHint): NamedIdentity[] {
  const bare = text.trim();
  if (id === "account" && /^\d{12}$/.test(bare)) return [named(awsAccount(bare))];
  if (id === undefined || !/^[0-9a-f]{32}$/i.test(bare)) return [];
  return [named(id === "account" ? cloudflareAccount(bare) : cloudflareZone(bare))];
}

/** An ARN's account is not told: it may be a vendor's, whose things everybody uses. */
function identitiesOfArns(text: string): NamedIdentity[] {
  return findArns(text).flatMap((arn) => {
    const identity = arnIdentity(arn);
    return identity === undefined ? [] : [named(identity)];
  });
}

/** Ids that are neither part of a URL's secrets nor an account or a zone that was found as such. */
function idsOutside(
  text: string,
  urls: readonly ParsedUrl[],
  found: readonly NamedIdentity[],
): string[] {
  const open = urls
    .filter(({ user, query }) => user !== undefined || query.length > 0)
    .reduce((rest, url) => rest.replaceAll(url.text, publicPart(url)), text);
  const known = found.map(({ identity }) => identity);
  return findIds(open).filter((id) => !known.some((identity) => identity.includes(id)));
}

/** A URL without user, password and parameters. */
function publicPart({ hosts, path }: ParsedUrl): string {
  return `${hosts.map(({ host }) => host).join(" ")} ${path}`;
}

/** The kind of a reference that an identity of its own says. */
function named(identity: Identity): NamedIdentity {
  if (identity.startsWith("account:")) return { identity, kind: "account" };
  return { identity, kind: /^(?:id|arn|zone):/.test(identity) ? "id" : "url" };
}
