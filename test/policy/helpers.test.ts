import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { environmentLabel } from "../../components/naming.ts";
import { joinPath, type ResourceFact, Secret, UNKNOWN } from "../../isolation/facts.ts";
import { environmentsIn } from "../../policy/environment-names.ts";
import { generatedBits } from "../../policy/generators.ts";
import { globMatches } from "../../policy/glob.ts";
import { isEverybody } from "../../policy/networks.ts";
import { plainConnection } from "../../policy/plain-connections.ts";
import { pathSegments, valueAt } from "../../policy/property-paths.ts";
import { letsEverybodyIn } from "../../policy/public-policies.ts";

describe("a property path", () => {
  test("leads to what it was written for, whatever the keys", () => {
    const keys = fc.array(fc.string(), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(keys, (path) => {
        const written = path.reduce(joinPath, "");
        fc.pre(written !== "" && path.every((key) => key !== "__proto__"));
        expect(pathSegments(written)).toEqual(path);
      }),
    );
  });

  test("sees through secrets, and stops at what is unknown or sealed", () => {
    const value = { a: new Secret([{ b: "x" }]), c: UNKNOWN, d: new Secret(undefined), e: null };
    expect(valueAt(value, "a[0].b")).toBe("x");
    expect(valueAt(value, "c.f")).toBe(UNKNOWN);
    expect(valueAt(value, "d")).toBe(UNKNOWN);
    expect(valueAt(value, "e.f")).toBeUndefined();
    expect(valueAt(value, "toString")).toBeUndefined();
  });
});

describe("a glob", () => {
  test("matches itself and, with stars, what stands between", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (a, b, c) => {
        fc.pre(!`${a}${c}`.includes("*"));
        expect(globMatches(`${a}*${c}`, a + b + c)).toBe(true);
        expect(globMatches(a, a)).toBe(true);
      }),
    );
  });

  test("takes every other sign as it is", () => {
    expect(globMatches("a.b[0]", "axb0")).toBe(false);
    expect(globMatches("a", "ab")).toBe(false);
    expect(globMatches("*::x", "urn::y::xx")).toBe(false);
  });
});

describe("the bits of a generator", () => {
  const bits = (kind: string, inputs: ResourceFact["inputs"]) =>
    generatedBits({ type: `random:index/${kind}`, inputs } as ResourceFact);

  test.each([
    ["randomPassword:RandomPassword", { length: 64, special: false }, 64 * Math.log2(62)],
    ["randomPassword:RandomPassword", { length: 10 }, 10 * Math.log2(83)],
    ["randomPassword:RandomPassword", { length: 10, overrideSpecial: "-_" }, 10 * Math.log2(64)],
    [
      "randomString:RandomString",
      { length: 64, upper: false, lower: false, overrideSpecial: "abcdef0" },
      64 * 4,
    ],
    [
      "randomPassword:RandomPassword",
      { length: 9, number: false, special: false },
      9 * Math.log2(52),
    ],
    ["randomBytes:RandomBytes", { length: 16 }, 128],
    ["randomId:RandomId", { byteLength: 4 }, 32],
    ["randomUuid:RandomUuid", {}, 122],
    ["randomInteger:RandomInteger", { min: 0, max: 255 }, 8],
    ["randomPet:RandomPet", {}, 20],
    ["randomPassword:RandomPassword", { length: UNKNOWN }, undefined],
    ["randomPassword:RandomPassword", { length: 64, special: UNKNOWN }, undefined],
  ])("%s with %j are %d", (kind, inputs, expected) => {
    const found = bits(kind, inputs);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(expected);
  });
});

describe("everybody", () => {
  test.each(["0.0.0.0/0", "::/0", "0.0.0.0", "::", "128.0.0.0/1", "8.0.0.0/7"])(
    "is %s",
    (range) => {
      expect(isEverybody(range)).toBe(true);
    },
  );

  test.each(["10.0.0.0/8", "203.0.113.7", "203.0.113.7/32", "2001:db8::/32"])(
    "is not %s",
    (range) => {
      expect(isEverybody(range)).toBe(false);
    },
  );
});

describe("a policy lets everybody in", () => {
  const statement = { Effect: "Allow", Principal: { AWS: "*" }, Action: "s3:*" };

  test.each([
    ["as JSON", JSON.stringify({ Statement: [statement] }), true],
    ["as a value", { Statement: statement }, true],
    ["not when it denies", { Statement: [{ ...statement, Effect: "Deny" }] }, false],
    ["not under a condition", { Statement: [{ ...statement, Condition: {} }] }, false],
    ["not for one account", { Statement: [{ ...statement, Principal: { AWS: "1" } }] }, false],
    ["not for a service", { Statement: [{ ...statement, Principal: { Service: "*" } }] }, false],
    ["not when it is no policy", "{", false],
    ["perhaps, while it is unknown", UNKNOWN, undefined],
  ])("%s", (_, policy, expected) => {
    expect(letsEverybodyIn(policy)).toBe(expected);
  });
});

describe("the environments in a name", () => {
  const production = { stack: "production", tier: "production" } as const;
  const staging = { stack: "staging", tier: "staging" } as const;
  const euProd = { stack: "eu-prod", tier: "production" } as const;

  test.each([
    ["cutty-prod", production, [staging], { carriesOwn: true, foreign: undefined }],
    ["api-staging-production", production, [staging], { carriesOwn: true, foreign: "staging" }],
    ["agentverse-reps", staging, [production], { carriesOwn: false, foreign: undefined }],
    ["x-PROD_y.staging", staging, [production], { carriesOwn: true, foreign: "prod" }],
    ["maintenance-staging", staging, [{ stack: "int" }], { carriesOwn: true, foreign: undefined }],
    ["a-eu-production", euProd, [{ stack: "us-prod" }], { carriesOwn: true, foreign: undefined }],
    ["a-us-prod", euProd, [{ stack: "us-prod" }], { carriesOwn: false, foreign: "us-prod" }],
    ["x-pr-1-2", { stack: "pr-1", tier: "preview" }, [], { carriesOwn: true, foreign: undefined }],
    ["x-live", { stack: "live", tier: "production" }, [], { carriesOwn: true, foreign: undefined }],
  ] as const)("%s", (name, own, others, expected) => {
    expect(environmentsIn(name, own, others, "logical")).toEqual(expected);
  });

  test("are those of every name that the components give, whatever the stack is called", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (stack) => {
        const name = `qhub-api-${environmentLabel(stack)}`;
        const found = environmentsIn(name, { stack, tier: "preview" }, [production], "qhub-api");
        expect(found).toEqual({ carriesOwn: true, foreign: undefined });
      }),
    );
  });

  test("are not those that the program itself gives to every environment", () => {
    const others = [{ stack: "images" }];
    expect(environmentsIn("shop-images-staging", staging, others, "shop-images").foreign).toBe(
      undefined,
    );
    expect(environmentsIn("shop-images-staging", staging, others, "shop").foreign).toBe("images");
  });
});

describe("a connection without encryption", () => {
  test.each([
    ["DATABASE_URL", "postgres://u:p@db.acme.dev/x?sslmode=disable"],
    ["DATABASE_URL", "postgres://u:p@[::1],db.acme.dev/x?sslmode=allow"],
    ["X", "redis://db.acme.dev"],
    ["X", "mongodb://u:p@db.acme.dev/x?tls=false"],
    ["X", "jdbc:postgresql://db.acme.dev/x?ssl=false"],
    ["BROKERS", "rediss://a.acme.dev,redis://b.acme.dev"],
    ["OPENSEARCH_URL", "http://search.acme.dev:9200"],
    ["X", "http://bucket.s3.amazonaws.com/a"],
  ])("%s=%s", (name, url) => {
    expect(plainConnection(name, url)).toMatch(/encrypt/);
  });

  test.each([
    ["DATABASE_URL", "postgres://u:p@db.acme.dev/x?sslmode=require"],
    ["DATABASE_URL", "postgres://u:p@db.acme.dev/x"],
    ["DATABASE_URL", "postgres://u:p@localhost/x?sslmode=disable"],
    ["X", "redis://127.0.0.1:6379"],
    ["X", "redis://cache.localhost:6379"],
    ["HOMEPAGE", "http://acme.dev"],
    ["DATABASE_URL", "https://db.acme.dev"],
    ["DATABASE_URL", "sslmode=disable"],
  ])("is not %s=%s", (name, url) => {
    expect(plainConnection(name, url)).toBeUndefined();
  });

  test("is said without the password", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]{12,40}$/), (password) => {
        const url = `redis://u:${password}@db.acme.dev`;
        expect(plainConnection("X", url)).not.toContain(password);
      }),
    );
  });
});
