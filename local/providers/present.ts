/** Leaves out properties without a value, which the vendor would take for an explicit null. */
export function present<T extends Record<string, unknown>>(
  map: T,
): { [K in keyof T]?: Exclude<T[K], undefined | null> } {
  const entries = Object.entries(map).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined | null> };
}
