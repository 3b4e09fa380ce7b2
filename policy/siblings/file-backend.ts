/** Backends that are a folder: states can be looked at without Pulumi. */
import { readdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of a file backend (`file:///…`, `file://~`); undefined for the other kinds. */
export function backendFolder(url: string | undefined): string | undefined {
  const [address = ""] = url?.split("?") ?? [];
  if (address.startsWith("file:///")) return fileURLToPath(address);
  const inHome = /^file:\/\/~(\/.*)?$/.exec(address);
  return inHome === null ? undefined : join(homedir(), inHome[1] ?? "");
}

/** Where a file backend keeps its stacks, a folder for each project. */
const STACKS = [".pulumi", "stacks"];

/** Names of the stacks that a file backend holds for a project. */
export async function stacksInFolder(folder: string, project: string): Promise<string[]> {
  // Without the folder no stack was ever made.
  const files = await readdir(join(folder, ...STACKS, project)).catch(() => []);
  return files
    .map((file) => /^(.+?)\.json(\.gz)?$/.exec(file)?.[1])
    .filter((name) => name !== undefined);
}

/** Changes whenever a stack's state file does; undefined when there is none. */
export async function stateFileStamp(
  folder: string,
  project: string,
  stack: string,
): Promise<string | undefined> {
  for (const ending of [".json", ".json.gz"]) {
    const file = join(folder, ...STACKS, project, `${stack}${ending}`);
    const facts = await stat(file, { bigint: true }).catch(() => undefined);
    if (facts !== undefined) return `${facts.mtimeNs}-${facts.size}-${facts.ino}`;
  }
  return undefined;
}
