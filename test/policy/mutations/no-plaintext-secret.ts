import { generateKeyPairSync } from "node:crypto";
import { Secret } from "../../../isolation/facts.ts";
import { Derived, output, resourceOf, stackOf } from "../estate/spec.ts";
import { hexId, randomText, uuid } from "../estate/values.ts";
import { bind, declare, ownSecret, secretVariable, set, textOf, variable } from "./changes.ts";
import { plainServers } from "./data-servers.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

const PASSWORD = randomText(20, "smtp");

/** A secret by its form, under a name that tells nothing. Put together, so that no scanner takes offence. */
const shaped = (name: string, ...parts: readonly string[]): Mutation => ({
  name: `${name} in a plain variable`,
  knownAt: "preview resource",
  change(estate) {
    variable(estate, "EXTRA", { staging: parts.join("") });
  },
});

const named = (name: string, value: string, worker?: string): Mutation => ({
  name: `a plain variable ${name}`,
  knownAt: "preview resource",
  change(estate) {
    variable(estate, name, { staging: value }, worker);
  },
});

const allowed = (what: string, name: string, value: string): NearMiss => ({
  name: what,
  change(estate) {
    variable(estate, name, { staging: value });
  },
});

const { privateKey, publicKey } = generateKeyPairSync("ed25519", {
  privateKeyEncoding: { format: "pem", type: "pkcs8" },
  publicKeyEncoding: { format: "pem", type: "spki" },
});

const base64url = (value: object): string =>
  Buffer.from(JSON.stringify(value)).toString("base64url");

const mutations: readonly Mutation[] = [
  ...plainServers.mutations,
  named("SMTP_PASSWORD", PASSWORD),
  named("REPORTS_DB_PASSWORD", "hunter2hunter2"),
  named("VAULT_PASSPHRASE", "correct horse battery"),
  named("SENDER_TOKEN", randomText(24, "sender")),
  named("PARTNER_API_KEY_V2", hexId("partner")),
  named("STORAGE_ACCESS_KEY", ["DO", "00", randomText(39, "spaces secret")].join("")),
  named("cookieSecret", randomText(40, "cookie")),
  shaped("a private key", privateKey),
  shaped("an AWS access key", "AK", "IA", "Q3EGRRZ6YTPB7W2N"),
  shaped("a GitHub token", "gh", "p_", randomText(36, "github")),
  shaped(
    "a fine-grained GitHub token",
    "github",
    "_pat_",
    randomText(22, "pat"),
    "_",
    randomText(59, "pat 2"),
  ),
  shaped("a Slack token", "xo", "xb-", "2048193-", randomText(24, "slack")),
  shaped("a Stripe key", "sk", "_live_", randomText(24, "stripe")),
  shaped("a Google API key", "AI", "za", randomText(35, "google")),
  shaped(
    "a signed token",
    base64url({ alg: "HS256", typ: "JWT" }),
    ".",
    base64url({ sub: "42", role: "service" }),
    ".",
    randomText(43, "signature"),
  ),
  shaped(
    "a URL with a password",
    "https://",
    "deploy:",
    randomText(24, "deploy"),
    "@git.acme.dev/app",
  ),
  {
    name: "the stack's own secret in a plain variable of another name",
    knownAt: "preview stack",
    change(estate) {
      const value = ownSecret("staging", "CHECKSUM");
      secretVariable(estate, "CHECKSUM", { staging: new Secret(value) }, "agentverse script");
      variable(estate, "EXTRA", { staging: value }, "files script");
    },
  },
  {
    name: "the stack's own secret in base64 among its outputs",
    knownAt: "update stack",
    change(estate) {
      stackOf(estate, "staging").outputs.debug = new Derived(
        [{ key: "jwt copy", path: "text" }],
        (value) => Buffer.from(value).toString("base64"),
      );
      declare(estate, ({ stack }) => ({
        key: "jwt copy",
        type: "bulkhead:index:Copy",
        name: "qhub-copy",
        custom: false,
        answer: { text: textOf(estate, stack, "jwt v1", "result").slice(0) },
      }));
    },
  },
  {
    name: "a secret of production in a plain variable",
    knownAt: "preview resource",
    change(estate) {
      variable(estate, "EXTRA", { staging: textOf(estate, "production", "jwt v1", "result") });
    },
  },
  {
    name: "a secret of production in hexadecimal inside of a longer text",
    knownAt: "preview resource",
    change(estate) {
      const hex = Buffer.from(textOf(estate, "production", "jwt v1", "result")).toString("hex");
      variable(estate, "EXTRA", { staging: `until Friday use ${hex}, then ask again` });
    },
  },
  {
    name: "a weak password of production's under a name that announces one",
    knownAt: "preview resource",
    change(estate) {
      secretVariable(estate, "LEGACY_PIN", { production: new Secret("summer-rain") });
      variable(estate, "LEGACY_PASSWORD", { staging: "summer-rain" });
    },
  },
  {
    name: "a secret in a tag",
    knownAt: "preview resource",
    change(estate) {
      const value = ownSecret("staging", "SINK");
      secretVariable(estate, "SINK", { staging: new Secret(value) });
      set(estate, "staging", "rds", { tags: { Environment: "staging", Note: value } });
    },
  },
  {
    name: "a secret in the source of a Worker",
    knownAt: "preview stack",
    change(estate) {
      const value = ownSecret("staging", "SINK");
      secretVariable(estate, "SINK", { staging: new Secret(value) });
      const { inputs } = resourceOf(estate, "staging", "api script");
      inputs.content += `\nconst sink = "${value}";`;
    },
  },
  {
    name: "a token of a provider that is not marked",
    knownAt: "preview resource",
    change(estate) {
      set(estate, "staging", "cloudflare", { apiToken: randomText(40, "unmarked") });
    },
  },
  {
    name: "a secret in the configuration that was set without --secret",
    knownAt: "preview stack",
    change(estate) {
      stackOf(estate, "staging").config["agentverse:partnerApiKey"] = randomText(32, "config");
    },
  },
  {
    name: "the result of a RandomString that a secret is made of",
    knownAt: "update resource",
    change(estate) {
      declare(estate, ({ stack }) => ({
        key: "nonce",
        type: "random:index/randomString:RandomString",
        name: "agentverse-nonce",
        parent: "agentverse",
        inputs: { length: 48, special: false },
        answer: { result: ownSecret(stack, "nonce") },
        id: ownSecret(stack, "nonce"),
      }));
      bind(estate, "NONCE_SALT", () => ({ type: "plain_text", text: output("nonce", "result") }));
      bind(estate, "NONCE_SEED", (stack) => ({
        type: "secret_text",
        text: new Secret(ownSecret(stack, "nonce")),
      }));
    },
  },
];

const nearMisses: readonly NearMiss[] = [
  ...plainServers.nearMisses,
  allowed("a lifetime of tokens", "TOKEN_TTL_SECONDS", "31536000"),
  allowed("a rule for passwords", "PASSWORD_MIN_LENGTH", "00000012"),
  allowed("a setting about passwords", "LOGIN_WITH_PASSWORD", "required"),
  allowed("a pattern for passwords", "PASSWORD_PATTERN", "^(?=.*[A-Z])(?=.*[0-9]).{12,}$"),
  allowed(
    "an address where tokens are made",
    "TOKEN_URL",
    "https://login.microsoftonline.com/token",
  ),
  allowed("the name of a header", "API_KEY_HEADER", "X-Api-Key"),
  allowed("a header as the value of a key", "API_KEY", "X-Partner-Authorization"),
  allowed("a public key", "JWT_PUBLIC_KEY", publicKey),
  allowed("a public key under a careless name", "SIGNING_KEY", publicKey),
  allowed("a publishable key", "STRIPE_API_KEY", `pk_live_${randomText(24, "publishable")}`),
  allowed(
    "the id of a Spaces key under a careless name",
    "STORAGE_ACCESS_KEY",
    ["DO", "00", randomText(16, "spaces id").toUpperCase()].join(""),
  ),
  allowed("a site key", "TURNSTILE_SITE_KEY", `0x4AAAAAAA${randomText(14, "turnstile")}`),
  allowed("an id", "CLIENT_ID", uuid("client")),
  allowed("a commit", "GIT_SHA", `${hexId("commit")}${hexId("commit 2").slice(0, 8)}`),
  allowed("a checksum", "BUILD", `sha256-${hexId("build")}${hexId("build 2")}`),
  allowed("an example's password", "HELP", "https://user:hunter2@example.com/"),
  allowed("a placeholder", "TEMPLATE", "postgresql://app:$PASSWORD@db/app"),
  allowed(
    "where a secret is kept",
    "DB_PASSWORD",
    "arn:aws:secretsmanager:eu-central-1:0:secret:db",
  ),
  allowed("a file that holds a secret", "DB_PASSWORD", "/run/secrets/db-password"),
  allowed(
    "the example key of AWS's documentation",
    "HELP",
    ["AK", "IAIOSFODNN7", "EXAMPLE"].join(""),
  ),
  allowed(
    "a token for browsers",
    "SUPABASE_ANON",
    [
      base64url({ alg: "HS256", typ: "JWT" }),
      base64url({ iss: "supabase", role: "anon" }),
      randomText(43, "anon"),
    ].join("."),
  ),
  {
    name: "source that speaks of private keys and passwords",
    change(estate) {
      const { inputs } = resourceOf(estate, "staging", "api script");
      inputs.content +=
        '\nif (text.startsWith("-----BEGIN PRIVATE KEY-----")) password = secret.token;';
    },
  },
  {
    name: "the digest of a password in a secret column",
    change(estate) {
      secretVariable(estate, "ADMIN_HASH", {
        staging: new Secret(`$2b$12$${randomText(53, "admin hash")}`),
      });
    },
  },
];

export const noPlaintextSecret: Corpus = { mutations, nearMisses };
