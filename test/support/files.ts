import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The files under a folder whose bytes hold this text. */
export function filesContaining(folder: string, text: string): string[] {
  const sought = Buffer.from(text);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(sought));
}
