import type { StackName } from "../facts.ts";
import type { Manifest, ManifestEntry } from "../manifest/index.ts";
import type { Conflict, ManifestSource, Side } from "./conflict.ts";
import { StacksByKey } from "./stacks-by-key.ts";

/**
 * Everything that stacks have in common, each stack named once. Linear in the size of the manifests,
 * of which it loads one at a time: all of them, and once more those in which something was found. The
 * order of the stacks makes no difference.
 */
export function compareManifests(sources: readonly ManifestSource[]): Conflict[] {
  const stacks = new StacksByKey();
  const salts = sources.map(({ load }, number) => {
    const manifest = load();
    for (const entry of Object.values(manifest.resources))
      for (const [key] of keysOf(entry)) stacks.add(key, number);
    return saltOf(manifest);
  });
  const sharing = sources.filter((_, number) => stacks.sharing().has(number));
  const conflicts = [...sidesByKey(sharing, stacks)].flatMap(([key, sides]) =>
    conflictOf(key, sides),
  );
  return distinct([...conflicts, ...saltConflicts(sources, salts)]);
}

/** Identities and fingerprints of an entry: no text is both. */
function* keysOf(
  entry: ManifestEntry,
): Generator<[key: string, Side["role"], path?: string], void> {
  for (const identity of entry.claims ?? []) yield [identity, "owner"];
  for (const [identity, path] of entry.references ?? []) yield [identity, "user", path];
  for (const { fingerprints, path } of entry.secrets ?? [])
    for (const fingerprint of fingerprints) yield [fingerprint, "holder", path];
}

/** Where the keys are that more than one stack has. */
function sidesByKey(sources: readonly ManifestSource[], stacks: StacksByKey): Map<string, Side[]> {
  const sides = new Map<string, Side[]>();
  for (const { stack, load } of sources) {
    for (const [urn, entry] of Object.entries(load().resources)) {
      for (const [key, role, path] of keysOf(entry)) {
        if (stacks.of(key).length < 2) continue;
        const side = { stack, role, urn, ...(path === undefined ? {} : { path }) };
        const known = sides.get(key);
        if (known === undefined) sides.set(key, [side]);
        else known.push(side);
      }
    }
  }
  return sides;
}

/** What it is that all these sides have the same key; nothing where they are of one stack. */
function conflictOf(key: string, sides: readonly Side[]): Conflict[] {
  const of = (role: Side["role"]): Side[] => sides.filter((side) => side.role === role);
  const [owners, users, holders] = [of("owner"), of("user"), of("holder")];
  const owning = stacksOf(owners);
  const foreign = users.filter(({ stack }) => !owning.has(stack));
  const conflict = (kind: Conflict["kind"], among: readonly Side[]): Conflict[] =>
    stacksOf(among).size < 2
      ? []
      : [
          {
            kind,
            ...(kind === "secret" ? {} : { identity: key }),
            sides: among.toSorted(compareSides),
          },
        ];
  return [
    ...conflict("claim", owners),
    ...(owners.length === 0 ? conflict("shared-reference", users) : []),
    ...(owners.length > 0 && foreign.length > 0
      ? conflict("foreign-reference", [...owners, ...foreign])
      : []),
    ...conflict("secret", holders),
  ];
}

const stacksOf = (sides: readonly Side[]): Set<StackName> =>
  new Set(sides.map(({ stack }) => stack));

/** Undefined where there is no fingerprint to compare. */
function saltOf({ salt, resources }: Manifest): string | undefined {
  const holds = Object.values(resources).some(({ secrets = [] }) =>
    secrets.some(({ fingerprints }) => fingerprints.length > 0),
  );
  return holds ? salt : undefined;
}

/** Each stack whose salt is not the most common one, with a stack that has that. */
function saltConflicts(
  sources: readonly ManifestSource[],
  salts: readonly (string | undefined)[],
): Conflict[] {
  const bySalt = new Map<string, Side[]>();
  for (const [number, { stack }] of sources.entries()) {
    const salt = salts[number];
    if (salt === undefined) continue;
    const sides = bySalt.get(salt) ?? [];
    bySalt.set(salt, sides);
    sides.push({ stack, role: "holder" });
  }
  const [most, ...others] = [...bySalt].sort(
    ([salt, sides], [otherSalt, otherSides]) =>
      otherSides.length - sides.length || compare(salt, otherSalt),
  );
  const [example] = most?.[1].toSorted(compareSides) ?? [];
  if (example === undefined) return [];
  return others
    .flatMap(([, sides]) => sides)
    .map((side) => ({ kind: "salt", sides: [side, example].sort(compareSides) }));
}

/** Sorted, each once: a secret has many fingerprints, and is one conflict. */
function distinct(conflicts: readonly Conflict[]): Conflict[] {
  const byText = new Map(conflicts.map((each) => [JSON.stringify(each), each]));
  return [...byText].sort(([one], [other]) => compare(one, other)).map(([, each]) => each);
}

const compareSides = (one: Side, other: Side): number => compare(orderOf(one), orderOf(other));

const orderOf = ({ stack, role, urn, path }: Side): string =>
  JSON.stringify([stack.organization ?? "", stack.project, stack.stack, role, urn, path]);

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
