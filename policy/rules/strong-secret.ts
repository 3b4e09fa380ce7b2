import { isProvider, textOf } from "../../isolation/facts.ts";
import { parseUrl } from "../../isolation/identity/url.ts";
import type { Observation, SecretFact } from "../../isolation/observation.ts";
import { estimateBits } from "../../isolation/secrets/index.ts";
import { generatedBits, isGenerator, isSecretGenerator } from "../generators.ts";
import { propertyOf } from "../property-paths.ts";
import type { Finding, Rule, RuleView } from "../rule.ts";
import { isHarmlessName, purposeOf, type SecretPurpose, variableName } from "../secret-names.ts";
import { isIssued, originOf } from "../secret-origins.ts";

/** Bits. NIST SP 800-57: 128 for secrets beyond 2030; a key of HMAC-SHA-256 has 256 (RFC 7518, 3.2). */
const KEY_BITS = 256;
const GENERATED_BITS = 128;
/** Bits, of what a third party or a person made; by an estimate from below. */
const TYPED_BITS = 80;
/** Characters. */
const JWT_LENGTH = 64;

export const strongSecret: Rule = {
  name: "strong-secret",
  title: "Checks whether secrets are too long and too random to be guessed",
  severity: "high",
  level: "mandatory",
  why: "A guessable key lets anybody sign sessions, and its fingerprint in the manifest could be tried offline.",
  remedy: "Generate a longer value (components/secret.ts: 64 characters by default).",
  violation: "A RandomPassword of 16 characters, or a JWT_SECRET of 32.",
  passes: "A password that the vendor made for its own database.",
  *resource({ resource }) {
    if (isSecretGenerator(resource)) yield* weakGenerator(resource, purposeOf(resource.name));
  },
  *stack(view) {
    for (const observation of view.observations) {
      const { resource } = observation;
      // A provider's credentials are its vendor's, and outputs show what was looked at elsewhere.
      if (isGenerator(resource) || isProvider(resource) || resource.urn === "outputs") continue;
      for (const secret of observation.secrets) yield* weakSecret(observation, secret, view);
    }
  },
};

function* weakGenerator(
  resource: Observation["resource"],
  purpose: SecretPurpose,
): Generator<Finding> {
  const bits = generatedBits(resource);
  const found = { urn: resource.urn, path: "length" };
  if (bits === undefined)
    yield { ...found, status: "undecided", message: "How much it generates is not known yet." };
  else yield* weakness({ ...found, bits, length: characters(resource), purpose }, GENERATED_BITS);
}

function* weakSecret(
  observation: Observation,
  secret: SecretFact,
  view: RuleView,
): Generator<Finding> {
  const { resource } = observation;
  const name = variableName(resource, secret.path);
  if (isHarmlessName(name) || isIssued(observation, secret)) return;
  const purpose = purposeOf(name);
  const { urn, path, length } = secret;
  const origin = originOf(secret, view);
  if (origin?.kind === "vendor") return;
  if (origin?.kind === "generator") {
    const generator = origin.observation.resource;
    // What is weak by itself was said of the generator; what is too weak for its use is said here.
    if ([...weakGenerator(generator, purposeOf(generator.name))].length > 0) return;
    const bits = generatedBits(generator);
    yield* weakness({ urn, path, bits, length: length ?? characters(generator), purpose }, 0);
    return;
  }
  const bits = typedBits(observation, secret);
  // A name or a mode that is secret only with the list around it.
  if (bits === undefined && length !== undefined) return;
  if (bits === undefined)
    yield { status: "undecided", urn, path, message: `How strong ${name} is, is not known yet.` };
  else yield* weakness({ urn, path, bits, length, purpose }, TYPED_BITS);
}

interface Strength {
  readonly urn: string;
  readonly path: string;
  readonly bits: number | undefined;
  readonly length: number | undefined;
  readonly purpose: SecretPurpose;
}

/** @param least bits of a secret that is no key. */
function* weakness(
  { urn, path, bits, length, purpose }: Strength,
  least: number,
): Generator<Finding> {
  const needed = purpose === "other" ? least : KEY_BITS;
  const found = { status: "violation", urn, path } as const;
  if (bits !== undefined && bits < needed)
    yield {
      ...found,
      message: `It has about ${Math.floor(bits)} bits of randomness, and ${needed} are needed.`,
    };
  else if (purpose === "jwt" && length !== undefined && length < JWT_LENGTH)
    yield {
      ...found,
      message: `It has ${length} characters, and a key for tokens has at least ${JWT_LENGTH}.`,
    };
}

/** Of a URL the password counts: its host and path are no secret. */
function typedBits({ resource }: Observation, { path, bits }: SecretFact): number | undefined {
  const password = parseUrl(textOf(propertyOf(resource, path)) ?? "")?.password;
  return password === undefined ? bits : Math.min(bits ?? 0, estimateBits(password));
}

function characters({ inputs }: Observation["resource"]): number | undefined {
  return typeof inputs.length === "number" ? inputs.length : undefined;
}
