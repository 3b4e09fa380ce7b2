import { extract } from "./extract/index.ts";
import {
  type FactMap,
  type Leaf,
  leavesOf,
  type ResourceFact,
  systemOf,
  Unknown,
} from "./facts.ts";
import type { Observation, SecretFact, TextFact } from "./observation.ts";
import { estimateBits, type Fingerprinter } from "./secrets/index.ts";

/** Shorter texts are names of modes and regions; as secrets they are refused for their strength. */
const SHORTEST_TEXT = 8;

/** Bits. What is marked only with its surroundings counts as a secret from here on. */
const TELLING_BITS = 64;

/**
 * Everything that the rules look at in one resource.
 *
 * @param byUrn the stack's resources so far; finds the system that the resource belongs to.
 */
export async function observe(
  resource: ResourceFact,
  byUrn: ReadonlyMap<string, ResourceFact>,
  fingerprinter: Fingerprinter,
): Promise<Observation> {
  const { claims, references, unknown } = extract(resource);
  const { secrets, texts } = await readLeaves(resource, fingerprinter);
  return {
    resource,
    system: systemOf(resource, byUrn),
    claims,
    references,
    secrets,
    texts,
    unknown,
  };
}

async function readLeaves(
  { urn, inputs, outputs }: Pick<ResourceFact, "urn" | "inputs" | "outputs">,
  fingerprinter: Fingerprinter,
): Promise<{ secrets: SecretFact[]; texts: TextFact[] }> {
  const given = [...leavesOf(inputs)];
  const plain = new Set(given.filter(({ secret }) => !secret).map(({ path }) => path));
  const secrets: Promise<SecretFact>[] = [];
  const texts: TextFact[] = [];
  const seen = new Set<string>();
  for (const leaf of [...given, ...leavesOf(outputs)]) {
    const { path, value } = leaf;
    if (path.startsWith("__") || value === null || typeof value === "boolean") continue;
    const secret = leaf.secret && !(leaf.inherited && (plain.has(path) || !isTelling(value)));
    const key = JSON.stringify([path, secret, value instanceof Unknown ? "" : value]);
    if (seen.has(key)) continue;
    seen.add(key);
    if (secret) secrets.push(secretFact(urn, path, value, fingerprinter));
    else if (typeof value === "string" && value.length >= SHORTEST_TEXT)
      texts.push({ urn, path, text: value });
  }
  return { secrets: await Promise.all(secrets), texts };
}

/** Names and modes beside the secret in a list are as secret as it by their mark, and tell nothing. */
function isTelling(value: Leaf["value"]): boolean {
  return typeof value === "string" && estimateBits(value) >= TELLING_BITS;
}

async function secretFact(
  urn: string,
  path: string,
  value: Leaf["value"],
  fingerprinter: Fingerprinter,
): Promise<SecretFact> {
  if (typeof value !== "string" && typeof value !== "number")
    return { urn, path, fingerprints: [], length: undefined, bits: undefined };
  const text = String(value);
  return {
    urn,
    path,
    fingerprints: await fingerprinter.secret(text),
    length: text.length,
    bits: estimateBits(text),
  };
}

/** Pseudo-URNs of what is no resource; no real URN looks like them. */
export type PseudoUrn = "config" | "outputs";

const PSEUDO_TYPES: Readonly<Record<PseudoUrn, string>> = {
  config: "bulkhead:isolation:Config",
  outputs: "bulkhead:isolation:Outputs",
};

/** A stack's configuration or its outputs, observed as a resource is. */
export async function observeMap(
  urn: PseudoUrn,
  values: FactMap,
  fingerprinter: Fingerprinter,
): Promise<Observation> {
  const resource: ResourceFact = {
    urn,
    type: PSEUDO_TYPES[urn],
    name: urn,
    custom: false,
    external: false,
    inputs: urn === "config" ? values : {},
    outputs: urn === "outputs" ? values : {},
    protect: false,
  };
  return observe(resource, new Map(), fingerprinter);
}
