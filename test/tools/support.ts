import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { Context } from "../../tools/bootstrap/context.mjs";

/** A folder that goes away with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-tools-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes an executable shell script. */
export function script(file: string, body: string): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** Folders of the system's own programs, which hold neither Go, npm nor Pulumi in these tests. */
export function systemPath(folder: string): string {
  const bin = join(folder, "system");
  mkdirSync(bin, { recursive: true });
  for (const name of ["sh", "tar", "gzip", "rm", "sleep", "cat", "mkdir"]) {
    script(join(bin, name), `PATH=/usr/local/bin:/usr/bin:/bin exec ${name} "$@"`);
  }
  return bin;
}

/** A machine in a folder: empty project, state and cache, and the log of what the bootstrap says. */
export function machine(
  folder = temporaryFolder(),
  overrides: Partial<Context> = {},
): Context & { lines: string[] } {
  const lines: string[] = [];
  const root = join(folder, "project");
  mkdirSync(root, { recursive: true });
  return {
    root,
    stateDir: join(folder, "state"),
    cacheDir: join(folder, "cache"),
    env: { PATH: systemPath(folder) },
    programFolders: [],
    platform: process.platform,
    arch: process.arch,
    nodeVersion: process.versions.node,
    log: (line: string) => void lines.push(line),
    lines,
    ...overrides,
  };
}
