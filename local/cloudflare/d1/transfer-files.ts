import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A link that is not used for this long ends: what an export holds must not lie about. */
const LIFETIME_MS = 60 * 60 * 1000;
const NAME = /^[0-9a-f]{32}\.sql$/;

/**
 * The files of transfers under way, of one kind. A name is good from its issue until its removal or
 * its end, so the file's existence is the record of it.
 */
export class TransferFiles {
  private readonly folder: string;

  constructor(scratchDir: string, kind: "import" | "export") {
    this.folder = join(scratchDir, `d1-${kind}`);
  }

  /** A new name that cannot be guessed, for a file with this content. */
  async issue(content = ""): Promise<string> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await this.sweep();
    const name = `${randomBytes(16).toString("hex")}.sql`;
    await writeFile(join(this.folder, name), content, { mode: 0o600 });
    return name;
  }

  async isOpen(name: string): Promise<boolean> {
    if (!NAME.test(name)) return false;
    const file = await stat(join(this.folder, name)).catch(() => undefined);
    return file !== undefined && Date.now() - file.mtimeMs < LIFETIME_MS;
  }

  /** The content of an open file. */
  async read(name: string): Promise<Buffer | undefined> {
    if (!(await this.isOpen(name))) return undefined;
    return readFile(join(this.folder, name)).catch(() => undefined);
  }

  /** Replaces the content of an open file. */
  async write(name: string, content: Uint8Array): Promise<void> {
    await writeFile(join(this.folder, name), content, { mode: 0o600 });
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.folder, name), { force: true });
  }

  private async sweep(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      if (!(await this.isOpen(name))) await this.remove(name);
    }
  }
}
