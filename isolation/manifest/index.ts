export { saltId } from "../secrets/index.ts";
export { entryOf, manifestOf } from "./entry.ts";
export { readManifest } from "./read.ts";
export {
  MANIFEST_OUTPUT,
  type Manifest,
  type ManifestEntry,
  manifestJsonSchema,
} from "./schema.ts";
