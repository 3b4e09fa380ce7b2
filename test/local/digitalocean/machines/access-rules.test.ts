import fc from "fast-check";
import { expect, test } from "vitest";
import { accessRules } from "../../../../local/digitalocean/machines/access-rules.ts";
import type { AccessRule } from "../../../../local/engines/engines.ts";
import { contains, formatRange, type Ipv4Range, parseRange } from "../../../../local/ipv4.ts";

const rule = (address: string, method: AccessRule["method"] = "scram-sha-256"): AccessRule => ({
  database: "app",
  user: "app",
  address,
  method,
});
const addresses = (rules: readonly AccessRule[]) => rules.map(({ address }) => address);

test("without a firewall the server's own rules count, and the operator is let in besides", () => {
  expect(addresses(accessRules([rule("10.0.0.0/8")], undefined))).toEqual([
    "10.0.0.0/8",
    "127.0.0.1/32",
  ]);
});

test("with firewalls only what both let in comes through, and the operator", () => {
  const rules = [rule("10.0.0.0/8")];
  expect(addresses(accessRules(rules, ["10.1.0.0/16", "192.168.0.1", "::/0"]))).toEqual([
    "10.1.0.0/16",
    "127.0.0.1/32",
  ]);
  expect(addresses(accessRules(rules, ["0.0.0.0/0"]))).toEqual(["10.0.0.0/8", "127.0.0.1/32"]);
  expect(addresses(accessRules(rules, []))).toEqual(["127.0.0.1/32"]);
});

test("a rule that refuses somebody refuses the operator only when it covers this computer", () => {
  expect(addresses(accessRules([rule("10.0.0.0/8", "reject")], undefined))).toEqual(["10.0.0.0/8"]);
  expect(addresses(accessRules([rule("0.0.0.0/0", "reject")], undefined))).toEqual([
    "0.0.0.0/0",
    "127.0.0.1/32",
  ]);
});

const range = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 }))
  .map(([address, bits]) => `${formatRange({ first: address, bits: 32 }).split("/")[0]}/${bits}`);
const parsed = (text: string) => parseRange(text) as Ipv4Range;

test("an address is let in exactly when the server's rule and some firewall let it in", () => {
  fc.assert(
    fc.property(range, fc.array(range), range, (own, sources, somebody) => {
      const address = { ...parsed(somebody), bits: 32 };
      const isIn = (cidr: string) => contains(parsed(cidr), address);
      fc.pre(!isIn("127.0.0.1/32"));
      const letIn = addresses(accessRules([rule(own)], sources)).some(isIn);
      expect(letIn).toBe(isIn(own) && sources.some(isIn));
    }),
  );
});
