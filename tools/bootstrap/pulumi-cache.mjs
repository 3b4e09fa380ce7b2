import { createHash } from "node:crypto";
import {
  createReadStream,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { LANGUAGE_HOST, LAUNCHERS, PULUMI_VERSION } from "./pulumi-release.mjs";

const MANIFEST = "manifest.json";

/** What an installed folder must at least hold. */
const REQUIRED = ["pulumi", LANGUAGE_HOST, ...Object.keys(LAUNCHERS)];

/**
 * @param {import("./context.mjs").Context} context
 * @returns {string}
 */
export function installFolder({ cacheDir, platform, arch }) {
  return join(cacheDir, "pulumi", `v${PULUMI_VERSION}-${platform}-${arch}`);
}

/**
 * Whether the cache holds Pulumi, byte for byte as it was installed.
 * @param {string} folder
 * @returns {Promise<"intact" | "missing" | { damaged: string }>}
 */
export async function inspectCache(folder) {
  if (!existsSync(folder)) return "missing";
  /** @type {{ files: Record<string, string> }} */
  let manifest;
  try {
    manifest = JSON.parse(readFileSync(join(folder, MANIFEST), "utf8"));
  } catch {
    return { damaged: `${MANIFEST} cannot be read` };
  }
  for (const name of REQUIRED) {
    if (manifest.files?.[name] === undefined) return { damaged: `${name} is not in ${MANIFEST}` };
  }
  for (const [name, sha256] of Object.entries(manifest.files)) {
    const file = join(folder, name);
    if (!existsSync(file)) return { damaged: `${name} is missing` };
    if ((statSync(file).mode & 0o100) === 0) return { damaged: `${name} is not executable` };
    if ((await sha256Of(file)) !== sha256)
      return { damaged: `${name} has changed since it was installed` };
  }
  return "intact";
}

/**
 * Puts a complete folder in its place in one step, so that no other process ever sees half of it.
 * @param {string} prepared A folder on the same disk.
 * @param {string} folder
 * @param {string} source How it was obtained, for people.
 */
export async function commitToCache(prepared, folder, source) {
  /** @type {Record<string, string>} */
  const files = {};
  for (const name of readdirSync(prepared).sort())
    files[name] = await sha256Of(join(prepared, name));
  const manifest = {
    version: PULUMI_VERSION,
    source,
    installedAt: new Date().toISOString(),
    files,
  };
  writeFileSync(join(prepared, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
  const old = join(dirname(folder), `.replaced-${process.pid}`);
  if (existsSync(folder)) renameSync(folder, old);
  renameSync(prepared, folder);
  rmSync(old, { recursive: true, force: true });
}

/**
 * @param {string} file
 * @returns {Promise<string>} Lower-case hex.
 */
export async function sha256Of(file) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
