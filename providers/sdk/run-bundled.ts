/** How a plugin starts: as a cached bundle, else from its sources. */
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Where this project keeps what is made once a machine: BULKHEAD_CACHE, else the user's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return env.BULKHEAD_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "bulkhead");
}

/**
 * Runs a plugin's module.
 *
 * @param folders of this project that the module's imports lie in.
 */
export async function runBundled(source: URL, folders: readonly string[]): Promise<void> {
  const cache = cacheFolder(process.env);
  // Before the first import, so that it serves them all.
  enableCompileCache(join(cache, "compiled"));
  // Without esbuild or a writable cache, and when another version's start has just deleted the bundle
  // as outdated, the sources do the same, half a second later.
  try {
    const { cachedBundle } = await import("./bundle.ts");
    const bundle = await cachedBundle(fileURLToPath(source), folders, cache);
    await import(pathToFileURL(bundle).href);
  } catch {
    await import(source.href);
  }
}
