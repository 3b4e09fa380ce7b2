/** What a variable's name tells of its value, by whole words (`TOKEN` is in `TOKEN_TTL`, but last in `API_TOKEN`). */
import { tiersSpelledBy } from "../components/tier.ts";
import { isFactMap, type ResourceFact } from "../isolation/facts.ts";
import { pathSegments, propertyOf } from "./property-paths.ts";

/** What a secret is for. Keys sign or encrypt: whoever has one can forge or read everything. */
export type SecretPurpose = "jwt" | "key" | "other";

/** Words that end the name of a secret. */
const SECRET_WORDS: ReadonlySet<string> = new Set([
  "secret",
  "secrets",
  "password",
  "passwd",
  "passphrase",
  "pwd",
  "token",
  "credential",
  "credentials",
  "apikey",
  "secretkey",
  "privatekey",
  "accesskey",
]);

/** Words that make a key a secret one when they stand before `key`. */
const SECRET_KEYS: ReadonlySet<string> = new Set([
  "access",
  "api",
  "auth",
  "cookie",
  "csrf",
  "encryption",
  "hmac",
  "jwt",
  "license",
  "master",
  "private",
  "secret",
  "service",
  "session",
  "shared",
  "signing",
  "webhook",
]);

/** Words after the telling one that say which, and not what. */
const QUALIFIERS: ReadonlySet<string> = new Set([
  "b64",
  "base",
  "base64",
  "backup",
  "current",
  "default",
  "hex",
  "new",
  "next",
  "old",
  "plain",
  "previous",
  "primary",
  "raw",
  "secondary",
  "text",
  "value",
]);

/** Words of names whose values everybody may see. */
const PUBLIC_WORDS: ReadonlySet<string> = new Set(["public", "publishable", "pub"]);

/** Words of keys that sign or encrypt. */
const KEY_WORDS: ReadonlySet<string> = new Set([
  "cookie",
  "csrf",
  "encryption",
  "hmac",
  "nextauth",
  "session",
  "signing",
]);

/** Whose keys they are when not one's own. */
const THIRD_PARTIES: ReadonlySet<string> = new Set([
  "anthropic",
  "apple",
  "auth0",
  "aws",
  "azure",
  "b2",
  "backblaze",
  "clerk",
  "client",
  "cloudflare",
  "discord",
  "gcs",
  "github",
  "gitlab",
  "google",
  "hubspot",
  "lemonsqueezy",
  "mailgun",
  "minio",
  "oauth",
  "openai",
  "paddle",
  "paypal",
  "r2",
  "resend",
  "s3",
  "sendgrid",
  "sentry",
  "shopify",
  "slack",
  "spaces",
  "storage",
  "stripe",
  "svix",
  "telegram",
  "twilio",
  "vercel",
  "wasabi",
  "webhook",
  "zoom",
]);

/** Words that end the name of something that is no secret though it may be kept as one. */
const HARMLESS_WORDS: ReadonlySet<string> = new Set([
  "account",
  "arn",
  "bucket",
  "ca",
  "cert",
  "certificate",
  "count",
  "database",
  "date",
  "db",
  "dbname",
  "email",
  "enabled",
  "engine",
  "environment",
  "expires",
  "host",
  "hostname",
  "id",
  "issuer",
  "length",
  "level",
  "mode",
  "name",
  "port",
  "project",
  "region",
  "schema",
  "size",
  "stage",
  "status",
  "ttl",
  "type",
  "user",
  "username",
  "version",
  "zone",
]);

/** Keys of `{ name, value }` pairs, as vendors spell them. */
const PAIR_NAMES = ["name", "key", "variable"];
const PAIR_VALUES: ReadonlySet<string> = new Set(["text", "value", "json", "valueFrom"]);

/** A name's words in lower case: `dbPassword2` has `db`, `password` and `2`. */
export function nameWords(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}

/**
 * The name of the variable at a path: a binding's name, a key of a map, a configuration key without
 * its namespace, a property.
 */
export function variableName(resource: ResourceFact, path: string): string {
  const segments = pathSegments(path);
  const last = segments.at(-1);
  if (typeof last === "string" && PAIR_VALUES.has(last)) {
    const pair = propertyOf(resource, segments.slice(0, -1));
    const name = PAIR_NAMES.map((key) => (isFactMap(pair) ? pair[key] : undefined)).find(
      (value) => typeof value === "string",
    );
    if (typeof name === "string") return name;
  }
  const named = segments.findLast((segment) => typeof segment === "string") ?? "";
  return String(named).replace(/^[\w.-]+:/, "");
}

/** True for a name that announces a secret: `DB_PASSWORD`, `apiToken`; not `TOKEN_TTL`, not `PUBLIC_KEY`. */
export function announcesSecret(name: string): boolean {
  const words = tellingWords(name);
  const last = words.at(-1) ?? "";
  if (words.some((word) => PUBLIC_WORDS.has(word))) return false;
  return (
    SECRET_WORDS.has(last) ||
    (last === "pass" && words.length > 1) ||
    (/^keys?$/.test(last) && SECRET_KEYS.has(words.at(-2) ?? "")) ||
    (words.length === 1 && last === "jwt")
  );
}

/** What a secret of this name is for. */
export function purposeOf(name: string): SecretPurpose {
  const words = tellingWords(name);
  if (!announcesSecret(name) || words.some((word) => THIRD_PARTIES.has(word))) return "other";
  if (words.includes("jwt")) return "jwt";
  const ends = words.slice(-2).join(" ");
  return words.some((word) => KEY_WORDS.has(word)) ||
    ends === "secret key" ||
    ends === "auth secret"
    ? "key"
    : "other";
}

/** True for a name that says that its value is no secret: a host, a user, a number. */
export function isHarmlessName(name: string): boolean {
  return !announcesSecret(name) && HARMLESS_WORDS.has(tellingWords(name).at(-1) ?? "");
}

/** A name's words without what merely says which one of several it is. */
function tellingWords(name: string): string[] {
  const words = nameWords(name);
  while (words.length > 1 && isQualifier(words.at(-1) ?? "")) words.pop();
  return words;
}

const isQualifier = (word: string): boolean =>
  QUALIFIERS.has(word) || /^v?\d+$/.test(word) || tiersSpelledBy(word).length > 0;
