import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalHost, isLoopback } from "../../../isolation/identity/host.ts";
import { hostName, ipv4, ipv4Spellings, spellings } from "./arbitraries.ts";

describe("a host's one spelling", () => {
  it.each([
    ["DB.Example.COM", "db.example.com"],
    ["db.example.com.", "db.example.com"],
    ["  db.example.com ", "db.example.com"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["XN--BCHER-KVA.example", "xn--bcher-kva.example"],
    ["db%2Eexample%2ecom", "db.example.com"],
    ["db。example。com", "db.example.com"],
    ["redis", "redis"],
    ["my_db", "my_db"],
    ["2130706433", "127.0.0.1"],
    ["0x7f.1", "127.0.0.1"],
    ["0177.0.0.1", "127.0.0.1"],
    ["127.1", "127.0.0.1"],
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["::1", "[::1]"],
    ["[0:0:0:0:0:0:0:1]", "[::1]"],
    ["2001:DB8:0:0::5", "[2001:db8::5]"],
    ["fe80::1%eth0", "[fe80::1]"],
    ["[fe80::1%25eth0]", "[fe80::1]"],
    ["%3A%3A1", "[::1]"],
  ])("takes %j for %j", (text, host) => {
    expect(canonicalHost(text)).toBe(host);
  });

  it.each([
    "",
    ".",
    "a..b",
    "-a.example",
    "a b",
    "a,b",
    "a/b",
    "user@host",
    "*.example.com",
    "256.1.1.1",
    "1.2.3.4.5",
    "host:5432",
    "[::1",
    "::1::2",
    "$HOST",
    "%zz",
    `${"a".repeat(64)}.example`,
    "a.".repeat(200),
  ])("takes %j for no host", (text) => {
    expect(canonicalHost(text)).toBeUndefined();
  });

  it("changes nothing when it is applied twice", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webAuthority(),
          fc.domain(),
          fc.ipV4Extended(),
          fc.ipV6(),
          hostName,
        ),
        (text) => {
          const host = canonicalHost(text);
          if (host !== undefined) expect(canonicalHost(host)).toBe(host);
        },
      ),
    );
  });

  it("is one for every spelling of a name", () => {
    const pairs = hostName.chain((host) => fc.tuple(fc.constant(host), spellings(host)));
    fc.assert(
      fc.property(pairs, ([host, spelling]) => {
        expect(canonicalHost(spelling)).toBe(host);
      }),
    );
  });

  it("is one for every spelling of an IPv4 address", () => {
    fc.assert(
      fc.property(ipv4, (address) => {
        for (const spelling of ipv4Spellings(address))
          expect(canonicalHost(spelling)).toBe(address);
      }),
    );
  });

  it("is never one for two names", () => {
    fc.assert(
      fc.property(hostName, hostName, (one, other) => {
        fc.pre(one !== other);
        expect(canonicalHost(one)).not.toBe(canonicalHost(other));
      }),
    );
  });
});

describe("loopback", () => {
  it("is told in every spelling of every address, but for those that one server alone has", () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), fc.nat(255), (b, c, d) => {
        for (const spelling of ipv4Spellings(`127.${b}.${c}.${d}`))
          expect(isLoopback(canonicalHost(spelling) ?? "")).toBe(b < 64 || b > 127);
      }),
    );
  });

  it.each(["127.63.255.255", "127.128.0.0"])("is %j, next to those", (address) => {
    expect(isLoopback(address)).toBe(true);
  });

  it.each(["127.64.0.1", "127.127.255.254"])(
    "is not %j, the first and last of those",
    (address) => {
      expect(isLoopback(address)).toBe(false);
    },
  );

  it.each(["localhost", "LOCALHOST.", "api.localhost", "0.0.0.0", "0", "[::]", "::1", "0::1"])(
    "is %j",
    (text) => {
      expect(isLoopback(canonicalHost(text) ?? "")).toBe(true);
    },
  );

  it.each(["128.0.0.1", "10.127.0.1", "localhost.example.com", "mylocalhost", "0.0.0.1", "::2"])(
    "is not %j",
    (text) => {
      expect(isLoopback(canonicalHost(text) ?? "")).toBe(false);
    },
  );
});
