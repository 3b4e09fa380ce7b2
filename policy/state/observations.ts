import type { StackFacts } from "../../isolation/facts.ts";
import type { Manifest, ManifestEntry } from "../../isolation/manifest/index.ts";
import type { Observation, Reference, SecretFact } from "../../isolation/observation.ts";
import { observe, observeMap } from "../../isolation/observe.ts";
import type { Fingerprinter } from "../../isolation/secrets/index.ts";

/**
 * What the rules look at in a deployed stack. The state shows of a secret that it is there, and of
 * the configuration nothing; the manifest fills in what its program knew of both.
 *
 * @param resources of the facts that the program declared.
 * @param outputs of the facts without the manifest itself.
 */
export async function stateObservations(
  { resources, outputs }: Pick<StackFacts, "resources" | "outputs">,
  manifest: Manifest | undefined,
  fingerprinter: Fingerprinter,
): Promise<Observation[]> {
  const byUrn = new Map(resources.map((each) => [each.urn, each]));
  const observations = await Promise.all([
    ...resources.map((each) => observe(each, byUrn, fingerprinter)),
    observeMap("config", {}, fingerprinter),
    observeMap("outputs", outputs, fingerprinter),
  ]);
  return observations.map((each) => {
    const entry = manifest?.resources[each.resource.urn];
    if (entry === undefined) return each;
    return each.resource.urn === "config" ? withEntry(each, entry) : unsealed(each, entry);
  });
}

/** With fingerprint, length and strength of each secret that the manifest knows. */
export function unsealed(observation: Observation, entry: ManifestEntry): Observation {
  const known = secretsOf(observation, entry);
  const secrets = observation.secrets.flatMap((secret) => {
    if (secret.length !== undefined) return [secret];
    const inside = known.filter(({ path }) => isWithin(path, secret.path));
    return inside.length > 0 ? inside : [secret];
  });
  return { ...observation, secrets };
}

function withEntry(observation: Observation, entry: ManifestEntry): Observation {
  const { urn } = observation.resource;
  const references = (entry.references ?? []).map(
    ([identity, path, kind]) => ({ identity, urn, path, kind }) as Reference,
  );
  return { ...observation, references, secrets: secretsOf(observation, entry) };
}

const secretsOf = ({ resource }: Observation, { secrets = [] }: ManifestEntry): SecretFact[] =>
  secrets.map(({ path, fingerprints, length, bits }) => ({
    urn: resource.urn,
    path,
    fingerprints,
    length,
    bits,
  }));

/** Whether a property is another one or a part of it: the state shows a secret object as one. */
export const isWithin = (path: string, whole: string): boolean =>
  path === whole || path.startsWith(`${whole}.`) || path.startsWith(`${whole}[`);
