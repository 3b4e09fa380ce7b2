/** What may be declared as a set of migrations, given what was applied before. Pure. */
import type { CheckFailure } from "../sdk/check.ts";
import { isMap, type RevealedMap, type RevealedValue } from "../sdk/values.ts";

/** A migration file: its name with the ending, and the hex SHA-256 of its bytes. */
export interface MigrationFile {
  readonly name: string;
  readonly sha256: string;
}

/**
 * Refuses names that are no migration, names used twice, and any change to what was applied (T23).
 * The failures name no property, since the engine would print all of its value in front of them.
 */
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
          property: "",
          reason: `${JSON.stringify(name)} is not the name of a migration file. Give the file's name with its ending .sql, without a folder.`,
        },
      ];
    if (seen.has(name))
      return [{ property: "", reason: `${name} is listed twice. List every file once.` }];
    seen.add(name);
    return [];
  });
  // Another database starts from nothing.
  if (olds === undefined || olds.databaseId !== inputs.databaseId) return failures;
  const now = new Map(files.map((file) => [file.name, file.sha256]));
  for (const { name, sha256 } of filesOf(olds.files))
    if (!now.has(name))
      failures.push({
        property: "",
        reason: `${name} was applied and is missing now. Restore the file; to undo it, add a new migration that does.`,
      });
    else if (now.get(name) !== sha256) failures.push({ property: "", reason: changedReason(name) });
  return failures;
}

/**
 * Why the set must not be applied, given the names and checksums that the database itself has on
 * record; undefined when it may. A file recorded without a checksum was applied by wrangler (T23).
 */
export function changedSince(
  files: readonly MigrationFile[],
  recorded: readonly string[],
  checksums: ReadonlyMap<string, string>,
): string | undefined {
  const changed = files.find(
    ({ name, sha256 }) => recorded.includes(name) && (checksums.get(name) ?? sha256) !== sha256,
  );
  return changed && changedReason(changed.name);
}

const changedReason = (name: string): string =>
  `${name} was changed after it had been applied. Restore the file, and put the change into a new migration.`;

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
