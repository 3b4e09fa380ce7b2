/** `drift.yaml`, at the project's root: what has been taken note of, and who is told of the rest. */

import { readFileSync } from "node:fs";
import type { Document } from "yaml";
import { z } from "zod";
import { expiryProblems } from "../policy/expiry.ts";
import { parseYamlDocument, placeIn, SettingsError, yamlValue } from "../policy/settings.ts";
import { messageOf } from "../policy/wording.ts";
import { TARGET_KEYS, targetSchema } from "./notify/settings.ts";

/** A finding's id is twelve hexadecimal digits; YAML takes one without letters for a number. */
export const FINDING_ID = /^[0-9a-f]{12}$/;

const text = z
  .union([z.string(), z.number()], "is missing")
  .transform((value) => String(value).trim())
  .refine((value) => value !== "", "is empty");

const entrySchema = z.strictObject({
  finding: z.string("is no text; quote it").regex(FINDING_ID, "is not twelve hexadecimal digits"),
  /** Name of the stack. */
  stack: text,
  owner: text,
  reason: text,
  /** ISO date, UTC: the last day on which it holds. */
  expires: text,
});

const settingsSchema = z.strictObject({
  acknowledged: z
    .array(entrySchema)
    .nullish()
    .transform((list) => list ?? []),
  notify: z
    .array(targetSchema)
    .nullish()
    .transform((list) => list ?? []),
});

/** What `drift.yaml` says. An acknowledgement in it may have expired. */
export type DriftSettings = z.output<typeof settingsSchema>;

/** A finding that somebody has taken note of. */
export type AcknowledgedEntry = DriftSettings["acknowledged"][number];

/**
 * Reads `drift.yaml`; a project without one has taken note of nothing, and tells nobody.
 *
 * @param today ISO date, UTC.
 * @throws SettingsError naming the field, what is wrong with it and what to do.
 */
export const readDriftSettings = (file: string, today: string): DriftSettings =>
  parseDriftSettings(readSettingsText(file), file, today);

/** The file's text; empty when there is none. @throws SettingsError when it cannot be read. */
export function readSettingsText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return "";
    const reason = messageOf(cause);
    throw new SettingsError(
      `The drift settings cannot be read (${reason}).`,
      `Make ${file} readable, or delete it.`,
    );
  }
}

/** {@link readDriftSettings} of a text. @param file for messages only. */
export const parseDriftSettings = (content: string, file: string, today: string): DriftSettings =>
  settingsOf(parseYamlDocument(content, file), file, today);

/** {@link readDriftSettings} of a document. @param file for messages only. */
export function settingsOf(document: Document.Parsed, file: string, today: string): DriftSettings {
  const parsed = settingsSchema.safeParse(yamlValue(document, file) ?? {});
  if (!parsed.success) throw problemOf(file, parsed.error.issues[0]);
  for (const [index, { expires }] of parsed.data.acknowledged.entries()) {
    // One that has expired is no mistake: its finding is open again.
    const [problem] = expiryProblems(expires, today).filter(
      (each) => !each.startsWith("has expired"),
    );
    if (problem !== undefined)
      throw new SettingsError(
        `${file}: acknowledged[${index}] ${problem}.`,
        "Give a date like 2026-03-31, at most a year ahead.",
      );
  }
  requireOwnNames(parsed.data.notify, file);
  return parsed.data;
}

/** History tells who was told by the target's name. */
function requireOwnNames(targets: DriftSettings["notify"], file: string): void {
  const twice = targets.findIndex(
    ({ name }, index) => targets.findIndex((other) => other.name === name) < index,
  );
  if (twice === -1) return;
  throw new SettingsError(
    `${file}: notify[${twice}].name is "${targets[twice]?.name}", as another's is.`,
    "Give each target a name of its own.",
  );
}

const KEYS: Readonly<Record<string, readonly string[]>> = {
  "": Object.keys(settingsSchema.shape),
  acknowledged: Object.keys(entrySchema.shape),
};

function problemOf(file: string, issue: z.core.$ZodIssue | undefined): SettingsError {
  const path = issue?.path ?? [];
  const place = placeIn(path);
  const [list = "", , part = ""] = path.map(String);
  const keys = (list === "notify" ? TARGET_KEYS[part] : KEYS[list]) ?? [];
  if (issue?.code === "unrecognized_keys")
    return new SettingsError(
      `${file} has the unknown key ${issue.keys.join(", ")}${place === "" ? "" : ` in ${place}`}.`,
      `Use ${keys.join(", ")}.`,
    );
  // Values are not quoted: somebody may have written a secret where its variable's name belongs.
  return new SettingsError(
    `${file}: ${place === "" ? "the document" : place} ${problemIn(issue)}.`,
    "Correct it; docs/drift.md shows the form.",
  );
}

/** Completes the sentence "The field …". */
function problemIn(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === "invalid_value") return `is none of ${issue.values.join(", ")}`;
  const message = issue?.message ?? "is wrong";
  if (issue?.code !== "invalid_type" || !message.startsWith("Invalid input")) return message;
  return message.endsWith("undefined") ? "is missing" : `is no ${issue.expected}`;
}
