import { isIPv4, isIPv6 } from "node:net";

/** A block of IPv4 addresses. */
export interface Ipv4Block {
  /** The first address as a number. */
  readonly start: number;
  readonly prefix: number;
}

/** The block of a text such as `10.0.1.7/16`, whose further bits are ignored; undefined when it is none. */
export function parseIpv4Block(text: string): Ipv4Block | undefined {
  const [, address = "", length = ""] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  const prefix = Number(length);
  if (!isIPv4(address) || prefix > 32) return undefined;
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return { start: number - (number % sizeOf(prefix)), prefix };
}

/** `10.0.0.0/16` */
export function formatBlock({ start, prefix }: Ipv4Block): string {
  const parts = [24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256);
  return `${parts.join(".")}/${prefix}`;
}

export const contains = (outer: Ipv4Block, inner: Ipv4Block): boolean =>
  outer.prefix <= inner.prefix &&
  inner.start >= outer.start &&
  inner.start < outer.start + sizeOf(outer.prefix);

export const overlap = (a: Ipv4Block, b: Ipv4Block): boolean => contains(a, b) || contains(b, a);

/** How many addresses a subnet has for its users: the vendor keeps five. */
export const usableAddresses = ({ prefix }: Ipv4Block): number => sizeOf(prefix) - 5;

/** The `index`th block of length `prefix` in `outer`. */
export const partOf = (outer: Ipv4Block, prefix: number, index: number): Ipv4Block => ({
  start: outer.start + index * sizeOf(prefix),
  prefix,
});

/** Whether a text is a block of IPv6 addresses. */
export function isIpv6Block(text: string): boolean {
  const [address = "", length = "", ...more] = text.split("/");
  return isIPv6(address) && /^\d{1,3}$/.test(length) && Number(length) <= 128 && more.length === 0;
}

const sizeOf = (prefix: number): number => 2 ** (32 - prefix);
