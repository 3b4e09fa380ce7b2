/** Where a program declares a resource, as a person would name the place. */
import type { ResourceFact } from "../../isolation/facts.ts";

/** Folders of parts that many declarations share: the caller is who decided. */
const SHARED = /(?:^|\/)components\//;

/**
 * `systems/qhub.ts:13`: the innermost call outside of the shared components, of the resource or of
 * what it belongs to. Null where the state tells none.
 */
export function placeOf(
  urn: string | null,
  recorded: readonly Pick<ResourceFact, "urn" | "parent" | "declaredAt">[],
): string | null {
  const byUrn = new Map(recorded.map((each) => [each.urn, each]));
  const places: string[] = [];
  for (let at = byUrn.get(urn ?? ""); at !== undefined; at = byUrn.get(at.parent ?? ""))
    places.push(...(at.declaredAt ?? []));
  const chosen = places.find((place) => !SHARED.test(place)) ?? places[0];
  return chosen === undefined ? null : chosen.slice(folderOf(recorded).length);
}

/** The folder, with its last slash, that every declaration of the stack is in. */
function folderOf(recorded: readonly Pick<ResourceFact, "declaredAt">[]): string {
  const folders = recorded
    .flatMap(({ declaredAt }) => declaredAt ?? [])
    .map((place) => place.slice(0, place.lastIndexOf("/") + 1));
  return folders.reduce((common, folder) => {
    let shared = common;
    while (!folder.startsWith(shared))
      shared = shared.slice(0, shared.lastIndexOf("/", shared.length - 2) + 1);
    return shared;
  }, folders[0] ?? "");
}
