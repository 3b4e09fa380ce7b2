/** Writes acknowledgements into `drift.yaml`; comments and the rest of the file stay as they are. */
import { type Document, isMap, isSeq, type YAMLSeq } from "yaml";
import { parseYamlDocument } from "../policy/settings.ts";
import { type AcknowledgedEntry, settingsOf } from "./settings.ts";

/** What a new file says of itself. */
const HEADING = ` What drift has been taken note of, and who is told of the rest: docs/drift.md`;

/**
 * The file's text with these acknowledgements: one of the same finding is renewed in its place.
 *
 * @param content the file's text; empty for a new file.
 * @param file for messages only.
 * @throws SettingsError when the file was wrong, or would be.
 */
export function withAcknowledgements(
  content: string,
  entries: readonly AcknowledgedEntry[],
  file: string,
  today: string,
): string {
  const document = parseYamlDocument(content, file);
  settingsOf(document, file, today);
  if (content.trim() === "") document.commentBefore = HEADING;
  if (document.contents === null) document.set("acknowledged", document.createNode([]));
  const list = listIn(document);
  for (const entry of entries) put(document, list, entry);
  settingsOf(document, file, today);
  // Long reasons stay on their line, as they were written.
  return document.toString({ lineWidth: 0 });
}

function listIn(document: Document.Parsed): YAMLSeq {
  const found = document.get("acknowledged");
  if (isSeq(found)) {
    if (found.items.length === 0) found.flow = false;
    return found;
  }
  const list = document.createNode([]) as YAMLSeq;
  list.flow = false;
  document.set("acknowledged", list);
  return list;
}

function put(document: Document.Parsed, list: YAMLSeq, entry: AcknowledgedEntry): void {
  const index = list.items.findIndex(
    (item) => isMap(item) && item.get("finding") === entry.finding,
  );
  const existing = list.items[index];
  if (!isMap(existing)) {
    list.add(document.createNode(entry));
    return;
  }
  for (const [key, value] of Object.entries(entry)) existing.set(key, value);
}
