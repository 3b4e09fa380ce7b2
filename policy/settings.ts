import { readFileSync } from "node:fs";
import { type Document, parseDocument } from "yaml";
import { z } from "zod";
import { messageOf } from "./wording.ts";

/** Characters of base64url that hold 128 bits. */
const SHORTEST_SALT = 22;

/** A text as YAML may hold it: dates and numbers need no quotes, and nothing is an empty text. */
const text = z
  .union([z.string(), z.number(), z.boolean(), z.null()])
  .transform((value) => (value === null ? "" : String(value).trim()))
  .default("");

const stackNames = z.array(z.string()).optional();

/** Who answers for an exception, why it is needed and until when. */
const accountability = { owner: text, reason: text, expires: text };

const waiverSchema = z.strictObject({
  rule: text,
  identity: z.string().optional(),
  urn: z.string().optional(),
  path: z.string().optional(),
  stacks: stackNames,
  ...accountability,
});

const levelSchema = z.strictObject({
  rule: text,
  level: z.enum(["mandatory", "advisory"]),
  stacks: stackNames,
  ...accountability,
});

const settingsSchema = z.strictObject({
  salt: z
    .string()
    .regex(
      new RegExp(`^[A-Za-z0-9_-]{${SHORTEST_SALT},}$`),
      `is not base64url of at least ${SHORTEST_SALT} characters`,
    ),
  projects: z
    .array(z.string())
    .nullish()
    .transform((list) => list ?? []),
  waivers: z
    .array(waiverSchema)
    .nullish()
    .transform((list) => list ?? []),
  levels: z
    .array(levelSchema)
    .nullish()
    .transform((list) => list ?? []),
});

/**
 * What `policy/settings.yaml` says. Waivers and levels are as they were written: whether they are
 * complete is decided by `waivers.ts`, so that a bad one is a finding and not the end of the check.
 */
export type PolicySettings = z.output<typeof settingsSchema>;

/** An exception to a rule. A text that was left out is empty. */
export type Waiver = PolicySettings["waivers"][number];

/** Another enforcement level for a rule. */
export type LevelChange = PolicySettings["levels"][number];

/** The settings cannot be used. The message says what is wrong, and what to do. */
export class SettingsError extends Error {
  readonly what: string;
  readonly remedy: string;

  constructor(what: string, remedy: string) {
    super(`${what} ${remedy}`);
    this.name = "SettingsError";
    this.what = what;
    this.remedy = remedy;
  }
}

/**
 * Reads `policy/settings.yaml`.
 *
 * @throws SettingsError naming the key, what is wrong with its value and what to do.
 */
export function readSettings(file: string): PolicySettings {
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch (cause) {
    const reason = messageOf(cause);
    throw new SettingsError(
      `The policy settings cannot be read (${reason}).`,
      `Restore ${file}; a new one needs only a salt: ${SALT_COMMAND}`,
    );
  }
  return parseSettings(content, file);
}

/**
 * {@link readSettings} of a text.
 *
 * @param file for messages only.
 */
export function parseSettings(content: string, file: string): PolicySettings {
  const document = parseYamlDocument(content, file);
  const parsed = settingsSchema.safeParse(yamlValue(document, file) ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw problemOf(file, issue);
}

/**
 * A YAML text as a document, which knows its comments.
 *
 * @throws SettingsError when it is none.
 */
export function parseYamlDocument(content: string, file: string): Document.Parsed {
  const document = parseDocument(content);
  const [syntax] = document.errors;
  if (syntax === undefined) return document;
  throw new SettingsError(
    `${file} is not YAML: ${syntax.message.split("\n")[0]?.replace(/[.:]?$/, ".")}`,
    "Correct the line.",
  );
}

/**
 * What a document says. YAML finds an alias without its anchor, or a bomb of them, only now.
 *
 * @throws SettingsError
 */
export function yamlValue(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    const reason = messageOf(cause);
    throw new SettingsError(
      `${file} has an alias that cannot be resolved (${reason}).`,
      "Write the value out, or quote a text that begins with *.",
    );
  }
}

/** A place in a document, for example `waivers[2].rule`. */
export const placeIn = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");

const SALT_COMMAND =
  "node -p \"'salt: ' + require('node:crypto').randomBytes(32).toString('base64url')\"";

/** Keys by the list that holds them; the empty name stands for the file's own. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  "": Object.keys(settingsSchema.shape),
  waivers: Object.keys(waiverSchema.shape),
  levels: Object.keys(levelSchema.shape),
};

function problemOf(file: string, issue: z.core.$ZodIssue | undefined): SettingsError {
  const [list = ""] = issue?.path ?? [];
  const place = placeIn(issue?.path ?? []);
  if (issue?.code === "unrecognized_keys") {
    return new SettingsError(
      `${file} has the unknown key ${issue.keys.join(", ")}${place === "" ? "" : ` in ${place}`}.`,
      `Use ${KEYS[String(list)]?.join(", ")}.`,
    );
  }
  if (place === "salt") {
    return new SettingsError(
      `${file} has no usable salt: it ${issue?.code === "invalid_format" ? issue.message : "is missing"}.`,
      `Make one: ${SALT_COMMAND}`,
    );
  }
  return new SettingsError(
    `${file} has a wrong value${place === "" ? "" : ` at ${place}`} (${issue?.message}).`,
    "Correct it; the comments in the file show the form.",
  );
}
