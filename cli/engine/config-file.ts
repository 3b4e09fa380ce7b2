import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Runs `work` with a private copy of the stack's config, because Pulumi writes a salt into the
 * file that it reads and the committed one is to stay as it is.
 */
export async function withConfigCopy<T>(
  root: string,
  stack: string,
  work: (file: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-config-"));
  try {
    const original = join(root, `Pulumi.${stack}.yaml`);
    const copy = join(folder, `Pulumi.${stack}.yaml`);
    writeFileSync(
      copy,
      existsSync(original) ? withoutForeignSalt(readFileSync(original, "utf8")) : "",
      {
        mode: 0o600,
      },
    );
    return await work(copy);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A salt belongs to one passphrase. Where no value of the file is encrypted with it, the one in
 * the stack's state is the right one, and a salt that came from another clone is in the way.
 */
export function withoutForeignSalt(config: string): string {
  if (/^\s+(- )?secure:/m.test(config)) return config;
  return config.replace(/^encryptionsalt:.*(\r?\n|$)/m, "");
}
