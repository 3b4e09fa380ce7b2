import { parseDocument } from "yaml";
import { z } from "zod";
import { type Outcome, type Refusal, refuse } from "./refusal.ts";

/** The vendor's limit. */
const MAX_BYTES = 64 * 1024;
const HEADER = /^#cloud-config[ \t]*(?:\r?\n|$)/;

/** In YAML 1.1 an unquoted `0640` is a number already. */
const permissions = z
  .union([z.string().regex(/^[0-7]{3,4}$/, "must be octal, like '0640'"), z.number().int()])
  .transform((given) => (typeof given === "number" ? given : Number.parseInt(given, 8)));

const file = z.strictObject({
  path: z.string().startsWith("/", "must be an absolute path"),
  content: z.string(),
  encoding: z
    .enum(["text/plain", "b64", "base64"], "must be text/plain, b64 or base64")
    .default("text/plain"),
  permissions: permissions.default(0o644),
  owner: z.string().default("root:root"),
  defer: z.boolean().default(false),
});

/** The keys of a cloud-config that the local machine knows; see `machine-plan.ts` for their meaning. */
const cloudConfig = z.strictObject({
  packages: z.array(z.string()).default([]),
  package_update: z.boolean().optional(),
  package_upgrade: z.boolean().optional(),
  fs_setup: z
    .array(
      z.strictObject({
        device: z.string(),
        filesystem: z.enum(["ext4", "xfs"]),
        label: z.string().optional(),
        partition: z.enum(["none", "auto"]).optional(),
        overwrite: z
          .literal(false, "must be false: a volume keeps its data when its droplet is replaced")
          .default(false),
      }),
    )
    .default([]),
  mounts: z.array(z.array(z.union([z.string(), z.number().transform(String)])).min(2)).default([]),
  write_files: z.array(file).default([]),
  runcmd: z.array(z.union([z.string(), z.array(z.string())])).default([]),
});

export type CloudConfig = z.infer<typeof cloudConfig>;
/** A file that is to be written, its content as it stands in the user data. */
export type ConfiguredFile = CloudConfig["write_files"][number];

/** Reads `#cloud-config` user data, as YAML 1.1 like cloud-init does. */
export function parseCloudConfig(userData: string): Outcome<CloudConfig> {
  if (Buffer.byteLength(userData) > MAX_BYTES) {
    return refuse("user_data", "is larger than 64 KiB. Make it smaller.");
  }
  if (!HEADER.test(userData)) {
    return refuse(
      "user_data",
      "must begin with the line #cloud-config: the local machine runs no scripts.",
    );
  }
  const document = parseDocument(userData, { version: "1.1", uniqueKeys: true });
  // The parser's own message quotes the text, in which there may be secrets.
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0].line ?? 1;
    return refuse("user_data", `is not valid YAML at line ${line} (${error.code}). Correct it.`);
  }
  let content: unknown;
  try {
    content = document.toJS();
  } catch {
    return refuse(
      "user_data",
      "has a YAML alias without its anchor, or too many. Write the value out.",
    );
  }
  const parsed = cloudConfig.safeParse(content ?? {});
  if (parsed.success) return { value: parsed.data };
  return { refusals: parsed.error.issues.flatMap(refusalsOf) };
}

function refusalsOf(issue: z.core.$ZodIssue): Refusal[] {
  const path = issue.path.join(".");
  if (issue.code !== "unrecognized_keys") {
    return [{ key: path || "user_data", message: `${issue.message}.` }];
  }
  return issue.keys.map((key) => ({
    key: path === "" ? key : `${path}.${key}`,
    message: "is not served by the local machine. Leave it out.",
  }));
}
