/**
 * Create journal: remembers which creations were begun and are not known to have reached Pulumi's state.
 *
 * An intent is written (and flushed to disk) before the vendor is asked to create something, gets the
 * id with the vendor's answer, and is removed once the engine names that id by itself, or when nothing
 * was created. What survives a crash, of the plugin or of Pulumi, is the evidence that a resource found
 * at the vendor later may be the one that was asked for.
 */
import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** One creation that was begun. */
export interface Intent {
  readonly urn: string;
  readonly endpoint: string;
  /** SHA-256 of the inputs, secrets left out. */
  readonly inputsHash: string;
  /** When the creation was begun, ISO 8601. */
  readonly startedAt: string;
  /** The vendor had no such resource right before; recorded where it tells no creation time. */
  readonly absentBefore?: boolean;
  /** What the vendor answered; absent while the outcome is not known. */
  readonly id?: string;
}

/** Where intents are kept: the project's state folder, else Pulumi's own folder. */
export function journalFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.BULKHEAD_STATE) return join(env.BULKHEAD_STATE, "journal");
  return join(env.PULUMI_HOME || join(homedir(), ".pulumi"), "bulkhead", "journal");
}

/** A folder of intents, one file each, named by the hash of URN and endpoint. */
export class Journal {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** The open intent for a URN at an endpoint, if there is one. */
  async find(urn: string, endpoint: string): Promise<Intent | undefined> {
    try {
      return JSON.parse(await readFile(this.#file(urn, endpoint), "utf8")) as Intent;
    } catch (error) {
      // A torn file cannot exist (atomic rename); a missing one is the normal case.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Records an intent durably, in place of an earlier one of the same URN. */
  async record(intent: Intent): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const file = this.#file(intent.urn, intent.endpoint);
    const temporary = `${file}.${process.pid}.tmp`;
    const handle = await open(temporary, "w", 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(intent)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    const folder = await open(this.folder, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  /** Forgets the intent after a definite outcome. */
  async end(urn: string, endpoint: string): Promise<void> {
    await rm(this.#file(urn, endpoint), { force: true });
  }

  /** Forgets the intent that became the resource with this id: the engine has it in its state. */
  async settle(urn: string, endpoint: string, id: string): Promise<void> {
    if ((await this.find(urn, endpoint))?.id === id) await this.end(urn, endpoint);
  }

  #file(urn: string, endpoint: string): string {
    const key = createHash("sha256").update(`${urn}\n${endpoint}`).digest("hex");
    return join(this.folder, `${key}.json`);
  }
}
