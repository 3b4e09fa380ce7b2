import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { SetupError } from "./failure.mjs";
import { capture, findOnPath, withProgress } from "./process.mjs";

/*
 * Programs of Debian packages without installing them: apt-get resolves and downloads into a folder of
 * ours, and nothing of the system is written, so that any user can do it.
 */

const APT_TIMEOUT_MILLISECONDS = 300_000;

/**
 * Of what a package needs: other packages with its programs, and libraries; not the services, users and
 * scripts around them, and not the compiler that PostgreSQL's server may use.
 */
const NEEDED_PACKAGES =
  /^(redis|valkey)-tools$|^postgresql-(client-)?\d+$|^lib(?!llvm)(?!.*-perl$)/;

/** PostgreSQL's programs under usr/bin are scripts that look for these. */
const PROGRAM =
  /^usr\/s?bin\/(redis|valkey|pgbouncer)[^/]*$|^usr\/lib\/postgresql\/\d+\/bin\/(psql|pgbench)$/;

/** What to do on a machine where the programs are not found and cannot be downloaded. */
export const INSTALL_REMEDY =
  "Install Valkey or Redis with TLS, and PgBouncer (`brew install valkey pgbouncer`, `apt-get install redis-server pgbouncer`, `dnf install valkey pgbouncer`), and run the command again.";

/**
 * Whether packages can be had this way on this machine.
 * @param {import("./context.mjs").Context} context
 * @returns {boolean}
 */
export function hasDebianPackages({ platform, env }) {
  const tools = ["apt-get", "apt-cache", "dpkg-deb"];
  return platform === "linux" && tools.every((name) => findOnPath(name, env.PATH) !== undefined);
}

/**
 * What tells this system's packages from another's: "debian-12-x64".
 * @param {import("./context.mjs").Context} context
 * @returns {string}
 */
export function systemName({ arch }) {
  let text = "";
  try {
    text = readFileSync("/etc/os-release", "utf8");
  } catch {
    // A system without the file has no other releases beside it either.
  }
  const field = (/** @type {string} */ name) =>
    new RegExp(`^${name}="?([\\w.-]+)`, "m").exec(text)?.[1] ?? "unknown";
  return `${field("ID")}-${field("VERSION_ID")}-${arch}`;
}

/**
 * Unpacks packages, and the libraries among what they need that the system lacks, into `folder`, with a
 * launch script for each program in `bin/` that works once the folder is at `place`.
 * @param {import("./context.mjs").Context} context
 * @param {{ folder: string, place: string, alternatives: readonly (readonly string[])[] }} request
 *   Of each list of alternatives the first package that the system offers; none when it offers none.
 * @returns {Promise<void>}
 * @throws {SetupError}
 */
export async function unpackPackages(context, { folder, place, alternatives }) {
  const apt = join(context.cacheDir, "apt");
  const downloads = join(folder, "downloads");
  mkdirSync(downloads);
  const download = async (/** @type {readonly string[]} */ options) => {
    const names = await resolve(context, options, alternatives);
    await run(context, "apt-get", [...options, "-q=2", "download", ...names], downloads);
    return names;
  };
  try {
    const names = await withProgress(
      context,
      () => "downloading Debian packages",
      // The system's own lists save the update, when they are there and name what the mirror still has.
      () => download(aptOptions(apt)).catch(() => updateAndThen(context, apt, download)),
    );
    const root = join(folder, "root");
    for (const file of readdirSync(downloads).sort()) {
      await run(context, "dpkg-deb", ["-x", join(downloads, file), root]);
    }
    writeLaunchScripts(folder, place);
    context.log(`unpacked ${names.join(", ")}`);
  } finally {
    rmSync(apt, { recursive: true, force: true });
  }
}

/**
 * Options that keep apt-get out of the system's folders.
 * @param {string} folder
 * @returns {string[]}
 */
function aptOptions(folder) {
  mkdirSync(join(folder, "archives", "partial"), { recursive: true });
  return [
    `Dir::Cache=${folder}`,
    `Dir::Cache::archives=${folder}/archives`,
    "Debug::NoLocking=1",
    "Acquire::Retries=1",
    "Acquire::http::Timeout=20",
    "Acquire::https::Timeout=20",
  ].flatMap((setting) => ["-o", setting]);
}

/**
 * @template T
 * @param {import("./context.mjs").Context} context
 * @param {string} apt
 * @param {(options: readonly string[]) => Promise<T>} work
 * @returns {Promise<T>}
 */
async function updateAndThen(context, apt, work) {
  const lists = join(apt, "lists");
  mkdirSync(join(lists, "partial"), { recursive: true });
  const options = [...aptOptions(apt), "-o", `Dir::State::Lists=${lists}`];
  const { stderr } = await run(context, "apt-get", [...options, "-q=2", "update"]);
  try {
    return await work(options);
  } catch (error) {
    // It goes well without a network, too, and only warns.
    const warning = stderr.split("\n").find((line) => line.startsWith("W: Failed to fetch"));
    throw warning === undefined ? error : failure(warning.slice("W: ".length));
  }
}

/**
 * The packages to download: those that were asked for, and what they need and the system lacks.
 * @param {import("./context.mjs").Context} context
 * @param {readonly string[]} options
 * @param {readonly (readonly string[])[]} alternatives
 * @returns {Promise<string[]>}
 */
async function resolve(context, options, alternatives) {
  /** @type {Set<string>} */
  const wanted = new Set();
  for (const names of alternatives) {
    const name = await firstOffered(context, options, names);
    if (name !== undefined) wanted.add(name);
  }
  if (wanted.size === 0) throw failure(`no package ${alternatives.flat().join(", ")}`);
  const install = ["install", "--print-uris", "--yes", "--no-install-recommends"];
  const { stdout: listed } = await run(context, "apt-get", [
    ...options,
    "-q=2",
    ...install,
    ...wanted,
  ]);
  // 'URI' NAME_VERSION_ARCH.deb SIZE SUM
  const needed = [...listed.matchAll(/^'[^']*' ([^_\s]+)_\S+\.deb /gm)].map(
    ([, name = ""]) => name,
  );
  return [...new Set([...wanted, ...needed.filter((name) => NEEDED_PACKAGES.test(name))])];
}

/**
 * @param {import("./context.mjs").Context} context
 * @param {readonly string[]} options
 * @param {readonly string[]} names
 * @returns {Promise<string | undefined>}
 */
async function firstOffered(context, options, names) {
  for (const name of names) {
    const shown = await capture("apt-cache", [...options, "show", name], { env: context.env });
    if (shown.code === 0 && shown.stdout.includes("Package:")) return name;
  }
  return undefined;
}

/**
 * @param {string} folder
 * @param {string} place
 */
function writeLaunchScripts(folder, place) {
  const root = join(folder, "root");
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const files = filesBelow(root, "");
  const libraries = files.filter((file) => /\.so(\.\d+)*$/.test(file)).map((file) => dirname(file));
  const libraryPath = [...new Set(libraries)].map((path) => join(place, "root", path)).join(":");
  for (const file of files.filter((each) => PROGRAM.test(each))) {
    const script = join(bin, basename(file));
    const path = libraryPath.replaceAll("'", "'\\''");
    const program = join(place, "root", file).replaceAll("'", "'\\''");
    const lines = ["#!/bin/sh", `export LD_LIBRARY_PATH='${path}'`, `exec '${program}' "$@"`];
    writeFileSync(script, `${lines.join("\n")}\n`);
    chmodSync(script, 0o755);
  }
}

/**
 * Files and links in a folder and all folders in it, as paths in it.
 * @param {string} folder
 * @param {string} path
 * @returns {string[]}
 */
function filesBelow(folder, path) {
  return readdirSync(join(folder, path), { withFileTypes: true }).flatMap((entry) => {
    const below = join(path, entry.name);
    return entry.isDirectory() ? filesBelow(folder, below) : [below];
  });
}

/**
 * @param {import("./context.mjs").Context} context
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} [cwd]
 * @returns {Promise<import("./process.mjs").Outcome>}
 * @throws {SetupError}
 */
async function run(context, command, args, cwd) {
  const outcome = await capture(command, args, {
    env: { ...context.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
    timeout: APT_TIMEOUT_MILLISECONDS,
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (outcome.code === 0) return outcome;
  const errors = outcome.stderr.split("\n").filter((line) => line.startsWith("E: "));
  const reason = errors.join(" ") || outcome.stderr.trim() || `exit code ${outcome.code}`;
  throw failure(`${command}: ${reason}`);
}

/**
 * @param {string} reason
 * @returns {SetupError}
 */
function failure(reason) {
  return new SetupError(
    `Debian packages with the database programs cannot be downloaded (${reason}).`,
    INSTALL_REMEDY,
  );
}
