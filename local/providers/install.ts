/**
 * Installs the local provider plugins where the Pulumi engine finds them:
 * `$PULUMI_HOME/plugins/resource-NAME-vVERSION/`, at the versions of the installed npm packages.
 */
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundlePlugin, cachedBundle, hashSources } from "../../providers/sdk/bundle.ts";
import { cacheFolder } from "../../providers/sdk/run-bundled.ts";

/** Which plugins to install where. */
export interface InstallOptions {
  /** PULUMI_HOME. */
  readonly pulumiHome: string;
  /** Absolute path of the Node that runs the plugins. */
  readonly nodePath: string;
}

/** One installed plugin. */
export interface InstalledPlugin {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  /** False when the bundle was current already. */
  readonly built: boolean;
}

const HERE = dirname(fileURLToPath(import.meta.url));

/** Plugins by name; each has a folder of that name here and stands in for an npm package. */
const PLUGINS = {
  aws: "@pulumi/aws",
  cloudflare: "@pulumi/cloudflare",
  digitalocean: "@pulumi/digitalocean",
  random: "@pulumi/random",
} as const;

/** Folders that the plugins' imports lie in. */
const SOURCES = ["local/providers", "providers"];

/** Holds the hash of everything that a bundle was made from. */
const STAMP = "bulkhead.sha256";

/**
 * Bundles every local plugin that is not current and puts it in place by a rename, so that two
 * installations at once and an engine that starts meanwhile see whole plugins only. An outdated one
 * is moved away first, since no rename replaces a folder with files in it; an engine that starts in
 * that moment finds none and says so.
 */
export async function installLocalProviders(options: InstallOptions): Promise<InstalledPlugin[]> {
  const sources = await hashSources(SOURCES, options.nodePath);
  return Promise.all(
    Object.entries(PLUGINS).map(([name, npm]) => installPlugin(options, name, npm, sources)),
  );
}

async function installPlugin(
  { pulumiHome, nodePath }: InstallOptions,
  name: string,
  npm: string,
  sources: string,
): Promise<InstalledPlugin> {
  const version = await packageVersion(npm);
  const plugins = join(pulumiHome, "plugins");
  const folder = join(plugins, `resource-${name}-v${version}`);
  const stamp = `${sources} ${version}\n`;
  const installed = await readFile(join(folder, STAMP), "utf8").catch(() => undefined);
  if (installed === stamp) return { name, version, folder, built: false };
  await mkdir(plugins, { recursive: true });
  // Not a plugin's name, so the engine does not take a half-built one for a plugin.
  const temporary = await mkdtemp(join(plugins, `.building-${name}-`));
  try {
    await putBundle(join(HERE, name, "main.ts"), join(temporary, "main.mjs"));
    const launcher = join(temporary, `pulumi-resource-${name}`);
    await writeFile(launcher, launchScript(nodePath));
    await chmod(launcher, 0o755);
    await writeFile(join(temporary, STAMP), stamp);
    await replace(temporary, folder, stamp);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return { name, version, folder, built: true };
}

/** Copies the bundle that was made once on this machine; without a cache that can be used, makes one. */
async function putBundle(entryPoint: string, file: string): Promise<void> {
  try {
    await copyFile(await cachedBundle(entryPoint, SOURCES, cacheFolder(process.env)), file);
  } catch {
    await bundlePlugin(entryPoint, file);
  }
}

/** The engine follows no symlink here, so the path is fixed at installation. */
function launchScript(nodePath: string): string {
  return `#!/bin/sh
folder=\${0%/*}
export NODE_COMPILE_CACHE="$folder/.compile-cache"
exec ${shellQuote(nodePath)} --disable-warning=ExperimentalWarning "$folder/main.mjs" "$@"
`;
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Renames the new plugin into place; another installation of the same sources may have won. */
async function replace(temporary: string, folder: string, stamp: string): Promise<void> {
  for (;;) {
    try {
      return await rename(temporary, folder);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
    }
    const installed = await readFile(join(folder, STAMP), "utf8").catch(() => undefined);
    if (installed === stamp) return;
    const old = `${temporary}.old`;
    await rename(folder, old).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    await rm(old, { recursive: true, force: true });
  }
}

async function packageVersion(name: string): Promise<string> {
  const require = createRequire(import.meta.url);
  const text = await readFile(require.resolve(`${name}/package.json`), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
