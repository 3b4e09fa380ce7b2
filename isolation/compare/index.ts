export { compareManifests } from "./compare-manifests.ts";
export type { ManifestSource } from "./conflict.ts";
export { IsolationIndex } from "./isolation-index.ts";
