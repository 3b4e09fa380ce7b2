import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { requireFreeSpace } from "./disk.mjs";
import { SetupError } from "./failure.mjs";
import { withLock } from "./lock.mjs";
import { findOnPath, withProgress } from "./process.mjs";

/** node_modules measured 1.0 GB; npm holds each package's tarball beside it while unpacking. */
const NEEDED_MEGABYTES = 1500;

/** Records the package-lock.json that node_modules was last known to equal. */
const STAMP = ".bulkhead-packages.json";

/**
 * Installs the npm packages when they are missing or not those of package-lock.json.
 * @type {import("./run.mjs").Step}
 */
export const packagesStep = {
  title: "npm packages",
  pending({ root }) {
    const lockfile = join(root, "package-lock.json");
    const modules = join(root, "node_modules");
    if (!existsSync(lockfile)) {
      throw new SetupError(
        `${lockfile} is missing.`,
        "Restore it with `git checkout package-lock.json`.",
      );
    }
    if (!existsSync(modules)) return "node_modules is missing";
    const text = readFileSync(lockfile);
    const digest = createHash("sha256").update(text).digest("hex");
    if (readStamp(modules) === digest) return null;
    return firstDifference(text.toString("utf8"), modules);
  },
  async run(context) {
    await withLock(packagesLock(context), context.log, async () => {
      if (packagesStep.pending(context) === null) return;
      requireFreeSpace(context.root, NEEDED_MEGABYTES, "install the npm packages");
      await installPackages(context);
      const lockfile = readFileSync(join(context.root, "package-lock.json"));
      writeStamp(
        join(context.root, "node_modules"),
        createHash("sha256").update(lockfile).digest("hex"),
      );
    });
  },
  summary: () => "npm packages as locked",
};

/**
 * @param {string} modules
 * @returns {string | undefined}
 */
function readStamp(modules) {
  try {
    return JSON.parse(readFileSync(join(modules, STAMP), "utf8")).lockfileSha256;
  } catch {
    // Absent or cut short: either way node_modules has to be compared.
    return undefined;
  }
}

/**
 * @param {string} modules
 * @param {string} digest
 */
function writeStamp(modules, digest) {
  try {
    writeFileSync(join(modules, STAMP), `${JSON.stringify({ lockfileSha256: digest })}\n`);
  } catch {
    // It only saves the comparison of the next run.
  }
}

/**
 * node_modules belongs to the project's folder, whatever state folder is in use; `npm ci` empties
 * node_modules, so the lock is elsewhere.
 * @param {import("./context.mjs").Context} context
 * @returns {string}
 */
function packagesLock({ cacheDir, root }) {
  const digest = createHash("sha256").update(root).digest("hex").slice(0, 16);
  return join(cacheDir, "locks", `packages-${digest}.lock`);
}

/**
 * Compares what npm says it installed (its hidden lock file) with package-lock.json, so that a
 * developer's own `npm install` is not thrown away and repeated.
 * @param {string} lockText
 * @param {string} modules
 * @returns {string | null} The first difference; null when there is none.
 */
export function firstDifference(lockText, modules) {
  const hidden = join(modules, ".package-lock.json");
  if (!existsSync(hidden)) return "node_modules is incomplete";
  const wanted = packagesOf(lockText);
  const installed = packagesOf(readFileSync(hidden, "utf8"));
  if (wanted === undefined || installed === undefined)
    return "node_modules cannot be compared with package-lock.json";
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "" || entry.link) continue;
    const found = installed[path];
    if (found === undefined && !entry.optional && !entry.devOptional && !entry.peer)
      return `${path} is not installed`;
    if (found !== undefined && found.version !== entry.version)
      return `${path} is ${found.version}, not ${entry.version}`;
  }
  const extra = Object.keys(installed).find((path) => wanted[path] === undefined);
  return extra === undefined ? null : `${extra} is not in package-lock.json`;
}

/**
 * @param {string} text
 * @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean, peer?: boolean, link?: boolean }> | undefined}
 */
function packagesOf(text) {
  try {
    return JSON.parse(text).packages;
  } catch {
    return undefined;
  }
}

/** @param {import("./context.mjs").Context} context */
async function installPackages(context) {
  const [command, args] = npmCommand(context.env);
  context.log("running `npm ci` (about 1 minute the first time; 1 GB in node_modules)");
  const code = await withProgress(
    context,
    () => "npm ci is running",
    () =>
      new Promise((resolve, reject) => {
        const child = spawn(command, [...args, "ci", "--include=dev"], {
          cwd: context.root,
          // npm warns about each package that prefers a newer Node than the one npm runs on; the project brings its own.
          env: {
            ...context.env,
            npm_config_loglevel:
              context.env.npm_config_loglevel === "verbose" ? "verbose" : "error",
          },
          stdio: ["ignore", 2, 2],
        });
        child.once("error", reject);
        child.once("close", resolve);
      }),
  );
  if (code === 0) return;
  throw new SetupError(
    `\`npm ci\` failed in ${context.root} (exit code ${code}); its own message is above.`,
    "Fix what it names (EUSAGE after a change of package.json: `node tools/complete-lockfile.mjs`; no network: connect or set npm_config_registry to a reachable mirror; EACCES: the folder's owner; ENOSPC: free disk space), then run `npm ci`.",
  );
}

/**
 * How to start npm: the very npm that runs this script when there is one, else the one on the PATH.
 * @param {Record<string, string | undefined>} env
 * @returns {[string, string[]]}
 */
export function npmCommand(env) {
  const running = env.npm_execpath;
  if (running?.endsWith("npm-cli.js") && existsSync(running)) return [process.execPath, [running]];
  const found = findOnPath("npm", env.PATH);
  if (found !== undefined) return [found, []];
  throw new SetupError(
    "npm is not on the PATH, and the npm packages are not installed.",
    "Install it (`apt-get install npm`, or a Node.js from https://nodejs.org, which includes it) and run `npm ci`.",
  );
}
