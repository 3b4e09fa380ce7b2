import { randomUUID } from "node:crypto";
import {
  contains,
  formatRange,
  type Ipv4Range,
  intersection,
  parseRange,
  rangeSize,
} from "../../ipv4.ts";
import type { Document } from "../../store/document-store.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { requireRegion } from "../catalogue/regions.ts";
import { ApiError, notFound, unprocessable } from "../envelope.ts";
import { withUniqueName } from "../unique-name.ts";

interface VpcBody {
  readonly description: string;
  readonly region: string;
  /** CIDR. */
  readonly ipRange: string;
  /** Where the region's resources go that name no VPC. */
  readonly isDefault: boolean;
}

/** A private network; the document's name is the VPC's. */
export type Vpc = Document<VpcBody>;

/** Private ranges of RFC 1918. */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(rangeOf);
const BITS = { largest: 16, smallest: 28, chosen: 20 } as const;
/** Where the ranges begin that the vendor chooses. */
const FIRST_CHOSEN = rangeOf("10.100.0.0/20").first;
const NAME = /^[A-Za-z0-9.-]{1,255}$/;

const vpcsOf = ({ store }: VendorContext) => store.collection<VpcBody>("do-vpc");

export const listVpcs = (cloud: VendorContext, accountId: string): Vpc[] =>
  vpcsOf(cloud).list(accountId);

/** The team's VPC of that id, or the vendor's 404. */
export function requireVpc(cloud: VendorContext, accountId: string, id: string): Vpc {
  const vpc = vpcsOf(cloud).get(accountId, id);
  if (vpc === undefined) throw notFound("VPC");
  return vpc;
}

/**
 * The VPC that a new resource of that region goes into: the one it names, which must be the team's and
 * in the region, else the region's default one, which is made when there is none.
 */
export function vpcForResource(
  cloud: VendorContext,
  accountId: string,
  resource: { readonly vpcId: string | undefined; readonly region: string; readonly field: string },
): Vpc {
  const { vpcId, region, field } = resource;
  if (vpcId === undefined || vpcId === "") return defaultVpc(cloud, accountId, region);
  const vpc = vpcsOf(cloud).get(accountId, vpcId);
  if (vpc === undefined) {
    throw unprocessable(`${field}: there is no VPC ${vpcId}. Name a VPC of this team.`);
  }
  if (vpc.body.region !== region) {
    throw unprocessable(
      `${field}: the VPC "${vpc.name}" is in ${vpc.body.region} and not in ${region}. Both must be in one region.`,
    );
  }
  return vpc;
}

/** Makes a VPC, or throws the vendor's refusal. The first one of a region is its default. */
export function createVpc(
  cloud: VendorContext,
  accountId: string,
  request: {
    readonly name: string;
    readonly description?: string | undefined;
    readonly region: string;
    readonly ipRange?: string | undefined;
  },
): Vpc {
  const { name, description = "", region, ipRange } = request;
  requireRegion(region);
  checkName(name);
  const others = listVpcs(cloud, accountId);
  const range = ipRange === undefined ? freeRange(others) : checkedRange(ipRange, others);
  const isDefault = !others.some(({ body }) => body.region === region && body.isDefault);
  return withUniqueName(
    "VPC",
    name,
    () =>
      vpcsOf(cloud).insert(accountId, {
        id: randomUUID(),
        name,
        body: { description, region, ipRange: formatRange(range), isDefault },
      }),
    unprocessable,
  );
}

/** Changes name, description or the region's default, which can be moved but not given up. */
export function changeVpc(
  cloud: VendorContext,
  vpc: Vpc,
  change: {
    readonly name?: string | undefined;
    readonly description?: string | undefined;
    readonly default?: boolean | undefined;
  },
): Vpc {
  const { account, id, body } = vpc;
  const { name = vpc.name, description = body.description } = change;
  checkName(name);
  if (change.default === false && body.isDefault) {
    throw new ApiError(
      403,
      "forbidden",
      "Can not unset default VPCs. Make another VPC of the region the default.",
    );
  }
  return cloud.store.transaction(() => {
    const isDefault = change.default ?? body.isDefault;
    for (const other of isDefault ? listVpcs(cloud, account) : []) {
      if (other.id === id || other.body.region !== body.region || !other.body.isDefault) continue;
      vpcsOf(cloud).update(account, other.id, { body: { ...other.body, isDefault: false } });
    }
    return withUniqueName(
      "VPC",
      name,
      () => vpcsOf(cloud).update(account, id, { name, body: { ...body, description, isDefault } }),
      unprocessable,
    );
  });
}

export const removeVpc = (cloud: VendorContext, { account, id }: Vpc): boolean =>
  vpcsOf(cloud).remove(account, id);

function defaultVpc(cloud: VendorContext, accountId: string, region: string): Vpc {
  const known = listVpcs(cloud, accountId).find(
    ({ body }) => body.region === region && body.isDefault,
  );
  return known ?? createVpc(cloud, accountId, { name: `default-${region}`, region });
}

function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw unprocessable("name: may only contain letters, numbers, dashes, and periods, 255 at most.");
}

function checkedRange(text: string, others: readonly Vpc[]): Ipv4Range {
  const range = text.includes("/") ? parseRange(text) : undefined;
  if (range === undefined || formatRange(range) !== text) {
    throw unprocessable("ip_range: is not a valid CIDR. Write it like 10.10.0.0/20.");
  }
  if (range.bits < BITS.largest || range.bits > BITS.smallest) {
    throw unprocessable(
      `ip_range: must be between /${BITS.largest} and /${BITS.smallest} in size.`,
    );
  }
  if (!PRIVATE.some((outer) => contains(outer, range))) {
    throw unprocessable(
      "ip_range: must be a private range, within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16.",
    );
  }
  const overlapping = others.find(({ body }) => intersection(rangeOf(body.ipRange), range));
  if (overlapping !== undefined) {
    throw unprocessable(
      `This range/size overlaps with another VPC network in your account: ${overlapping.body.ipRange}. Choose another.`,
    );
  }
  return range;
}

function freeRange(others: readonly Vpc[]): Ipv4Range {
  const taken = others.map(({ body }) => rangeOf(body.ipRange));
  const size = rangeSize(BITS.chosen);
  for (let first = FIRST_CHOSEN; first < rangeOf("11.0.0.0/8").first; first += size) {
    const range = { first, bits: BITS.chosen };
    if (!taken.some((other) => intersection(other, range))) return range;
  }
  throw unprocessable("ip_range: no range is free any more. Delete a VPC that is not used.");
}

function rangeOf(cidr: string): Ipv4Range {
  const range = parseRange(cidr);
  if (range === undefined) throw new Error(`${cidr} is not a range of addresses.`);
  return range;
}
