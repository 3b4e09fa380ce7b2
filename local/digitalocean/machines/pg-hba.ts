import { isIPv6 } from "node:net";
import type { AccessRule } from "../../engines/engines.ts";
import { parseRange } from "../../ipv4.ts";
import type { Outcome, Refusal } from "./refusal.ts";

const METHODS = ["scram-sha-256", "reject"] as const;
/** A role's or database's name; the words with a meaning of their own in this file are none. */
const NAME = /^[A-Za-z_][\w$-]*$/;
const RESERVED = new Set(["sameuser", "samerole", "samegroup", "replication"]);

/**
 * The rules of a `pg_hba.conf`: lines `hostssl DATABASE USER ADDRESS METHOD` with names, lists of names
 * or `all`, a CIDR, and `scram-sha-256` or `reject`. Lines `local … peer` are for programs on the machine
 * itself, of which there are none here. IPv6 addresses are read over: the local machine has none.
 * `file` is named in refusals.
 */
export function parsePgHba(text: string, file: string): Outcome<AccessRule[]> {
  const rules: AccessRule[] = [];
  const refusals: Refusal[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const words = raw.replace(/#.*/, "").trim().split(/\s+/);
    const [type, databases = "", users = "", address = "", method = ""] = words;
    if (type === "" || (type === "local" && words[3] === "peer" && words.length === 4)) continue;
    const problem = problemOf(words);
    if (problem !== undefined) {
      refusals.push({ key: `${file} line ${index + 1}`, message: problem });
      continue;
    }
    if (address.includes(":")) continue;
    for (const database of databases.split(",")) {
      for (const user of users.split(",")) {
        rules.push({ database, user, address, method: method as AccessRule["method"] });
      }
    }
  }
  return refusals.length > 0 ? { refusals } : { value: rules };
}

function problemOf(words: readonly string[]): string | undefined {
  const [type, databases = "", users = "", address = "", method = ""] = words;
  if (type !== "hostssl") {
    return "must begin with hostssl: connections without TLS are not served.";
  }
  if (words.length !== 5) return "must be `hostssl DATABASE USER CIDR METHOD`.";
  const names = [...databases.split(","), ...users.split(",")];
  if (!names.every((name) => NAME.test(name) && !RESERVED.has(name))) {
    return "must name databases and roles, or all.";
  }
  if (!isRange(address)) return "must have an address as a CIDR, like 10.0.0.0/8.";
  return METHODS.some((known) => known === method)
    ? undefined
    : `must end with ${METHODS.join(" or ")}.`;
}

function isRange(address: string): boolean {
  const [host = "", bits = ""] = address.split("/");
  if (!/^\d{1,3}$/.test(bits)) return false;
  return isIPv6(host) ? Number(bits) <= 128 : parseRange(address) !== undefined;
}
