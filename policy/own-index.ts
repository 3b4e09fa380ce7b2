import { namesOf } from "../isolation/identity/bucket.ts";
import type {
  Claim,
  Identity,
  Observation,
  Reference,
  SecretFact,
} from "../isolation/observation.ts";

/** A fact together with the resource that it was seen in. */
export interface Seen<Fact> {
  readonly observation: Observation;
  readonly fact: Fact;
}

/** The extent of an index, so that the next one can go on where it ended. */
interface Extent {
  readonly observations: readonly Observation[];
  readonly index: OwnIndex;
}

/** By the first observation: a run's observations only ever grow, as its resources are declared. */
const extents = new WeakMap<Observation, Extent>();

/** What the checked stack itself owns, uses and holds, by hash. */
export class OwnIndex {
  readonly #claims = new Map<Identity, Seen<Claim>[]>();
  readonly #references = new Map<Identity, Seen<Reference>[]>();
  readonly #secrets = new Map<string, Seen<SecretFact>[]>();

  /** The index of these observations; the last one is continued where they begin the same. */
  static of(observations: readonly Observation[]): OwnIndex {
    const [first] = observations;
    if (first === undefined) return new OwnIndex();
    const last = extents.get(first);
    const continues =
      last !== undefined &&
      last.observations.length <= observations.length &&
      last.observations.every((observation, at) => observation === observations[at]);
    const index = continues ? last.index : new OwnIndex();
    for (const each of observations.slice(continues ? last.observations.length : 0))
      index.#add(each);
    extents.set(first, { observations, index });
    return index;
  }

  /** Resources of this stack that own the identity. */
  ownersOf(identity: Identity): readonly Seen<Claim>[] {
    return this.#claims.get(identity) ?? [];
  }

  /** Places of this stack that use the identity. */
  usersOf(identity: Identity): readonly Seen<Reference>[] {
    return this.#references.get(identity) ?? [];
  }

  /** Places of this stack that hold one of the secrets with these fingerprints, each once. */
  holdersOf(fingerprints: readonly string[]): Seen<SecretFact>[] {
    return [...new Set(fingerprints.flatMap((each) => this.#secrets.get(each) ?? []))];
  }

  #add(observation: Observation): void {
    for (const claim of observation.claims)
      for (const name of namesOf(claim.identity))
        put(this.#claims, name, { observation, fact: claim });
    for (const reference of observation.references)
      for (const name of namesOf(reference.identity))
        put(this.#references, name, { observation, fact: reference });
    for (const secret of observation.secrets) {
      const seen = { observation, fact: secret };
      for (const fingerprint of secret.fingerprints) put(this.#secrets, fingerprint, seen);
    }
  }
}

function put<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
