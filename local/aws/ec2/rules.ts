import { z } from "zod";
import { NameTakenError } from "../../store/document-store.ts";
import type { Caller } from "../caller.ts";
import { invalidCombination, invalidValue, refusal } from "../protocol/errors.ts";
import { formatBlock, isIpv6Block, parseIpv4Block } from "./cidr.ts";
import { collectionOf, find, newId, type Peer, type Rule, type RuleBody } from "./resources.ts";

/** A rule without its group. */
export type NewRule = Omit<RuleBody, "groupId">;

/** Protocols that have a name; all others are numbers. */
const PROTOCOLS: Readonly<Record<string, string>> = {
  "6": "tcp",
  "17": "udp",
  "1": "icmp",
  "58": "icmpv6",
};
const WITH_PORTS = ["tcp", "udp"];
const WITH_TYPES = ["icmp", "icmpv6"];

const describedAs = { Description: z.string().max(255).optional() };

/** One entry of `IpPermissions`. */
export const permissionSchema = z.strictObject({
  IpProtocol: z.string(),
  FromPort: z.int().optional(),
  ToPort: z.int().optional(),
  IpRanges: z.array(z.strictObject({ CidrIp: z.string(), ...describedAs })).default([]),
  Ipv6Ranges: z.array(z.strictObject({ CidrIpv6: z.string(), ...describedAs })).default([]),
  UserIdGroupPairs: z
    .array(
      z.strictObject({
        GroupId: z.string(),
        UserId: z.string().optional(),
        VpcId: z.string().optional(),
        ...describedAs,
      }),
    )
    .default([]),
});

/** What one rule lets through, in ModifySecurityGroupRules. */
export const ruleSchema = z.strictObject({
  IpProtocol: z.string(),
  FromPort: z.int().optional(),
  ToPort: z.int().optional(),
  CidrIpv4: z.string().optional(),
  CidrIpv6: z.string().optional(),
  ReferencedGroupId: z.string().optional(),
  ...describedAs,
});

/** A rule for all traffic. */
export const ruleTo = (peer: Peer, isEgress: boolean): NewRule => ({
  isEgress,
  protocol: "-1",
  fromPort: -1,
  toPort: -1,
  peer,
  description: undefined,
  tags: {},
});

/** In order of creation. */
export const rulesOf = (caller: Caller, groupId: string): Rule[] =>
  collectionOf(caller, "sgr")
    .list(caller.scope)
    .filter(({ body }) => body.groupId === groupId);

/** Keeps a rule, which the group must not have yet. */
export function insertRule(caller: Caller, groupId: string, rule: NewRule): Rule {
  const body = { ...rule, groupId };
  return refusingDuplicates(body, () =>
    collectionOf(caller, "sgr").insert(caller.scope, {
      id: newId("sgr"),
      name: trafficOf(body),
      body,
    }),
  );
}

export function changeRule(caller: Caller, { id, body: earlier }: Rule, rule: NewRule): Rule {
  const body = { ...rule, groupId: earlier.groupId, tags: earlier.tags };
  return refusingDuplicates(body, () =>
    collectionOf(caller, "sgr").update(caller.scope, id, { name: trafficOf(body), body }),
  );
}

/** Which of the group's rules lets the same through. */
export const ruleLike = (caller: Caller, groupId: string, rule: NewRule): Rule | undefined =>
  collectionOf(caller, "sgr").byName(caller.scope, trafficOf({ ...rule, groupId }));

/** The rules of the older form, of which one entry can be many. */
export function rulesFrom(
  caller: Caller,
  permissions: readonly z.infer<typeof permissionSchema>[],
  isEgress: boolean,
): NewRule[] {
  return permissions.flatMap((permission) => {
    const peers = [
      ...permission.IpRanges.map(({ CidrIp, Description }) => ({ CidrIpv4: CidrIp, Description })),
      ...permission.Ipv6Ranges,
      ...permission.UserIdGroupPairs.map(({ GroupId, Description }) => ({
        ReferencedGroupId: GroupId,
        Description,
      })),
    ];
    if (peers.length === 0) {
      throw refusal(
        "MissingParameter",
        "A permission must name an IP range or a security group that it is for.",
      );
    }
    const { IpProtocol, FromPort, ToPort } = permission;
    return peers.map((peer) =>
      ruleFrom(caller, { IpProtocol, FromPort, ToPort, ...peer }, isEgress),
    );
  });
}

/** One rule as the API's newer form has it. Throws the vendor's refusals. */
export function ruleFrom(
  caller: Caller,
  request: z.infer<typeof ruleSchema>,
  isEgress: boolean,
): NewRule {
  const protocol = PROTOCOLS[request.IpProtocol] ?? request.IpProtocol.toLowerCase();
  return {
    isEgress,
    protocol,
    ...portsOf(protocol, request.FromPort, request.ToPort),
    peer: peerOf(caller, request),
    description: request.Description,
    tags: {},
  };
}

function portsOf(protocol: string, from: number | undefined, to: number | undefined) {
  if (WITH_PORTS.includes(protocol)) {
    if (from === undefined || to === undefined) {
      throw refusal("MissingParameter", `The protocol ${protocol} needs FromPort and ToPort.`);
    }
    if (!(from >= 0 && from <= to && to <= 65535)) {
      throw invalidValue(`Invalid TCP/UDP port range (${from}:${to})`);
    }
    return { fromPort: from, toPort: to };
  }
  if (WITH_TYPES.includes(protocol)) return { fromPort: from ?? -1, toPort: to ?? -1 };
  const isNumber = /^\d{1,3}$/.test(protocol) && Number(protocol) <= 255;
  if (protocol !== "-1" && !isNumber) {
    throw invalidValue(`Invalid value '${protocol}' for IP protocol. Unknown protocol.`);
  }
  return { fromPort: -1, toPort: -1 };
}

function peerOf(caller: Caller, request: z.infer<typeof ruleSchema>): Peer {
  const { CidrIpv4, CidrIpv6, ReferencedGroupId } = request;
  const given = [CidrIpv4, CidrIpv6, ReferencedGroupId].filter((peer) => peer !== undefined);
  if (given.length !== 1) {
    throw invalidCombination("A rule must name exactly one IP range or security group.");
  }
  if (CidrIpv4 !== undefined) {
    const block = parseIpv4Block(CidrIpv4);
    if (block === undefined) throw invalidValue(`CIDR block ${CidrIpv4} is malformed`);
    return { cidrIpv4: formatBlock(block) };
  }
  if (CidrIpv6 !== undefined) {
    if (!isIpv6Block(CidrIpv6)) throw invalidValue(`CIDR block ${CidrIpv6} is malformed`);
    return { cidrIpv6: CidrIpv6.toLowerCase() };
  }
  return { groupId: find(caller, "sg", ReferencedGroupId ?? "").id };
}

/** The same text for rules that let the same through, which a group can have once. */
function trafficOf({ groupId, isEgress, protocol, fromPort, toPort, peer }: RuleBody): string {
  const direction = isEgress ? "out" : "in";
  return [groupId, direction, protocol, fromPort, toPort, Object.values(peer)[0]].join(" ");
}

function refusingDuplicates(rule: RuleBody, write: () => Rule): Rule {
  try {
    return write();
  } catch (error) {
    if (!(error instanceof NameTakenError)) throw error;
    throw refusal(
      "InvalidPermission.Duplicate",
      `the specified rule "peer: ${Object.values(rule.peer)[0]}, ${rule.protocol}, from port: ${rule.fromPort}, to port: ${rule.toPort}, ALLOW" already exists`,
    );
  }
}
