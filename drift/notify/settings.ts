/** Who is told of drift, as `drift.yaml` says. No secret is in that file: it names variables. */
import { z } from "zod";
import { GRADES } from "../finding.ts";

/** What a target can be told of. */
export const OCCASIONS = ["new", "recovery", "incomplete"] as const;
export type Occasion = (typeof OCCASIONS)[number];

/** The name of an environment variable, so that a secret in its place is noticed. */
const variable = z
  .string()
  .regex(
    /^[A-Z_][A-Z0-9_]{0,99}$/,
    "is not the name of an environment variable, which has capital letters, digits and underscores",
  );

const address = z.email("is no e-mail address");

const webhookSchema = z.strictObject({
  /** Variable that holds the URL, in which there is mostly a secret. */
  urlVariable: variable,
  /** `slack`: what Slack and those that imitate it take; `json`: a document for programs. */
  format: z.enum(["slack", "json"]).default("slack"),
});

const emailSchema = z.strictObject({
  /** Variable that holds `smtps://user:password@host:465` or `smtp://…:587`. */
  serverVariable: variable,
  from: address,
  to: z.array(address).min(1, "has no address"),
});

const githubSchema = z.strictObject({
  repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, "is not like owner/name"),
  /** Variable that holds a token that may write issues. */
  tokenVariable: variable,
  /** Of GitHub Enterprise: `https://github.example.com/api/v3`. */
  api: z.url({ protocol: /^https?$/, error: "is no URL" }).default("https://api.github.com"),
  /** By which the issues are found again. */
  label: z.string().min(1).max(50).default("drift"),
});

const common = {
  name: z.string().min(1, "is empty"),
  /** Left out: all of them. */
  on: z.array(z.enum(OCCASIONS)).min(1, "names no occasion").optional(),
  /** Findings below this grade are not told. */
  grade: z.enum(GRADES).default("low"),
  /** Names of stacks; left out: all. */
  stacks: z.array(z.string()).min(1, "names no stack").optional(),
};

const VIAS = {
  webhook: webhookSchema.optional(),
  email: emailSchema.optional(),
  github: githubSchema.optional(),
};

export const targetSchema = z
  .strictObject({ ...common, ...VIAS })
  .refine((target) => viasOf(target).length === 1, "needs one of webhook, email, github")
  .refine(
    ({ github, on }) => github === undefined || on === undefined,
    "has on, which is not for github: its issue follows the findings",
  );

/** Keys by the map that holds them, for messages; the empty name stands for a target's own. */
export const TARGET_KEYS: Readonly<Record<string, readonly string[]>> = {
  "": Object.keys({ ...common, ...VIAS }),
  webhook: Object.keys(webhookSchema.shape),
  email: Object.keys(emailSchema.shape),
  github: Object.keys(githubSchema.shape),
};

/** Somebody, or something, that is told. */
export type Target = z.output<typeof targetSchema>;
export type WebhookSettings = z.output<typeof webhookSchema>;
export type EmailSettings = z.output<typeof emailSchema>;
export type GithubSettings = z.output<typeof githubSchema>;

function viasOf(target: object): string[] {
  const given = new Map(Object.entries(target));
  return Object.keys(VIAS).filter((name) => given.get(name) !== undefined);
}
