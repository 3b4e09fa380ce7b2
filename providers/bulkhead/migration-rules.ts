/** What may be declared as a set of migrations, given what was applied before. Pure. */
import type { CheckFailure } from "../sdk/check.ts";
import { isMap, type RevealedMap, type RevealedValue } from "../sdk/values.ts";

/** A migration file: its name with the ending, and the hex SHA-256 of its bytes. */
export interface MigrationFile {
  readonly name: string;
  readonly sha256: string;
}

/** Refuses names that are no migration, names used twice, and any change to what was applied (T23). */
export function checkMigrations(
  inputs: RevealedMap,
  olds: RevealedMap | undefined,
): CheckFailure[] {
  const files = filesOf(inputs.files);
  const seen = new Set<string>();
  const failures = files.flatMap(({ name }): CheckFailure[] => {
    if (!name.endsWith(".sql") || /[\\/]/.test(name))
      return [
        {
          property: "files",
          reason: `${JSON.stringify(name)} is not the name of a migration file. Give the file's name with its ending .sql, without a folder.`,
        },
      ];
    if (seen.has(name))
      return [{ property: "files", reason: `${name} is listed twice. List every file once.` }];
    seen.add(name);
    return [];
  });
  // Another database starts from nothing.
  if (olds === undefined || olds.databaseId !== inputs.databaseId) return failures;
  const now = new Map(files.map((file) => [file.name, file.sha256]));
  for (const { name, sha256 } of filesOf(olds.files))
    if (!now.has(name))
      failures.push({
        property: "files",
        reason: `${name} was applied and is missing now. Restore the file; to undo it, add a new migration that does.`,
      });
    else if (now.get(name) !== sha256)
      failures.push({
        property: "files",
        reason: `${name} was changed after it had been applied. Restore the file, and put the change into a new migration.`,
      });
  return failures;
}

/** Names still to apply, in the order of the files. */
export function pendingOf<F extends { readonly name: string }>(
  files: readonly F[],
  recorded: readonly string[],
): F[] {
  const known = new Set(recorded);
  return files.filter((file) => !known.has(file.name));
}

function filesOf(value: RevealedValue | undefined): MigrationFile[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each) => {
    if (!isMap(each)) return [];
    const { name, sha256 } = each as RevealedMap;
    return typeof name === "string" && typeof sha256 === "string" ? [{ name, sha256 }] : [];
  });
}
