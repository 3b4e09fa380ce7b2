import { isIPv6 } from "node:net";
import { domainToASCII } from "node:url";
import { percentDecoded } from "./percent.ts";

/** Characters of the longest name in DNS. */
const LONGEST_NAME = 253;

/** Characters of the longest spelling that is looked at. */
const LONGEST_TEXT = 1024;

/** Names of the machine itself, besides `localhost` and what is under it. */
const LOOPBACK_NAMES: ReadonlySet<string> = new Set([
  "localhost",
  "localhost.localdomain",
  "ip6-localhost",
  "ip6-loopback",
]);

/**
 * The one spelling of a host name or address: lower-case, IDN as punycode, without a trailing dot,
 * IPv4 in dotted decimals whatever its spelling, IPv6 compressed, in brackets and without a zone,
 * IPv4-mapped IPv6 as IPv4. Undefined where the text is no host.
 *
 * @see https://url.spec.whatwg.org/#host-parsing
 */
export function canonicalHost(text: string): string | undefined {
  const bare = withoutBrackets(text.trim());
  // A zone begins with %, and must not be taken for percent-encoding.
  if (bare.includes(":")) return canonicalIpv6(bare.replace(/%.*$/, ""));
  const decoded = withoutBrackets(percentDecoded(bare));
  return decoded.includes(":")
    ? canonicalIpv6(decoded.replace(/%.*$/, ""))
    : canonicalName(decoded);
}

/** True for a canonical host that means the machine it is used on. */
export function isLoopback(host: string): boolean {
  return (
    LOOPBACK_NAMES.has(host) ||
    isLoopbackName(host) ||
    isSharedLoopback(host) ||
    host === "0.0.0.0" ||
    host === "[::1]" ||
    host === "[::]"
  );
}

/**
 * An address of loopback that all programs of a machine share. In 127.64.0.0/10 the
 * local cloud gives each of its servers an address of its own, to which that server alone is bound.
 */
function isSharedLoopback(host: string): boolean {
  const second = /^127\.(\d{1,3})\.\d{1,3}\.\d{1,3}$/.exec(host)?.[1];
  return second !== undefined && (Number(second) < 64 || Number(second) > 127);
}

/** True for a name under `localhost`, by which one machine tells its HTTP services apart. */
export function isLoopbackName(host: string): boolean {
  return host.endsWith(".localhost");
}

function withoutBrackets(text: string): string {
  return text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
}

function canonicalIpv6(text: string): string | undefined {
  if (!isIPv6(text)) return undefined;
  const { hostname } = new URL(`http://[${text}]/`);
  const mapped = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(hostname);
  if (mapped === null) return hostname;
  return mapped
    .slice(1)
    .map((half) => Number.parseInt(half, 16))
    .flatMap((half) => [half >> 8, half & 0xff])
    .join(".");
}

function canonicalName(text: string): string | undefined {
  // Node takes what follows these for the rest of a URL, and leaves it out.
  if (text.length > LONGEST_TEXT || /[\s/?#\\]/.test(text)) return undefined;
  const name = domainToASCII(text).replace(/\.$/, "");
  const valid =
    name.length <= LONGEST_NAME &&
    name.split(".").every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  return valid ? name : undefined;
}
