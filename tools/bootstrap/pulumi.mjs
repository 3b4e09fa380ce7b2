import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { SetupError } from "./failure.mjs";
import { withLock } from "./lock.mjs";
import { allOnPath, isExecutable } from "./process.mjs";
import { buildPulumi, removeBuildFolder } from "./pulumi-build.mjs";
import { commitToCache, inspectCache, installFolder } from "./pulumi-cache.mjs";
import { downloadPulumi } from "./pulumi-download.mjs";
import { writeLaunchers } from "./pulumi-launchers.mjs";
import { probeInstallation } from "./pulumi-probe.mjs";
import { LANGUAGE_HOST, LAUNCHERS, OLDEST_PULUMI, PULUMI_VERSION } from "./pulumi-release.mjs";
import { readTools, stillAsRecorded, writePulumi } from "./tools-file.mjs";

/**
 * Finds a Pulumi that can run the program, or installs one into the cache folder.
 * @type {import("./run.mjs").Step}
 */
export const pulumiStep = {
  title: "Pulumi",
  pending({ stateDir }) {
    const tools = readTools(stateDir);
    if (tools?.pulumi === undefined) return "looking for a usable one";
    return stillAsRecorded(tools) ? null : `${tools.pulumi.pulumi} has changed or gone`;
  },
  async run(context) {
    const found = (await findOnMachine(context)) ?? (await findOrInstallInCache(context));
    writePulumi(context.stateDir, found);
    context.log(
      `using Pulumi ${found.version} at ${found.pulumi} (${found.source}), language host ${found.languageHost}`,
    );
  },
  summary({ stateDir }) {
    const pulumi = readTools(stateDir)?.pulumi;
    return `Pulumi ${pulumi?.version} from ${pulumi?.origin}`;
  },
};

/**
 * @typedef {import("./tools-file.mjs").FoundPulumi} FoundPulumi
 * @param {import("./context.mjs").Context} context
 * @returns {Promise<FoundPulumi | undefined>}
 */
async function findOnMachine(context) {
  for (const candidate of allOnPath("pulumi", context.env.PATH)) {
    // The cache's own folder is on the PATH of a shell set up by `bulkhead local env`.
    if (dirname(candidate) === installFolder(context)) continue;
    const result = await probeInstallation(candidate, context.env);
    if ("unsuitable" in result) {
      context.log(`not using ${candidate}: ${result.unsuitable}`);
      continue;
    }
    const path = [dirname(result.pulumi), dirname(result.languageHost)];
    const folder = join(context.cacheDir, "pulumi", "launchers");
    const launchers = result.missingLaunchers.map((name) => join(folder, name));
    if (launchers.length > 0) {
      writeLaunchers(folder, result.missingLaunchers);
      path.push(folder);
    }
    return {
      ...result,
      path: [...new Set(path)],
      launchers,
      origin: "the PATH",
      source: "found on the PATH",
    };
  }
  return undefined;
}

/**
 * @param {import("./context.mjs").Context} context
 * @returns {Promise<FoundPulumi>}
 */
async function findOrInstallInCache(context) {
  const folder = installFolder(context);
  await withLock(`${folder}.lock`, context.log, async () => {
    removeLeftovers(folder);
    const state = await inspectCache(folder);
    if (state === "intact") {
      removeBuildFolder(context);
      return;
    }
    if (state !== "missing") {
      context.log(
        `the cached Pulumi in ${folder} is damaged (${state.damaged}); installing it again`,
      );
      rmSync(folder, { recursive: true, force: true });
    }
    await install(context, folder);
    removeBuildFolder(context);
  });
  const result = await probeInstallation(join(folder, "pulumi"), context.env);
  if (!("unsuitable" in result) && result.version === PULUMI_VERSION) {
    return { ...result, path: [folder], launchers: [], origin: "the cache", source: "cache" };
  }
  throw new SetupError(
    `The Pulumi installed in ${folder} cannot be used: ${"unsuitable" in result ? result.unsuitable : `it is ${result.version}`}.`,
    `Remove that folder (\`rm -r ${folder}\`) and run the command again.`,
  );
}

/**
 * Of this version only, since another version's folder has a lock of its own.
 * @param {string} folder
 * @returns {string}
 */
function preparationPrefix(folder) {
  return join(dirname(folder), `.preparing-${basename(folder)}-`);
}

/**
 * Removes what a killed installation has left.
 * @param {string} folder
 */
function removeLeftovers(folder) {
  const prefix = basename(preparationPrefix(folder));
  for (const name of readdirSync(dirname(folder))) {
    if (name.startsWith(prefix)) {
      rmSync(join(dirname(folder), name), { recursive: true, force: true });
    }
  }
}

/**
 * @param {import("./context.mjs").Context} context
 * @param {string} folder
 */
async function install(context, folder) {
  const reasons = [];
  for (const [name, obtain] of /** @type {const} */ ([
    ["download", downloadPulumi],
    ["Go modules", buildPulumi],
  ])) {
    const prepared = mkdtempSync(preparationPrefix(folder));
    try {
      const result = await obtain(context, prepared);
      if ("unavailable" in result) {
        context.log(`no Pulumi by ${name}: ${result.unavailable}`);
        reasons.push(`${name}: ${result.unavailable}`);
        continue;
      }
      writeLaunchers(
        prepared,
        Object.keys(LAUNCHERS).filter((launcher) => !existsSync(join(prepared, launcher))),
      );
      for (const program of ["pulumi", LANGUAGE_HOST]) {
        if (!isExecutable(join(prepared, program)))
          throw new SetupError(`${program} is not in ${result.source}.`, installRemedy());
      }
      chmodSync(prepared, 0o755);
      await commitToCache(prepared, folder, result.source);
      context.log(`installed Pulumi ${PULUMI_VERSION} from ${result.source} into ${folder}`);
      return;
    } finally {
      rmSync(prepared, { recursive: true, force: true });
    }
  }
  throw new SetupError(
    `No usable Pulumi was found or could be installed (${reasons.join("; ")}).`,
    installRemedy(),
  );
}

/** @returns {string} */
function installRemedy() {
  return `Install Pulumi ${OLDEST_PULUMI.join(".")} or newer (\`curl -fsSL https://get.pulumi.com | sh\`), or Go 1.24.7 or newer from https://go.dev/dl/ with a reachable module proxy, and run the command again.`;
}
