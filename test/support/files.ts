import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The files under a folder whose bytes hold one of these texts; those of running servers may come and go. */
export function filesContaining(folder: string, ...texts: string[]): string[] {
  const sought = texts.map((text) => Buffer.from(text));
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => {
      const bytes = readIfPresent(file);
      return sought.some((each) => bytes.includes(each));
    });
}

function readIfPresent(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}
