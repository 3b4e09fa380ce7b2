/** A range of IPv4 addresses: the first one as a number, and how many bits all of them share. */
export interface Ipv4Range {
  readonly first: number;
  readonly bits: number;
}

/** `10.0.0.0/16`, or one address, which is a range of itself; undefined for anything else. */
export function parseRange(text: string): Ipv4Range | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text);
  if (match === null) return undefined;
  const parts = match.slice(1, 5).map(Number);
  const bits = match[5] === undefined ? 32 : Number(match[5]);
  if (parts.some((part) => part > 255) || bits > 32) return undefined;
  const address = parts.reduce((sum, part) => sum * 256 + part, 0);
  return { first: address - (address % rangeSize(bits)), bits };
}

/** How many addresses a range of so many shared bits has. */
export const rangeSize = (bits: number): number => 2 ** (32 - bits);

export const formatAddress = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");

export const formatRange = ({ first, bits }: Ipv4Range): string =>
  `${formatAddress(first)}/${bits}`;

/** The mask of a range: `255.255.240.0` for 20 bits. */
export const netmask = (bits: number): string => formatAddress(2 ** 32 - rangeSize(bits));

export const contains = (outer: Ipv4Range, inner: Ipv4Range): boolean =>
  outer.bits <= inner.bits &&
  inner.first >= outer.first &&
  inner.first < outer.first + rangeSize(outer.bits);

/** What both ranges have in common; two ranges are apart, or one of them is within the other. */
export function intersection(a: Ipv4Range, b: Ipv4Range): Ipv4Range | undefined {
  if (contains(a, b)) return b;
  return contains(b, a) ? a : undefined;
}
