/** Inline rules of security groups: Pulumi's lists ⇄ single rules ⇄ EC2's permissions. Pure. */
import type { IpPermission } from "@aws-sdk/client-ec2";
import type { Properties } from "../../../providers/sdk/properties.ts";
import type { PlainMap, PlainValue } from "../../../providers/sdk/values.ts";
import { optional, required } from "./rows.ts";

const list = (doc: string) => optional({ array: "string" }, doc, { unset: [] });

/** One inline rule. */
export const ruleRow = {
  fromPort: required("integer", "First port, or ICMP type."),
  toPort: required("integer", "Last port, or ICMP code."),
  protocol: required("string", "Protocol; -1 for all."),
  cidrBlocks: list("IPv4 ranges."),
  ipv6CidrBlocks: list("IPv6 ranges."),
  prefixListIds: list("Prefix lists."),
  securityGroups: list("Other security groups."),
  self: optional("boolean", "Whether the group itself is meant.", { unset: false }),
  description: optional("string", "Description of the rule.", { unset: "" }),
} as const satisfies Properties;

/** Lists of {@link ruleRow} that name their peers. */
const PEERS = ["cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "securityGroups"] as const;
type PeerKind = (typeof PEERS)[number] | "self";

/** One rule with one peer, as EC2 keeps them. */
export interface SingleRule {
  readonly protocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly kind: PeerKind;
  /** Empty for the group itself. */
  readonly peer: string;
  readonly description: string;
}

const PROTOCOLS: { readonly [name: string]: string } = {
  all: "-1",
  "1": "icmp",
  "6": "tcp",
  "17": "udp",
  "58": "icmpv6",
};

/** The vendor's own spelling of a protocol. */
export function protocolName(value: string): string {
  const lower = value.toLowerCase();
  return PROTOCOLS[lower] ?? lower;
}

/** A program's rules one by one, in an order that says nothing of the program's. */
export function singleRules(rules: PlainValue | undefined): SingleRule[] {
  if (!Array.isArray(rules)) return [];
  const singles = (rules as readonly PlainMap[]).flatMap((rule) => {
    const protocol = protocolName(String(rule.protocol));
    const ports = protocol === "-1" ? [0, 0] : [Number(rule.fromPort), Number(rule.toPort)];
    const [fromPort = 0, toPort = 0] = ports;
    const traffic = { protocol, fromPort, toPort, description: String(rule.description ?? "") };
    const peers = PEERS.flatMap((kind) =>
      ((rule[kind] ?? []) as readonly string[]).map((peer) => ({ ...traffic, kind, peer })),
    );
    return rule.self === true ? [...peers, { ...traffic, kind: "self" as const, peer: "" }] : peers;
  });
  return sorted(singles);
}

/** {@link singleRules} as a form in which two lists are compared. */
export const normalizeRules = (rules: PlainValue): PlainValue =>
  singleRules(rules) as unknown as PlainValue;

/** EC2's permissions one by one; `groupId` is the group that they belong to. */
export function rulesOfPermissions(
  permissions: readonly IpPermission[] | undefined,
  groupId: string,
): SingleRule[] {
  const singles = (permissions ?? []).flatMap((each): SingleRule[] => {
    const traffic = {
      protocol: each.IpProtocol ?? "-1",
      fromPort: each.FromPort ?? 0,
      toPort: each.ToPort ?? 0,
    };
    const rule = (kind: PeerKind, peer: string | undefined, description: string | undefined) => ({
      ...traffic,
      kind,
      peer: peer ?? "",
      description: description ?? "",
    });
    return [
      ...(each.IpRanges ?? []).map((at) => rule("cidrBlocks", at.CidrIp, at.Description)),
      ...(each.Ipv6Ranges ?? []).map((at) => rule("ipv6CidrBlocks", at.CidrIpv6, at.Description)),
      ...(each.PrefixListIds ?? []).map((at) =>
        rule("prefixListIds", at.PrefixListId, at.Description),
      ),
      ...(each.UserIdGroupPairs ?? []).map((at) =>
        at.GroupId === groupId
          ? rule("self", "", at.Description)
          : rule("securityGroups", at.GroupId, at.Description),
      ),
    ];
  });
  return sorted(singles);
}

/** Single rules as a program would write them: those of one traffic and description together. */
export function groupedRules(singles: readonly SingleRule[]): PlainMap[] {
  const groups = new Map<string, SingleRule[]>();
  for (const single of singles) {
    const { protocol, fromPort, toPort, description } = single;
    const key = JSON.stringify([protocol, fromPort, toPort, description]);
    groups.set(key, [...(groups.get(key) ?? []), single]);
  }
  return [...groups.values()].map((group) => {
    const { protocol = "", fromPort = 0, toPort = 0, description = "" } = group[0] ?? {};
    const peers = PEERS.map((kind) => [
      kind,
      group.filter((each) => each.kind === kind).map(({ peer }) => peer),
    ]);
    const self = group.some(({ kind }) => kind === "self");
    return { protocol, fromPort, toPort, description, self, ...Object.fromEntries(peers) };
  });
}

/** A single rule as a request has it. */
export function permissionOf(rule: SingleRule, groupId: string): IpPermission {
  const about = rule.description === "" ? {} : { Description: rule.description };
  const ports = rule.protocol === "-1" ? {} : { FromPort: rule.fromPort, ToPort: rule.toPort };
  const peers: { readonly [K in PeerKind]: () => IpPermission } = {
    cidrBlocks: () => ({ IpRanges: [{ CidrIp: rule.peer, ...about }] }),
    ipv6CidrBlocks: () => ({ Ipv6Ranges: [{ CidrIpv6: rule.peer, ...about }] }),
    prefixListIds: () => ({ PrefixListIds: [{ PrefixListId: rule.peer, ...about }] }),
    securityGroups: () => ({ UserIdGroupPairs: [{ GroupId: rule.peer, ...about }] }),
    self: () => ({ UserIdGroupPairs: [{ GroupId: groupId, ...about }] }),
  };
  return { IpProtocol: rule.protocol, ...ports, ...peers[rule.kind]() };
}

/** Rules to take away and to add, to come from one list to another. */
export function ruleChanges(
  before: readonly SingleRule[],
  after: readonly SingleRule[],
): { readonly revoke: SingleRule[]; readonly authorize: SingleRule[] } {
  const [had, wanted] = [new Set(before.map(keyOf)), new Set(after.map(keyOf))];
  return {
    revoke: before.filter((each) => !wanted.has(keyOf(each))),
    authorize: after.filter((each) => !had.has(keyOf(each))),
  };
}

const keyOf = (rule: SingleRule): string =>
  JSON.stringify([
    rule.protocol,
    rule.fromPort,
    rule.toPort,
    rule.kind,
    rule.peer,
    rule.description,
  ]);

function sorted(rules: readonly SingleRule[]): SingleRule[] {
  const byKey = new Map(rules.map((each) => [keyOf(each), each]));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}
