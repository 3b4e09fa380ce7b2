import fc from "fast-check";
import { expect, test } from "vitest";
import { Redactor } from "../../../drift/redact/redact.ts";
import { IsolationIndex } from "../../../isolation/compare/index.ts";
import { Secret } from "../../../isolation/facts.ts";
import { manifestOf } from "../../../isolation/manifest/index.ts";
import { createFingerprinter } from "../../../isolation/secrets/index.ts";

const SALT = "jsI5GPHetm-8QjwXUO_PzkW2jo8_Sn5GfIFSh3l2SbY";
const fingerprinter = createFingerprinter(SALT);
const PASSWORD = "q7Zk2PvX9mB4tLw8RcYh3NfJ6sDg5Ea1";

/** Knows the password as production's. */
async function redactor(): Promise<Redactor> {
  const production = { project: "shop", stack: "production" };
  const fingerprints = [...(await fingerprinter.secret(PASSWORD))];
  const manifest = manifestOf(production, SALT, {
    "urn:pulumi:production::shop::a:b:C::c": {
      type: "a:b:C",
      secrets: [{ path: "password", fingerprints, length: PASSWORD.length, bits: 180 }],
    },
  });
  const index = new IsolationIndex();
  index.add(production, () => manifest);
  return new Redactor(index, fingerprinter);
}

test("a value is shown as JSON, and what is not there as nothing", async () => {
  const { show } = bound(await redactor());
  expect(show("weur", "location")).toBe('"weur"');
  expect(show({ a: [1, true, null] }, "rules")).toBe('{"a":[1,true,null]}');
  expect(show(undefined, "location")).toBeNull();
});

test("a long value is cut, and says how long it is", async () => {
  const { show } = bound(await redactor());
  expect(show("lorem ipsum ".repeat(100), "content")).toMatch(
    /^"lorem .{190,}… \(1202 characters, SHA-256 [0-9a-f]{12}…\)$/,
  );
});

test.each([
  ["a sealed secret", new Secret(undefined), "text"],
  ["a secret deep inside", { a: [{ b: new Secret("x") }] }, "bindings[X]"],
  ["another stack's secret in plain text", PASSWORD, "bindings[GREETING].text"],
  ["the same inside a URL", `postgres://u:${PASSWORD}@db/x`, "origin"],
  ["the same in base64", Buffer.from(PASSWORD).toString("base64"), "note"],
  ["what looks like a token", `AKIA${"ABCDEFGHIJ234567"}`, "text"],
  ["what is named a password", "hunter2-and-more", "bindings[DB_PASSWORD].text"],
])("%s is hidden", async (_, value, path) => {
  expect((await redactor()).show(value, path)).toBe("[secret]");
});

test("long values that begin alike are shown as different ones", async () => {
  const { show } = bound(await redactor());
  const policy = (account: string) => `${"lorem ipsum ".repeat(30)}${account}`;
  expect(show(policy("111111111111"), "policy")).not.toBe(show(policy("222222222222"), "policy"));
  expect(show(policy("111111111111"), "policy")).toBe(show(policy("111111111111"), "policy"));
});

// No stack has it on record: such as another one's, or one that was made by hand.
const UNKNOWN = "Hx8d7fjkQz91LmTv";

test.each([
  `cannot connect to postgresql://app:${UNKNOWN}@db.shop.net:5432/x: refused`,
  `parse "https://hook:${UNKNOWN}@hooks.shop.net/a?b=c": invalid port`,
  `${"lorem ipsum ".repeat(300)} redis://:${UNKNOWN}@cache.shop.net`,
  `request failed: Authorization: Bearer v1.0-${UNKNOWN}`,
  `FATAL: connection string password=${UNKNOWN} sslmode=require`,
  `bad request: {"secret_key":"${UNKNOWN}"}`,
])("the words of a vendor keep their sense, and not an unknown secret: %s", async (words) => {
  const shown = (await redactor()).text(words);
  expect(shown).not.toContain(UNKNOWN);
  expect(shown).toContain("[secret]");
});

test("words that hold no secret stay as they are", async () => {
  const { text } = await redactor().then((each) => ({ text: each.text.bind(each) }));
  for (const words of [
    "GET https://api.shop.net:443/v2/databases, told by admin@shop.net: 403",
    'password authentication failed for user "app"',
    "password: required",
    "Bearer token expired at 2026-01-01",
  ])
    expect(text(words)).toBe(words);
});

test("words without an end are cut, at once, and never through a secret", async () => {
  const { text } = await redactor().then((each) => ({ text: each.text.bind(each) }));
  const began = performance.now();
  for (const words of ["a".repeat(200_000), "x://a:".repeat(30_000), "key=".repeat(40_000)])
    expect(text(words).length).toBeLessThan(5000);
  expect(performance.now() - began).toBeLessThan(5000);
  const half = `${"x".repeat(4060)} postgres://app:${UNKNOWN}${UNKNOWN}@db.shop.net/x`;
  expect(text(half)).not.toContain(UNKNOWN.slice(0, 8));
});

test("a URL with a password is hidden wherever in a value it stands", async () => {
  const { show } = bound(await redactor());
  expect(show(`#cloud-config\nurl: postgres://a:${UNKNOWN}@db.shop.net/x\n`, "userData")).toBe(
    "[secret]",
  );
});

test("a message that quotes a secret is not shown", async () => {
  const words = (await redactor()).text(`no route to postgres://u:${PASSWORD}@db`);
  expect(words).not.toContain(PASSWORD);
  expect((await redactor()).text("The server was silent.")).toBe("The server was silent.");
});

test("whatever stands around a known secret, it is never shown", async () => {
  const { show } = bound(await redactor());
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      expect(show(`${before} ${PASSWORD} ${after}`, "text") ?? "").not.toContain(PASSWORD);
    }),
    { numRuns: 100 },
  );
});

const bound = (of: Redactor) => ({ show: of.show.bind(of) });
