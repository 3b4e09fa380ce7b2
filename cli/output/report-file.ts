import { renameSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { messageOf, UserError } from "../user-error.ts";

/**
 * Writes a file whole or not at all, since another program may read it at any time.
 *
 * @param option that names the file.
 * @throws UserError when it cannot be written.
 */
export function writeReport(file: string, text: string, option = "--output"): void {
  const path = resolve(file);
  try {
    writeFileSync(`${path}.new`, `${text}\n`);
    renameSync(`${path}.new`, path);
  } catch (cause) {
    rmSync(`${path}.new`, { force: true });
    throw new UserError(
      `The report cannot be written to ${path}: ${messageOf(cause)}.`,
      `Give ${option} a file in a folder that exists and can be written to.`,
      { cause },
    );
  }
}
