/** Resources that a program reads and does not declare: the engine tells a pack nothing of them. */
import { type FactMap, type FactValue, isFactMap, type StackFacts } from "../../isolation/facts.ts";
import type { Observation, Reference, ReferenceKind } from "../../isolation/observation.ts";
import { observe } from "../../isolation/observe.ts";
import type { Fingerprinter } from "../../isolation/secrets/index.ts";
import { parseUrn } from "../../providers/sdk/target.ts";
import { exportedManifest } from "../context.ts";
import { unsealed } from "../state/observations.ts";

/** After an update the stack's own state has them; what is sealed there, the manifest knows. */
export function readsInState(
  own: StackFacts | undefined,
  outputs: FactMap,
  fingerprinter: Fingerprinter,
): Promise<Observation>[] {
  const exported = exportedManifest(outputs);
  const entries = exported.status === "known" ? exported.manifest.resources : {};
  const resources = own?.resources ?? [];
  const byUrn = new Map(resources.map((each) => [each.urn, each]));
  return resources
    .filter(({ external }) => external)
    .map(async (resource) => {
      const observation = await observe(resource, byUrn, fingerprinter);
      const entry = entries[resource.urn];
      return entry === undefined ? observation : unsealed(observation, entry);
    });
}

/** In a preview the program's own word must do; what it hides there, the update's end shows. */
export function readsInManifest(manifest: FactValue | undefined): Observation[] {
  const entries = isFactMap(manifest) ? manifest.resources : undefined;
  return Object.entries(isFactMap(entries) ? entries : {}).flatMap(([urn, entry]) =>
    isFactMap(entry) && entry.external === true ? [observationOf(urn, entry.references)] : [],
  );
}

function observationOf(urn: string, references: FactValue | undefined): Observation {
  const { type, name } = parseUrn(urn);
  return {
    resource: {
      urn,
      type,
      name,
      custom: true,
      external: true,
      inputs: {},
      outputs: {},
      protect: false,
    },
    system: undefined,
    claims: [],
    references: (Array.isArray(references) ? references : []).flatMap((each) =>
      referenceOf(urn, each),
    ),
    secrets: [],
    texts: [],
    unknown: [],
  };
}

function referenceOf(urn: string, value: FactValue): Reference[] {
  if (!Array.isArray(value)) return [];
  const [identity, path, kind] = value;
  if (typeof identity !== "string" || typeof path !== "string" || typeof kind !== "string")
    return [];
  return [{ identity, urn, path, kind: kind as ReferenceKind }];
}
