import { randomBytes } from "node:crypto";
import type { Collection, Document } from "../../store/document-store.ts";
import type { Caller } from "../caller.ts";
import { refusal } from "../protocol/errors.ts";
import type { Tags } from "../tags.ts";

/** What every EC2 resource that is kept here has. */
export interface Tagged {
  readonly tags: Tags;
}

export interface VpcBody extends Tagged {
  readonly cidr: string;
  readonly isDefault: boolean;
  readonly dnsSupport: boolean;
  readonly dnsHostnames: boolean;
  readonly usageMetrics: boolean;
  readonly dhcpOptionsId: string;
  /** What the vendor makes with each VPC. */
  readonly cidrAssociationId: string;
  readonly mainRouteTableId: string;
  readonly mainRouteTableAssociationId: string;
  readonly networkAclId: string;
  readonly defaultGroupId: string;
}

export interface SubnetBody extends Tagged {
  readonly vpcId: string;
  readonly cidr: string;
  readonly zone: string;
  readonly isDefaultForZone: boolean;
  readonly mapPublicIp: boolean;
  readonly aclAssociationId: string;
}

export interface GroupBody extends Tagged {
  readonly vpcId: string;
  readonly groupName: string;
  readonly description: string;
}

/** Where traffic comes from or goes to. */
export type Peer =
  | { readonly cidrIpv4: string }
  | { readonly cidrIpv6: string }
  | { readonly groupId: string };

export interface RuleBody extends Tagged {
  readonly groupId: string;
  readonly isEgress: boolean;
  /** `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all. */
  readonly protocol: string;
  /** -1 for all. */
  readonly fromPort: number;
  readonly toPort: number;
  readonly peer: Peer;
  readonly description: string | undefined;
}

/** The kinds of resources by the prefix of their ids, with the vendor's names for them. */
export const KINDS = {
  vpc: { type: "vpc", code: "InvalidVpcID", label: "vpc ID" },
  subnet: { type: "subnet", code: "InvalidSubnetID", label: "subnet ID" },
  sg: { type: "security-group", code: "InvalidGroup", label: "security group" },
  sgr: {
    type: "security-group-rule",
    code: "InvalidSecurityGroupRuleId",
    label: "security group rule ID",
  },
} as const;

export type Prefix = keyof typeof KINDS;

interface Bodies {
  readonly vpc: VpcBody;
  readonly subnet: SubnetBody;
  readonly sg: GroupBody;
  readonly sgr: RuleBody;
}

export type Vpc = Document<VpcBody>;
export type Subnet = Document<SubnetBody>;
export type Group = Document<GroupBody>;
export type Rule = Document<RuleBody>;

export const collectionOf = <P extends Prefix>(
  { cloud }: Caller,
  prefix: P,
): Collection<Bodies[P]> => cloud.store.collection<Bodies[P]>(`ec2-${KINDS[prefix].type}`);

/** An id such as the vendor makes: the prefix and 17 hexadecimal digits. */
export const newId = (prefix: string): string =>
  `${prefix}-${randomBytes(9).toString("hex").slice(0, 17)}`;

/** The resource, or the vendor's refusal of an id that there is not. */
export function find<P extends Prefix>(caller: Caller, prefix: P, id: string): Document<Bodies[P]> {
  const found = collectionOf(caller, prefix).get(caller.scope, id);
  if (found !== undefined) return found;
  const { code, label } = KINDS[prefix];
  if (!new RegExp(`^${prefix}-[0-9a-f]+$`).test(id)) {
    throw refusal(`${code}.Malformed`, `Invalid id: "${id}" (expecting "${prefix}-...")`);
  }
  throw refusal(`${code}.NotFound`, `The ${label} '${id}' does not exist`);
}

/** Those of `ids`, each of which must be; all without ids. */
export function findAll<P extends Prefix>(
  caller: Caller,
  prefix: P,
  ids: readonly string[] | undefined,
): Document<Bodies[P]>[] {
  if (ids === undefined || ids.length === 0) return collectionOf(caller, prefix).list(caller.scope);
  return ids.map((id) => find(caller, prefix, id));
}
