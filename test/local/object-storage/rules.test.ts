import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { byteRange } from "../../../local/object-storage/byte-range.ts";
import { askPolicy, isPublicPolicy, parsePolicy } from "../../../local/object-storage/policy.ts";
import { matchesWildcard } from "../../../local/object-storage/wildcard.ts";

describe("a wildcard pattern", () => {
  test("matches what the same regular expression matches", () => {
    const unit = fc.constantFrom("a", "b", "/", ".", "*", "?", "é", "\u{1f600}");
    fc.assert(
      fc.property(
        fc.string({ unit, maxLength: 8 }),
        fc.string({ unit, maxLength: 10 }),
        (pattern, text) => {
          const source = [...pattern]
            .map((character) =>
              character === "*"
                ? "[^]*"
                : character === "?"
                  ? "[^]"
                  : character.replace(".", "\\.").replace("/", "\\/"),
            )
            .join("");
          expect(matchesWildcard(pattern, text)).toBe(new RegExp(`^${source}$`, "u").test(text));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("of many stars is decided at once", () => {
    expect(matchesWildcard(`${"*a".repeat(50)}b`, "a".repeat(5000))).toBe(false);
  });
});

test("a range of bytes is what RFC 9110 says, and always inside of the object", () => {
  const number = fc.oneof(fc.nat(20), fc.constant(2 ** 60));
  fc.assert(
    fc.property(number, number, fc.nat(15), (first, last, size) => {
      const range = byteRange(`bytes=${first}-${last}`, size);
      if (last < first) expect(range).toBe("all");
      else if (first >= size) expect(range).toBe("unsatisfiable");
      else expect(range).toEqual({ start: first, end: Math.min(last + 1, size) });
      const suffix = byteRange(`bytes=-${last}`, size);
      if (last === 0 || size === 0) expect(suffix).toBe("unsatisfiable");
      else expect(suffix).toEqual({ start: Math.max(0, size - last), end: size });
    }),
  );
});

test.each([null, "", "bytes=", "bytes=-", "bytes=a-b", "lines=0-1", "bytes=0-1,3-4"])(
  "%j asks for the whole object",
  (header) => {
    expect(byteRange(header, 10)).toBe("all");
  },
);

describe("a policy", () => {
  const parse = (...Statement: object[]) =>
    parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement }), "bucket");
  const allow = {
    Effect: "Allow",
    Principal: "*",
    Action: "s3:Get*",
    Resource: "arn:aws:s3:::bucket/public/*",
  };
  const question = {
    accountId: undefined,
    action: "s3:GetObject",
    resource: "arn:aws:s3:::bucket/public/a",
    sourceIp: "192.0.2.7",
    isSecureTransport: true,
  } as const;
  const condition = (Condition: object) => ({ ...allow, Condition });

  test("speaks of those callers, actions and resources that its statements name", () => {
    const policy = parse(allow);
    expect(askPolicy(policy, question)).toBe("Allow");
    expect(askPolicy(policy, { ...question, action: "s3:PutObject" })).toBeUndefined();
    expect(askPolicy(policy, { ...question, action: "S3:getobject" })).toBe("Allow");
    const resource = "arn:aws:s3:::bucket/private/a";
    expect(askPolicy(policy, { ...question, resource })).toBeUndefined();
    const one = parse({ ...allow, Principal: { AWS: ["123456789012"] } });
    expect(askPolicy(one, question)).toBeUndefined();
    expect(askPolicy(one, { ...question, accountId: "123456789012" })).toBe("Allow");
    expect(askPolicy(one, { ...question, accountId: "123456789013" })).toBeUndefined();
    const service = parse({ ...allow, Principal: { Service: "cloudfront.amazonaws.com" } });
    expect(askPolicy(service, question)).toBeUndefined();
  });

  test("denies before it allows, in whatever order", () => {
    const deny = { ...allow, Effect: "Deny", Action: "s3:*" };
    expect(askPolicy(parse(allow, deny), question)).toBe("Deny");
    expect(askPolicy(parse(deny, allow), question)).toBe("Deny");
  });

  test("holds under its conditions only", () => {
    const ask = (Condition: object, sourceIp = "192.0.2.7") =>
      askPolicy(parse(condition(Condition)), { ...question, sourceIp });
    const range = { "aws:SourceIp": ["192.0.2.0/24", "2001:db8::/32"] };
    expect(ask({ IpAddress: range })).toBe("Allow");
    expect(ask({ IpAddress: range }, "192.0.3.1")).toBeUndefined();
    expect(ask({ IpAddress: range }, "2001:db8::1")).toBe("Allow");
    expect(ask({ NotIpAddress: range })).toBeUndefined();
    expect(ask({ NotIpAddress: range }, "192.0.3.1")).toBe("Allow");
    expect(ask({ Bool: { "aws:SecureTransport": "true" } })).toBe("Allow");
    expect(ask({ Bool: { "aws:SecureTransport": false } })).toBeUndefined();
  });

  test("is public when anybody from anywhere is allowed something", () => {
    const isPublic = (...statements: object[]) => isPublicPolicy(parse(...statements));
    expect(isPublic(allow)).toBe(true);
    expect(isPublic({ ...allow, Principal: { AWS: "*" } })).toBe(true);
    expect(isPublic({ ...allow, Principal: { AWS: "123456789012" } })).toBe(false);
    expect(isPublic({ ...allow, Effect: "Deny" })).toBe(false);
    const from = (range: string) => condition({ IpAddress: { "aws:SourceIp": range } });
    expect(isPublic(from("10.0.0.0/8"))).toBe(false);
    expect(isPublic(from("0.0.0.0/0"))).toBe(true);
    expect(isPublic(condition({ Bool: { "aws:SecureTransport": "true" } }))).toBe(true);
  });
});
