import fc from "fast-check";
import { expect, test } from "vitest";
import {
  contains,
  formatBlock,
  isIpv6Block,
  overlap,
  parseIpv4Block,
  partOf,
} from "../../../local/aws/ec2/cidr.ts";

const blocks = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 }))
  .map(([address, prefix]) => ({ start: address - (address % 2 ** (32 - prefix)), prefix }));

test("a block is the same after it was written and read", () => {
  fc.assert(
    fc.property(blocks, (block) => {
      expect(parseIpv4Block(formatBlock(block))).toEqual(block);
    }),
  );
});

test("parts of a block are in it and do not overlap", () => {
  fc.assert(
    fc.property(blocks, fc.nat(6), fc.nat(63), fc.nat(63), (block, bits, one, other) => {
      fc.pre(block.prefix + bits <= 32 && one < 2 ** bits && other < 2 ** bits);
      const [a, b] = [one, other].map((index) => partOf(block, block.prefix + bits, index));
      if (a === undefined || b === undefined) return;
      expect(contains(block, a)).toBe(true);
      expect(overlap(a, b)).toBe(one === other);
    }),
  );
});

test.each(["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "10.0.0.256/8", "::/0", "10.0.0.0/8 "])(
  "%s is no block of IPv4 addresses",
  (text) => expect(parseIpv4Block(text)).toBeUndefined(),
);

test("a block of IPv6 addresses is told from others", () => {
  expect(["::/0", "2001:db8::/32", "::/129", "::", "10.0.0.0/8"].map(isIpv6Block)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
