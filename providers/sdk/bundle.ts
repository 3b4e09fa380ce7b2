/**
 * Plugins as one JavaScript file each: a bundle starts in 0.1 s, its sources with the vendor's SDK
 * in 0.7 s, and the engine starts plugins at every preview.
 */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Hash of what a bundle is made from: the folders' sources, all packages' versions, and `more`. */
export async function hashSources(folders: readonly string[], more = ""): Promise<string> {
  const hash = createHash("sha256").update(more);
  for (const folder of folders) {
    const entries = await readdir(join(ROOT, folder), { recursive: true });
    const sources = entries.filter((each) => each.endsWith(".ts")).sort();
    const texts = await Promise.all(sources.map((each) => readFile(join(ROOT, folder, each))));
    for (const [index, source] of sources.entries())
      hash.update(`${folder}/${source}\n`).update(texts[index] ?? "");
  }
  const lock = await readFile(join(ROOT, "package-lock.json")).catch(() => "");
  return hash.update(lock).digest("hex");
}

/** Bundles a plugin's entry point, packages included. Throws esbuild's error. */
export async function bundlePlugin(entryPoint: string, outfile: string): Promise<void> {
  const { build } = await import("esbuild");
  await build({
    entryPoints: [entryPoint],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    logLevel: "silent",
    absWorkingDir: ROOT,
    // CommonJS packages inside the bundle ask for node's own modules by require.
    banner: {
      js: 'import { createRequire as bundleRequire } from "node:module"; const require = bundleRequire(import.meta.url);',
    },
  });
}

/** A current bundle of the entry point in a cache folder of its own; made when it is missing. */
export async function cachedBundle(
  entryPoint: string,
  folders: readonly string[],
  cache: string,
): Promise<string> {
  const owner = createHash("sha256").update(entryPoint).digest("hex").slice(0, 16);
  const folder = join(cache, "plugins", owner);
  const file = join(folder, `${await hashSources(folders, entryPoint)}.mjs`);
  if (await stat(file).catch(() => undefined)) return file;
  await mkdir(folder, { recursive: true });
  const outdated = await readdir(folder);
  const temporary = `${file}.${randomUUID()}.tmp`;
  await bundlePlugin(entryPoint, temporary);
  await rename(temporary, file);
  for (const each of outdated.filter((name) => name.endsWith(".mjs")))
    if (join(folder, each) !== file) await rm(join(folder, each), { force: true });
  return file;
}
