import { IsolationIndex } from "../isolation/compare/index.ts";
import { type FactMap, leavesOf, Unknown } from "../isolation/facts.ts";
import { MANIFEST_OUTPUT, readManifest } from "../isolation/manifest/index.ts";
import type { ExportedManifest } from "./rule.ts";
import type { BackendView } from "./siblings/index.ts";

/** What the siblings own, use and hold, ready to be asked. */
export function indexSiblings(view: Pick<BackendView, "siblings" | "manifestOf">): IsolationIndex {
  const index = new IsolationIndex();
  for (const sibling of view.siblings) {
    const manifest = view.manifestOf(sibling);
    if (manifest !== undefined) index.add(sibling.name, () => manifest);
  }
  return index;
}

/** The manifest among a stack's outputs. */
export function exportedManifest(outputs: FactMap): ExportedManifest {
  const value = outputs[MANIFEST_OUTPUT];
  if (value === undefined) return { status: "missing" };
  for (const leaf of leavesOf(value))
    if (leaf.value instanceof Unknown) return { status: "unknown" };
  const read = readManifest(value);
  return "manifest" in read
    ? { status: "known", manifest: read.manifest }
    : { status: "malformed", problem: read.problem };
}
