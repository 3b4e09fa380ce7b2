/** Entry point of the executable `pulumi-resource-bulkhead`: the plugin as a cached bundle, else from its sources. */
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const { BULKHEAD_CACHE, XDG_CACHE_HOME } = process.env;
const cache = BULKHEAD_CACHE || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "bulkhead");

// Before the first import, so that it serves them all.
enableCompileCache(join(cache, "compiled"));

const source = new URL("./plugin.ts", import.meta.url);

// Without esbuild or a writable cache, and when another version's start has just deleted the bundle
// as outdated, the sources do the same, half a second later.
try {
  const { cachedBundle } = await import("../sdk/bundle.ts");
  const bundle = await cachedBundle(fileURLToPath(source), ["providers"], cache);
  await import(pathToFileURL(bundle).href);
} catch {
  await import(source.href);
}
