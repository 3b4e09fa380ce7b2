import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ResourceFact } from "../../isolation/facts.ts";
import {
  announcesSecret,
  isHarmlessName,
  nameWords,
  purposeOf,
  variableName,
} from "../../policy/secret-names.ts";

describe("a name announces a secret", () => {
  test.each([
    "PASSWORD",
    "DB_PASSWORD",
    "dbPassword",
    "SMTP_PASS",
    "JWT_SECRET",
    "JWT_SECRET_PREVIOUS",
    "JWT_SECRET_V2",
    "API_TOKEN_PRODUCTION",
    "apiKey",
    "OPENAI_API_KEYS",
    "SECRET_KEY_BASE",
    "privateKey",
    "ENCRYPTION_KEY_BASE64",
    "credentials",
    "jwt",
  ])("%s", (name) => {
    expect(announcesSecret(name)).toBe(true);
  });

  test.each([
    "TOKEN_TTL",
    "PASSWORD_MIN_LENGTH",
    "PASSWORD_RESET_URL",
    "SECRET_NAME",
    "ACCESS_KEY_ID",
    "PUBLIC_KEY",
    "JWT_PUBLIC_KEY",
    "STRIPE_PUBLISHABLE_KEY",
    "PARTITION_KEY",
    "KEY",
    "PASS",
    "MAX_TOKENS",
    "SECRETARY",
    "TOKENIZER",
    "COMPASS",
    "",
  ])("not %s", (name) => {
    expect(announcesSecret(name)).toBe(false);
  });

  test("by whole words in whatever way they are joined", () => {
    const words = fc.array(fc.constantFrom("api", "mail", "user", "db"), { maxLength: 3 });
    const join = fc.constantFrom("_", "-", ".", " ");
    fc.assert(
      fc.property(words, join, (before, separator) => {
        expect(announcesSecret([...before, "password"].join(separator))).toBe(true);
        expect(announcesSecret([...before, "password", "hint"].join(separator))).toBe(false);
      }),
    );
  });
});

describe("the purpose of a secret", () => {
  test.each([
    ["JWT_SECRET", "jwt"],
    ["JWT_SECRET_PREVIOUS", "jwt"],
    ["qhub-jwt-secret-v1", "jwt"],
    ["SESSION_SECRET", "key"],
    ["SECRET_KEY", "key"],
    ["COOKIE_SIGNING_KEYS", "key"],
    ["NEXTAUTH_SECRET", "key"],
    ["ENCRYPTION_KEY", "key"],
    ["STRIPE_SIGNING_SECRET", "other"],
    ["AWS_SESSION_TOKEN", "other"],
    ["SESSION_NAME", "other"],
    ["DATABASE_URL", "other"],
    ["SMTP_PASSWORD", "other"],
  ] as const)("%s is %s", (name, purpose) => {
    expect(purposeOf(name)).toBe(purpose);
  });
});

test("names of users, hosts and numbers are harmless, and names of secrets never", () => {
  expect(["DB_USER", "smtpPort", "AWS_REGION"].every(isHarmlessName)).toBe(true);
  expect(["DB_PASSWORD", "USER_TOKEN", "DATABASE_URL"].some(isHarmlessName)).toBe(false);
});

test("words are told apart by case and by signs", () => {
  expect(nameWords("HTTPServerURL_v2-mainDB")).toEqual([
    "http",
    "server",
    "url",
    "v2",
    "main",
    "db",
  ]);
});

describe("the name of a variable", () => {
  const resource = {
    inputs: {
      bindings: [{ name: "DB_PASSWORD", type: "plain_text", text: "x" }],
      environment: { variables: { API_TOKEN: "x" } },
      spec: { envs: [{ key: "SMTP_PASS", value: "x" }] },
      list: [["x"]],
    },
    outputs: {},
  } as unknown as ResourceFact;

  test.each([
    ["bindings[0].text", "DB_PASSWORD"],
    ["environment.variables.API_TOKEN", "API_TOKEN"],
    ["spec.envs[0].value", "SMTP_PASS"],
    ['["qhub:jwtSecret"]', "jwtSecret"],
    ["list[0][0]", "list"],
    ["text", "text"],
    ["", ""],
  ])("at %s is %s", (path, name) => {
    expect(variableName(resource, path)).toBe(name);
  });
});
