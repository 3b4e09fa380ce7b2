/**
 * What is found for the first key that anything is found for. A copied secret has up to a thousand
 * fingerprints in common with the original; one tells enough.
 */
export function firstOf<Key, Found>(
  keys: Iterable<Key>,
  find: (key: Key) => readonly Found[],
): readonly Found[] {
  for (const key of keys) {
    const found = find(key);
    if (found.length > 0) return found;
  }
  return [];
}
