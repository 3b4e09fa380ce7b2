import { type StackName, stackLabel } from "../facts.ts";
import { namesOf } from "../identity/bucket.ts";
import type { Manifest, ManifestEntry } from "../manifest/index.ts";
import type { Identity } from "../observation.ts";
import type { ManifestSource } from "./conflict.ts";
import { StacksByKey } from "./stacks-by-key.ts";

/** A resource of a stack. */
export interface Owner {
  readonly stack: StackName;
  readonly urn: string;
}

/** A property of a resource of a stack. */
export interface Place extends Owner {
  readonly path: string;
}

/** What the views of one index share. */
class Contents {
  readonly sources: ManifestSource[] = [];
  readonly claims = new StacksByKey();
  readonly references = new StacksByKey();
  readonly fingerprints = new StacksByKey();
}

/**
 * What several stacks own, use and hold, by hash. It keeps which stack it was and no more, and looks
 * into that stack's manifest again once something is found.
 */
export class IsolationIndex {
  readonly #contents: Contents;
  /** Label of the stack that this view leaves out. */
  readonly #hidden: string | undefined;

  constructor(contents = new Contents(), hidden?: string) {
    this.#contents = contents;
    this.#hidden = hidden;
  }

  /** @param load gives the manifest, again whenever it is asked. */
  add(stack: StackName, load: () => Manifest): void {
    const { sources, claims, references, fingerprints } = this.#contents;
    const number = sources.push({ stack, load }) - 1;
    for (const entry of Object.values(load().resources)) {
      for (const identity of entry.claims ?? [])
        for (const name of namesOf(identity)) claims.add(name, number);
      for (const [identity] of entry.references ?? [])
        for (const name of namesOf(identity)) references.add(name, number);
      for (const secret of entry.secrets ?? [])
        for (const each of secret.fingerprints) fingerprints.add(each, number);
    }
  }

  /** The same index as one of its stacks sees it: without itself. What is added later is in both. */
  without(stack: StackName): IsolationIndex {
    return new IsolationIndex(this.#contents, fullLabel(stack));
  }

  /** Resources that own the identity, or what goes by it as well. */
  ownersOf(identity: Identity): Owner[] {
    return this.#find(this.#contents.claims, identity, ({ claims = [] }) =>
      claims.some((each) => namesOf(each).includes(identity)) ? [{}] : [],
    );
  }

  /** Properties that name the identity, or what goes by it as well. */
  usersOf(identity: Identity): Place[] {
    return this.#find(this.#contents.references, identity, ({ references = [] }) =>
      references.filter(([each]) => namesOf(each).includes(identity)).map(([, path]) => ({ path })),
    );
  }

  /** Properties that hold a secret with this fingerprint. */
  holdersOf(fingerprint: string): Place[] {
    return this.#find(this.#contents.fingerprints, fingerprint, ({ secrets = [] }) =>
      secrets
        .filter(({ fingerprints }) => fingerprints.includes(fingerprint))
        .map(({ path }) => ({ path })),
    );
  }

  #find<Found>(
    stacks: StacksByKey,
    key: string,
    inEntry: (entry: ManifestEntry) => Found[],
  ): (Owner & Found)[] {
    return stacks.of(key).flatMap((number) => {
      const source = this.#contents.sources[number];
      if (source === undefined || fullLabel(source.stack) === this.#hidden) return [];
      return Object.entries(source.load().resources).flatMap(([urn, entry]) =>
        inEntry(entry).map((found) => ({ stack: source.stack, urn, ...found })),
      );
    });
  }
}

const fullLabel = (name: StackName): string => `${name.organization ?? ""}/${stackLabel(name)}`;
