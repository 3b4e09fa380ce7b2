import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Document, isMap, parseDocument } from "yaml";
import { UserError } from "../user-error.ts";
import type { Engine } from "./pulumi.ts";

/** The vendors' accounts and credentials, which the local cloud must never see. */
const VENDOR_KEYS = [
  "cloudflare:apiToken",
  "bulkhead:cloudflareAccountId",
  "digitalocean:token",
  "digitalocean:spacesAccessId",
  "digitalocean:spacesSecretKey",
  "aws:accessKey",
  "aws:secretKey",
  "bulkhead:awsAccountId",
  "bulkhead:awsDatabaseAuthorityFile",
];

/** How the vendor's stack encrypts its values, by a passphrase or key that the local cloud does not have. */
const ENCRYPTION_KEYS = ["encryptionsalt", "encryptedkey", "secretsprovider"];

/** Runs `work` with Pulumi's flags for the stack's config, see {@link Engine.config}. */
export async function withConfig<T>(
  { root, config }: Pick<Engine, "root" | "config">,
  stack: string,
  work: (flags: readonly string[]) => Promise<T>,
): Promise<T> {
  if (config === "committed") return work([]);
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-config-"));
  try {
    const original = join(root, `Pulumi.${stack}.yaml`);
    const copy = join(folder, `Pulumi.${stack}.yaml`);
    const text = existsSync(original) ? localConfig(readFileSync(original, "utf8"), original) : "";
    writeFileSync(copy, text, { mode: 0o600 });
    return await work(["--config-file", copy]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A stack's config as the local cloud can use it: without the vendor's account, token and encryption.
 * @throws UserError for other encrypted values, since nobody here can decrypt them.
 */
export function localConfig(text: string, file: string): string {
  const document = parseDocument(text);
  if (!isMap(document.contents)) return text;
  for (const key of VENDOR_KEYS) document.deleteIn(["config", key]);
  for (const key of ENCRYPTION_KEYS) document.delete(key);
  const { config } = contentOf(document, file);
  const encrypted = Object.entries(config ?? {}).find(([, value]) => holdsEncrypted(value));
  if (encrypted !== undefined) {
    throw new UserError(
      `${encrypted[0]} in ${file} is encrypted for the vendor's stack, which the local cloud cannot read.`,
      "Let the program generate that value as a Secret, or keep it in a stack that only the vendor's cloud has.",
    );
  }
  return document.toString();
}

function contentOf(document: Document, file: string): { config?: unknown } {
  try {
    const [syntax] = document.errors;
    if (syntax !== undefined) throw syntax;
    return document.toJS();
  } catch (cause) {
    throw new UserError(
      `${file} cannot be read as a stack's config.`,
      "Correct its YAML, or restore it from git.",
      { cause },
    );
  }
}

/** Pulumi writes an encrypted value as a map with the one key `secure`, also inside lists and maps. */
function holdsEncrypted(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "secure" in value || Object.values(value).some(holdsEncrypted);
}
