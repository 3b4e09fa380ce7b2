import type { StackName } from "../facts.ts";
import type { Observation, SecretFact } from "../observation.ts";
import { saltId } from "../secrets/index.ts";
import { MANIFEST_FORMAT, type Manifest, type ManifestEntry } from "./schema.ts";

/** What the manifest says of a resource. The same facts in another order give the same entry. */
export function entryOf(observation: Observation): ManifestEntry {
  const { resource, system } = observation;
  const claims = distinct(observation.claims.map(({ identity }) => identity));
  const references = distinct(
    observation.references.map(({ identity, path, kind }) => [identity, path, kind] as const),
  );
  const secrets = distinct(observation.secrets.map(secretOf));
  return {
    type: resource.type,
    ...(resource.external ? { external: true } : {}),
    ...(resource.retainOnDelete ? { retain: true } : {}),
    ...(system === undefined ? {} : { system }),
    ...(claims.length > 0 ? { claims } : {}),
    ...(references.length > 0 ? { references: references.map((each) => [...each]) } : {}),
    ...(secrets.length > 0 ? { secrets } : {}),
  };
}

/**
 * The manifest of a stack. Entries in another order give the same manifest.
 *
 * @param salt the project's salt, which does not stand in the manifest
 * @param entries by URN
 */
export function manifestOf(
  { project, stack }: StackName,
  salt: string,
  entries: Readonly<Record<string, ManifestEntry>>,
): Manifest {
  const resources = Object.fromEntries(
    Object.entries(entries).sort(([left], [right]) => compare(left, right)),
  );
  return { format: MANIFEST_FORMAT, project, stack, salt: saltId(salt), resources };
}

function secretOf({ path, fingerprints, length, bits }: SecretFact) {
  return {
    path,
    fingerprints: distinct(fingerprints),
    ...(length === undefined ? {} : { length }),
    ...(bits === undefined ? {} : { bits: Math.floor(bits) }),
  };
}

/** Sorted by their JSON, each once. */
function distinct<Value>(values: readonly Value[]): Value[] {
  const byText = new Map(values.map((value) => [JSON.stringify(value), value]));
  return [...byText].sort(([left], [right]) => compare(left, right)).map(([, value]) => value);
}

/** By code unit, so that the order is the same in every language. */
const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
