/** Resources that a program reads and does not declare: the engine tells a pack nothing of them. */
import {
  type FactValue,
  isFactMap,
  type ResourceFact,
  type StackFacts,
} from "../../isolation/facts.ts";
import type { Observation, Reference, ReferenceKind } from "../../isolation/observation.ts";
import { parseUrn } from "../../providers/sdk/target.ts";

/** After an update the stack's own state has them. */
export const readsInState = (own: StackFacts | undefined): readonly ResourceFact[] =>
  own?.resources.filter(({ external }) => external) ?? [];

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
