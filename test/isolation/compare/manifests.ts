import type { ManifestSource } from "../../../isolation/compare/index.ts";
import type { Manifest, ManifestEntry } from "../../../isolation/manifest/index.ts";

/** A stack whose manifest has these resources, by short name. */
export function stackWith(
  stack: string,
  resources: Readonly<Record<string, Omit<ManifestEntry, "type">>>,
  salt = "0123456789abcdef",
): ManifestSource {
  const manifest: Manifest = {
    format: "bulkhead.isolation/1",
    project: "acme",
    stack,
    salt,
    resources: Object.fromEntries(
      Object.entries(resources).map(([name, entry]) => [name, { type: "a:b:C", ...entry }]),
    ),
  };
  return { stack: { project: "acme", stack }, load: () => manifest };
}

export const secret = (path: string, ...fingerprints: string[]) => ({ path, fingerprints });
