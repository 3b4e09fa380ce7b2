/**
 * @typedef {object} LockEntry
 * @property {string} [version]
 * @property {boolean} [dev]
 * @property {boolean} [optional]
 * @property {Record<string, string>} [optionalDependencies]
 * @property {string[]} [os]
 * @property {string[]} [cpu]
 * @property {string[]} [libc]
 */

const SYSTEMS = [
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "aix",
  "win32",
];
const PROCESSORS = [
  "arm64",
  "x64",
  "ia32",
  "arm",
  "loong64",
  "mips64el",
  "ppc64",
  "riscv64",
  "s390x",
];
/**
 * Spellings in package names → Node's own.
 * @type {readonly [RegExp, string][]}
 */
const SPELLINGS = [
  [/\bwindows\b/, "win32"],
  [/\barm-(gnu|musl)?eabi(hf)?\b/, "arm"],
  [/-64$/, "-x64"],
  [/\bwasm32.*/, "wasm32"],
];

/**
 * The entries that a lock file lacks for the optional packages of its packages. An entry has the
 * exact version that its parent asks for and the platform that its name says, but no hash: npm
 * adds that where it can fetch the package.
 *
 * @param {Record<string, LockEntry>} packages `packages` of package-lock.json.
 * @returns {Record<string, LockEntry>}
 */
export function missingPlatformPackages(packages) {
  /** @type {Record<string, LockEntry>} */
  const missing = {};
  for (const [parent, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!/^\d+\.\d+\.\d+/.test(version)) continue;
      if (isFound(packages, parent, name, version)) continue;
      const platform = platformOf(name);
      if (platform === undefined) continue;
      // In the parent's own folder, where no package can be in the way or be shadowed.
      missing[`${parent}/node_modules/${name}`] = {
        version,
        ...platform,
        ...(entry.dev ? { dev: true } : {}),
        optional: true,
      };
    }
  }
  return missing;
}

/**
 * Whether Node would find that version of a package from another one's folder.
 * @param {Record<string, LockEntry>} packages
 * @param {string} parent
 * @param {string} name
 * @param {string} version
 * @returns {boolean}
 */
function isFound(packages, parent, name, version) {
  for (
    let folder = parent;
    ;
    folder = folder.slice(0, folder.lastIndexOf("node_modules/")).replace(/\/$/, "")
  ) {
    const path = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    const found = packages[path];
    if (found !== undefined) return found.version === version;
    if (folder === "") return false;
  }
}

/**
 * The platform in a package's name, in the fields by which npm skips it elsewhere.
 * @param {string} name
 * @returns {{ os: string[], cpu: string[], libc?: string[] } | undefined}
 */
export function platformOf(name) {
  let text = name.slice(name.indexOf("/") + 1);
  const libc = /musl/.test(text) ? "musl" : /-gnu/.test(text) ? "glibc" : undefined;
  for (const [pattern, spelling] of SPELLINGS) text = text.replace(pattern, spelling);
  const words = text.split("-");
  const os = SYSTEMS.find((system) => words.includes(system));
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined) return undefined;
  return {
    os: [os],
    cpu: [cpu],
    ...(os === "linux" && libc !== undefined ? { libc: [libc] } : {}),
  };
}
