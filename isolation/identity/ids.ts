import type { Identity } from "../observation.ts";

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
/** Ids of Cloudflare and of others: 16 bytes. Longer ones are digests. */
const HEX = "[0-9a-f]{32}";
/** Ids of AWS, which say what they name. Images are left out: they are public. */
const AWS =
  "(?<!-)(?:vpc|subnet|sg|i|vol|eni|eipalloc|rtb|igw|nat|acl|snap|lt|fs|fsap|fsmt|tgw|vpce|pcx|r)-(?:[0-9a-f]{17}|[0-9a-f]{8})(?!-)";
/** Ids of RDS, and access keys of AWS and of DigitalOcean Spaces, which are no secrets. */
const CAPITALS =
  "(?:db|cluster)-[A-Z0-9]{26}|(?:AKIA|ASIA)[A-Z0-9]{16}|DO(?:00|801)[A-Z0-9]{15,16}";

/** An id stands alone: neither a part of a longer one, nor of a word. */
const standing = (pattern: string): string => `(?<![0-9A-Za-z])(?:${pattern})(?![0-9A-Za-z])`;

const ANY_CASE = new RegExp(standing(`${UUID}|${HEX}|${AWS}`), "gi");
const UPPER_CASE = new RegExp(standing(CAPITALS), "g");

/** What stands for nothing: every digit is 0, or every digit is f. */
const PLACEHOLDER = /^(?:[0-]+|[f-]+)$/;

/** Ids that a standard or a tool gives to everybody. */
const EVERYBODYS: ReadonlySet<string> = new Set([
  // WebSocket handshakes, RFC 6455
  "258eafa5-e914-47da-95ca-c5ab0dc85b11",
  // Namespaces of names, RFC 9562
  "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
  "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
  "6ba7b812-9dad-11d1-80b4-00c04fd430c8",
  "6ba7b814-9dad-11d1-80b4-00c04fd430c8",
  // MD5 of nothing
  "d41d8cd98f00b204e9800998ecf8427e",
]);

/** Every globally unique id inside a text, in its one spelling. */
export function findIds(text: string): string[] {
  const found = [...(text.match(ANY_CASE) ?? []), ...(text.match(UPPER_CASE) ?? [])];
  return found
    .map((id) => id.toLowerCase())
    .filter((id) => !PLACEHOLDER.test(id) && !EVERYBODYS.has(id));
}

/** True for a text that is a globally unique id from end to end. */
export function isUniqueId(text: string): boolean {
  const [first] = findIds(text);
  return first?.length === text.length;
}

/** A thing by its globally unique id. */
export const idIdentity = (id: string): Identity => `id:${id.trim().toLowerCase()}`;
