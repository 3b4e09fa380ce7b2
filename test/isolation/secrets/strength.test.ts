import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { estimateBits } from "../../../isolation/secrets/index.ts";
import { looksRandom } from "../../../isolation/secrets/strength.ts";
import { secretOf } from "./disguises.ts";

const entropy = { alphanumeric: Math.log2(62), base64url: 6, hex: 4, password: Math.log2(83) };

describe("a generated secret", () => {
  test.each([
    { alphabet: "alphanumeric", length: 64, least: 256 },
    { alphabet: "hex", length: 64, least: 200 },
    { alphabet: "base64url", length: 64, least: 256 },
    { alphabet: "alphanumeric", length: 32, least: 128 },
    { alphabet: "alphanumeric", length: 22, least: 20 },
  ] as const)(
    "of $length characters ($alphabet) is worth $least bits at least and never more than it has",
    ({ alphabet, length, least }) => {
      fc.assert(
        fc.property(secretOf(alphabet, length), (secret) => {
          const bits = estimateBits(secret);
          expect(bits).toBeGreaterThanOrEqual(least);
          expect(bits).toBeLessThanOrEqual(entropy[alphabet] * length + 1);
        }),
        { numRuns: 500 },
      );
    },
  );

  test("of 22 letters and digits is unguessable by the estimate in 997 of 1000 cases", () => {
    const secrets = fc.sample(secretOf("alphanumeric", 22), 5000);
    const strong = secrets.filter((secret) => looksRandom(secret.toLowerCase(), 80));
    expect(strong.length / secrets.length).toBeGreaterThan(0.997);
  });
});

describe("what people choose and programs write", () => {
  test.each([
    "Production-Database-Password-2024!",
    "P4ssw0rdPr0duct10n",
    "Summer2024!!",
    "Tr0ub4dor&3",
    "correct horse battery staple",
    "The quick brown fox jumps over the lazy dog.",
    "Please rotate this secret before the end of the quarter.",
    "Zufallspasswort-Datenbank-Kunden-2024",
    "Mot-de-passe-de-production-tres-secret!",
    "noitcudorp-drowssap-esabatad",
    "passwordpasswordpasswordpasswordpassword",
    "Xk4Xk4Xk4Xk4Xk4Xk4Xk4Xk4Xk4Xk4Xk4Xk4Xk4Xk4",
    "qwertyuiopasdfghjklzxcvbnm",
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "01234567890123456789012345678901234567890123456789",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "eu-central-1.aws.example.tech",
    "tokenEndpointAuthMethodsSupported",
    "2024-01-01T00:00:00.000Z",
    "-----BEGIN RSA PRIVATE KEY-----",
    "ondigitalocean.com:25060/defaultdb?sslmode=require",
    "pgbouncer=true&connection_limit=15&pool_timeout=30",
    "true",
    "",
    "日本語のパスワードは推測できるかもしれません",
  ])("%s is worth less than 80 bits and is not random", (text) => {
    expect(estimateBits(text)).toBeLessThan(80);
    expect(looksRandom(text, 40)).toBe(false);
  });

  test("six digits are worth 20 bits", () => {
    expect(estimateBits("483920")).toBeCloseTo(6 * Math.log2(10), 5);
  });
});

test("a word or a number beside random characters makes the whole no longer random", () => {
  const known = "5f0c9e2b7a41d83369bfe0c417d25a8e";
  expect(looksRandom(known, 80)).toBe(true);
  expect(looksRandom(`${known}:hunter2`, 80)).toBe(false);
  expect(looksRandom(`Summer2024@${known}`, 80)).toBe(false);
  expect(looksRandom(`${known}:4839`, 80)).toBe(false);
});

test("a text is worth as much backwards, but for a sequence in it", () => {
  fc.assert(
    fc.property(secretOf("password", 8, 40), (secret) => {
      const backwards = [...secret].reverse().join("");
      expect(Math.abs(estimateBits(secret) - estimateBits(backwards))).toBeLessThan(6);
    }),
    { numRuns: 2000 },
  );
});
