import { invalidValue } from "../protocol/errors.ts";

/** What a part of an access string may be. Passwords and selectors are none of it. */
const PARTS = [
  /^(on|off)$/,
  /^(allkeys|resetkeys|allchannels|resetchannels|allcommands|nocommands)$/,
  /^(~|%R~|%W~|%RW~|&)\S+$/,
  /^[+-]@[a-z]+$/,
  /^[+-][a-z0-9-]+(\|[a-z0-9-]+)?$/,
];

/** What no user of the vendor's may do, and by which the server could be changed behind the API's back. */
const FORBIDDEN: readonly string[] = [
  "acl|setuser",
  "acl|deluser",
  "acl|load",
  "acl|save",
  "bgrewriteaof",
  "bgsave",
  "config",
  "debug",
  "failover",
  "migrate",
  "module",
  "psync",
  "replconf",
  "replicaof",
  "save",
  "shutdown",
  "slaveof",
  "sync",
];

/** The rules of the engine's ACL that an access string means. Throws the vendor's refusal of one that it is not. */
export function rulesOf(accessString: string): string[] {
  const parts = accessString.trim().split(/\s+/);
  const wrong = parts.find((part) => !PARTS.some((pattern) => pattern.test(part.toLowerCase())));
  if (wrong !== undefined || parts[0] === "") {
    throw invalidValue(
      "The access string is not valid: it may have on, off, key and channel patterns, categories and commands.",
    );
  }
  const forbidden = parts.find(
    (part) => FORBIDDEN.includes(part.toLowerCase().slice(1)) && part.startsWith("+"),
  );
  if (forbidden !== undefined) {
    throw invalidValue(
      `The access string must not allow ${forbidden.slice(1)}, which nobody may use.`,
    );
  }
  // Who is not said to be on is off.
  return ["off", ...parts, ...FORBIDDEN.map((command) => `-${command}`)];
}

/** Whether the user may log in at all; the last word counts. */
export const isOn = (accessString: string): boolean =>
  accessString
    .toLowerCase()
    .split(/\s+/)
    .findLast((part) => /^(on|off)$/.test(part)) === "on";

/** What the password of a whole replication group lets its bearer do. */
export const ALL_RIGHTS = "on ~* &* +@all";
