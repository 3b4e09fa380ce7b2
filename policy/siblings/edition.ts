import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** What takes states apart. */
const SOURCES = ["../../isolation/", "../state/", "./"];

let edition: Promise<string> | undefined;

/**
 * Changes with the code that takes states apart, so that what another version of it has worked out
 * is not taken for its own. The pack runs as one bundle, whose own text tells; the command line runs
 * from the sources.
 */
export function codeEdition(): Promise<string> {
  const self = fileURLToPath(import.meta.url);
  edition ??= self.endsWith(".ts") ? hashFolders() : hashFiles([self]);
  return edition;
}

async function hashFolders(): Promise<string> {
  const files = await Promise.all(
    SOURCES.map(async (source) => {
      const folder = fileURLToPath(new URL(source, import.meta.url));
      const names = await readdir(folder, { recursive: true });
      return names.filter((name) => name.endsWith(".ts")).map((name) => `${folder}${name}`);
    }),
  );
  return hashFiles(files.flat().sort());
}

async function hashFiles(files: readonly string[]): Promise<string> {
  const texts = await Promise.all(files.map((file) => readFile(file)));
  const hash = createHash("sha256");
  for (const text of texts) hash.update(text);
  return hash.digest("hex");
}
