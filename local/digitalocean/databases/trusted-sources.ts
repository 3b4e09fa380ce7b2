import { randomUUID } from "node:crypto";
import { BlockList, isIP, isIPv4 } from "node:net";
import { z } from "zod";
import type { AccessRule } from "../../engines/engines.ts";
import { unprocessable } from "../envelope.ts";
import { wholeSeconds } from "./time.ts";

const RULE_TYPES = ["ip_addr", "droplet", "k8s", "tag", "app"] as const;

/** One trusted source of a cluster. */
export interface Rule {
  readonly uuid: string;
  readonly type: (typeof RULE_TYPES)[number];
  readonly value: string;
  readonly description: string | null;
  readonly createdAt: string;
}

/** As many as the vendor takes by default. */
const MOST_RULES = 100;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What each kind of source is named by. */
const VALUE: Readonly<Record<Rule["type"], { readonly test: RegExp; readonly what: string }>> = {
  ip_addr: { test: /./, what: "an IPv4 address or a range in CIDR notation" },
  droplet: { test: /^\d+$/, what: "a droplet's number" },
  k8s: { test: UUID, what: "a Kubernetes cluster's UUID" },
  app: { test: UUID, what: "an app's UUID" },
  tag: { test: /^[\w:-]{1,255}$/, what: "a tag" },
};

/** A rule as clients send it; the fields that the vendor gives are taken and not looked at. */
export const ruleBody = z.strictObject({
  type: z.enum(RULE_TYPES),
  value: z.string().min(1),
  description: z.string().max(255).nullish(),
  uuid: z.string().nullish(),
  cluster_uuid: z.string().nullish(),
  created_at: z.string().nullish(),
});

/** The rules of a request. Those that are there already keep their id and time. */
export function toRules(
  wanted: readonly z.infer<typeof ruleBody>[],
  present: readonly Rule[],
): Rule[] {
  if (wanted.length > MOST_RULES) {
    throw unprocessable(`rules: a cluster has at most ${MOST_RULES} trusted sources`);
  }
  return wanted.map(({ type, value, description = null }) => {
    if (!VALUE[type].test.test(value) || (type === "ip_addr" && toCidr(value) === undefined)) {
      throw unprocessable(`rules.value: "${value}" is not ${VALUE[type].what}`);
    }
    const earlier = present.find((rule) => rule.type === type && rule.value === value);
    return {
      uuid: earlier?.uuid ?? randomUUID(),
      type,
      value,
      description,
      createdAt: earlier?.createdAt ?? wholeSeconds(new Date()),
    };
  });
}

/** `a.b.c.d/n`; the vendor takes no IPv6. */
function toCidr(value: string): string | undefined {
  const [address = "", bits, ...rest] = value.split("/");
  if (!isIPv4(address) || rest.length > 0) return undefined;
  if (bits === undefined) return `${address}/32`;
  return /^\d{1,2}$/.test(bits) && Number(bits) <= 32 ? value : undefined;
}

/**
 * What is let in whatever the rules say: the operator's own machine, and the addresses that the local
 * cloud gives to servers, droplets included. Sources other than addresses are all among these.
 */
const OWN: readonly string[] = ["127.0.0.1/32", "127.64.0.0/10"];
const EVERYONE: readonly string[] = ["0.0.0.0/0", "::/0"];

/** Ranges that clients may connect from. Without a rule, that is everywhere, as at the vendor. */
export function allowedRanges(rules: readonly Rule[]): readonly string[] {
  if (rules.length === 0) return EVERYONE;
  const named = rules.filter(({ type }) => type === "ip_addr").map(({ value }) => toCidr(value));
  return [...OWN, ...named.filter((range) => range !== undefined)];
}

/** The same as lines of PostgreSQL's client authentication; who matches none is refused. */
export const accessRules = (rules: readonly Rule[]): AccessRule[] =>
  allowedRanges(rules).map((address) => ({
    database: "all",
    user: "all",
    address,
    method: "scram-sha-256",
  }));

/** Whether a client at that address is let in. */
export function letsIn(rules: readonly Rule[], client: string): boolean {
  const ranges = new BlockList();
  for (const range of allowedRanges(rules)) {
    const [address = "", bits] = range.split("/");
    ranges.addSubnet(address, Number(bits), isIP(address) === 6 ? "ipv6" : "ipv4");
  }
  return ranges.check(client, isIP(client) === 6 ? "ipv6" : "ipv4");
}

/** A rule as the API shows it. */
export const describeRule = (clusterId: string, rule: Rule) => ({
  uuid: rule.uuid,
  cluster_uuid: clusterId,
  type: rule.type,
  value: rule.value,
  ...(rule.description === null ? {} : { description: rule.description }),
  created_at: rule.createdAt,
});
