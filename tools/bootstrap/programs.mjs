import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import {
  hasDebianPackages,
  INSTALL_REMEDY,
  systemName,
  unpackPackages,
} from "./debian-packages.mjs";
import { requireFreeSpace } from "./disk.mjs";
import { SetupError } from "./failure.mjs";
import { withLock } from "./lock.mjs";
import { allOnPath, capture, isExecutable } from "./process.mjs";
import { readProgram, writePrograms } from "./tools-file.mjs";

const PROBE_TIMEOUT_MILLISECONDS = 15_000;

/** Packages and what they unpack to, when all are needed. */
const NEEDED_MEGABYTES = 200;

/**
 * A program that the local cloud, or a test of it, runs.
 * @typedef {object} Wanted
 * @property {string} purpose Its key in the tools file.
 * @property {readonly string[]} names Of which any will do, the preferred one first.
 * @property {readonly string[]} packages Debian's, of which the first that is offered has the program.
 * @property {boolean} required Clients are not: a user who has none uses none.
 * @property {(text: string) => string | undefined} [fault] What its `--version` shows to be missing.
 * @property {readonly string[]} [probe] Arguments with which it ends at once and names `bulkhead-probe`, if it can do what is needed.
 */

/** @type {readonly Wanted[]} */
const WANTED = [
  {
    purpose: "valkey",
    names: ["valkey-server", "redis-server"],
    packages: ["valkey-server", "redis-server"],
    required: true,
    // A server without TLS stops at the first of the two, which it does not know.
    probe: ["--port", "0", "--tls-cluster", "no", "--bulkhead-probe", "yes"],
  },
  {
    purpose: "pgbouncer",
    names: ["pgbouncer"],
    packages: ["pgbouncer"],
    required: true,
    fault: (text) => (/^tls: (?!none)/im.test(text) ? undefined : "it was built without TLS"),
  },
  {
    purpose: "valkey-cli",
    names: ["valkey-cli", "redis-cli"],
    packages: ["valkey-tools", "redis-tools"],
    required: false,
  },
  { purpose: "psql", names: ["psql"], packages: ["postgresql-client"], required: false },
  { purpose: "pgbench", names: ["pgbench"], packages: ["postgresql"], required: false },
];

/**
 * Finds the database programs that are in no npm package, or unpacks Debian's into the cache folder.
 * @type {import("./run.mjs").Step}
 */
export const programsStep = {
  title: "database programs",
  pending({ stateDir }) {
    const missing = WANTED.filter(
      ({ required, purpose }) => required && readProgram(stateDir, purpose) === undefined,
    );
    return missing.length === 0
      ? null
      : `looking for ${missing.map(({ names }) => names.join(" or ")).join(", ")}`;
  },
  async run(context) {
    const folders = [context.env.PATH ?? "", ...context.programFolders].join(delimiter);
    const installed = await find(context, (name) => allOnPath(name, folders));
    const absent = WANTED.filter(({ purpose }) => installed[purpose] === undefined);
    const found = { ...(await findOrUnpack(context, absent)), ...installed };
    const missing = WANTED.find(({ required, purpose }) => required && !found[purpose]);
    if (missing !== undefined) {
      throw new SetupError(
        `No usable ${missing.names.join(" or ")} was found ${places(context)}, and none could be had from Debian packages.`,
        INSTALL_REMEDY,
      );
    }
    writePrograms(context.stateDir, found);
    for (const [purpose, { path, product, version }] of Object.entries(found))
      context.log(`using ${product} ${version} at ${path} as ${purpose}`);
  },
  summary({ stateDir }) {
    const [cache, pooler] = ["valkey", "pgbouncer"].map((name) => readProgram(stateDir, name));
    return `${cache?.product} ${cache?.version}, PgBouncer ${pooler?.version}`;
  },
};

/**
 * @param {import("./context.mjs").Context} context
 * @returns {string}
 */
const places = ({ programFolders }) => ["on the PATH", ...programFolders].join(" or in ");

/** @typedef {Record<string, { path: string, product: string, version: string }>} Found */

/**
 * Of each program that is wanted the first that can be used.
 * @param {import("./context.mjs").Context} context
 * @param {(name: string) => readonly string[]} candidatesOf
 * @returns {Promise<Found>}
 */
async function find(context, candidatesOf) {
  /** @type {Found} */
  const found = {};
  for (const wanted of WANTED) {
    for (const name of wanted.names) {
      for (const path of candidatesOf(name)) {
        const result = await probe(wanted, path, context.env);
        if ("unsuitable" in result) context.log(`not using ${path}: ${result.unsuitable}`);
        else found[wanted.purpose] ??= { path, product: name.split("-")[0] ?? name, ...result };
      }
    }
  }
  return found;
}

/**
 * @param {Wanted} wanted
 * @param {string} path
 * @param {Record<string, string | undefined>} env
 * @returns {Promise<{ version: string } | { unsuitable: string }>}
 */
async function probe(wanted, path, env) {
  const ask = async (/** @type {readonly string[]} */ args) => {
    const options = { env, timeout: PROBE_TIMEOUT_MILLISECONDS };
    const { stdout, stderr } = await capture(path, args, options);
    return stdout + stderr;
  };
  try {
    const text = await ask(["--version"]);
    const version = /\b(\d+\.\d+(\.\d+)?)/.exec(text)?.[1];
    if (version === undefined)
      return { unsuitable: `it does not run (${text.trim().split("\n")[0]})` };
    const fault = wanted.fault?.(text);
    if (fault !== undefined) return { unsuitable: fault };
    if (wanted.probe && !(await ask(wanted.probe)).includes("'bulkhead-probe"))
      return { unsuitable: "it was built without TLS" };
    return { version };
  } catch (error) {
    return { unsuitable: `it does not run (${error instanceof Error ? error.message : error})` };
  }
}

/**
 * @param {import("./context.mjs").Context} context
 * @param {readonly Wanted[]} absent
 * @returns {Promise<Found>}
 */
async function findOrUnpack(context, absent) {
  const folder = join(context.cacheDir, "programs", systemName(context));
  const inCache = () =>
    find(context, (name) => [join(folder, "bin", name)].filter((path) => isExecutable(path)));
  if (absent.length === 0) return {};
  return withLock(`${folder}.lock`, context.log, async () => {
    const cached = await inCache();
    const needed = absent.filter(({ purpose }) => cached[purpose] === undefined);
    if (!needed.some(({ required }) => required) || !hasDebianPackages(context)) return cached;
    requireFreeSpace(dirname(folder), NEEDED_MEGABYTES, "unpack the database programs");
    const prepared = prepare(folder);
    try {
      // The folder is replaced, so it gets what it had as well.
      const alternatives = absent.map(({ packages }) => packages);
      await unpackPackages(context, { folder: prepared, place: folder, alternatives });
      rmSync(join(prepared, "downloads"), { recursive: true, force: true });
      rmSync(folder, { recursive: true, force: true });
      renameSync(prepared, folder);
    } finally {
      rmSync(prepared, { recursive: true, force: true });
    }
    return await inCache();
  });
}

/**
 * A new folder beside `folder`; those of killed runs go.
 * @param {string} folder
 * @returns {string}
 */
function prepare(folder) {
  const prefix = `.preparing-${basename(folder)}-`;
  for (const name of existsSync(dirname(folder)) ? readdirSync(dirname(folder)) : []) {
    if (name.startsWith(prefix))
      rmSync(join(dirname(folder), name), { recursive: true, force: true });
  }
  mkdirSync(dirname(folder), { recursive: true });
  return mkdtempSync(join(dirname(folder), prefix));
}
