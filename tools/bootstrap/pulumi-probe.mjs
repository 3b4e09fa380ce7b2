import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { capture, findOnPath, isExecutable } from "./process.mjs";
import {
  FIRST_UNSUPPORTED_PULUMI,
  FIRST_WITH_PAIRED_HOST,
  LANGUAGE_HOST,
  LAUNCHERS,
  OLDEST_PULUMI,
} from "./pulumi-release.mjs";
import { compareVersions, parseVersion } from "./version.mjs";

const VERSION_TIMEOUT_MILLISECONDS = 30_000;
const HOST_TIMEOUT_MILLISECONDS = 15_000;

/**
 * A Pulumi that can run the program.
 * @typedef {object} Installation
 * @property {string} pulumi Absolute path of the CLI.
 * @property {string} languageHost Absolute path of the Node.js language host.
 * @property {string} version "3.220.0".
 * @property {string[]} missingLaunchers Launch scripts that are neither beside the CLI nor on the PATH.
 */

/**
 * Tries a CLI: its version, and whether its language host starts.
 * @param {string} pulumi
 * @param {Record<string, string | undefined>} env
 * @returns {Promise<Installation | { unsuitable: string }>}
 */
export async function probeInstallation(pulumi, env) {
  const shown = await versionOf(pulumi, env);
  const version = parseVersion(shown);
  if (version === undefined) return { unsuitable: "it names no version" };
  if (
    compareVersions(version, OLDEST_PULUMI) < 0 ||
    compareVersions(version, FIRST_UNSUPPORTED_PULUMI) >= 0
  ) {
    return {
      unsuitable: `version ${version.join(".")} is outside ${OLDEST_PULUMI.join(".")} to ${FIRST_UNSUPPORTED_PULUMI.join(".")}`,
    };
  }
  const beside = join(dirname(realpathSync(pulumi)), LANGUAGE_HOST);
  const paired = compareVersions(version, FIRST_WITH_PAIRED_HOST) >= 0;
  const languageHost = isExecutable(beside)
    ? beside
    : paired
      ? undefined
      : findOnPath(LANGUAGE_HOST, env.PATH);
  if (languageHost === undefined)
    return { unsuitable: `its language host ${LANGUAGE_HOST} is missing` };
  if (!(await languageHostStarts(languageHost)))
    return { unsuitable: `its language host ${languageHost} does not start` };
  const missingLaunchers = Object.keys(LAUNCHERS).filter(
    (name) =>
      !isExecutable(join(dirname(languageHost), name)) && findOnPath(name, env.PATH) === undefined,
  );
  return { pulumi, languageHost, version: version.join("."), missingLaunchers };
}

/**
 * @param {string} pulumi
 * @param {Record<string, string | undefined>} env
 * @returns {Promise<string>} Empty when the program does not run.
 */
async function versionOf(pulumi, env) {
  try {
    const quiet = { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" };
    const { code, stdout } = await capture(pulumi, ["version"], {
      env: quiet,
      timeout: VERSION_TIMEOUT_MILLISECONDS,
    });
    return code === 0 ? stdout : "";
  } catch {
    return "";
  }
}

/**
 * A language host that can run prints the port it listens on and then serves; the engine's address
 * given here is one that nobody listens on.
 * @param {string} languageHost
 * @returns {Promise<boolean>}
 */
function languageHostStarts(languageHost) {
  return new Promise((resolve) => {
    const child = spawn(languageHost, ["127.0.0.1:1"], { stdio: ["ignore", "pipe", "ignore"] });
    /** @param {boolean} answer */
    const finish = (answer) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      resolve(answer);
    };
    const timer = setTimeout(() => finish(false), HOST_TIMEOUT_MILLISECONDS);
    child.stdout.setEncoding("utf8").once("data", (text) => finish(/^\d+\s*$/.test(text)));
    child.once("error", () => finish(false));
    child.once("close", () => finish(false));
  });
}
