import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { SetupError } from "./failure.mjs";
import { isExecutable } from "./process.mjs";
import { compareVersions, parseVersion } from "./version.mjs";

/** The oldest Node that runs this project's TypeScript. */
const OLDEST_RUNTIME = [22, 18, 0];

export const OLDEST_RUNTIME_TEXT = OLDEST_RUNTIME.join(".");

/**
 * @param {string} version "22.18.0".
 * @returns {boolean} Whether that Node runs this project's TypeScript.
 */
export function runsTypeScript(version) {
  const parsed = parseVersion(version);
  return parsed !== undefined && compareVersions(parsed, OLDEST_RUNTIME) >= 0;
}

/**
 * Checks that there is a Node for the program: the user's own, else the one of the npm package
 * `node`, which fetches its binary in an install script that a user's settings may forbid.
 * @type {import("./run.mjs").Step}
 */
export const runtimeStep = {
  title: "Node.js for TypeScript",
  pending(context) {
    if (runsTypeScript(context.nodeVersion)) return null;
    const runtime = packagedNode(context);
    if (!isExecutable(runtime)) return `${runtime} is missing`;
    const { stdout } = spawnSync(runtime, ["--version"], { encoding: "utf8", timeout: 10_000 });
    return runsTypeScript(stdout ?? "") ? null : `${runtime} does not run, or is too old`;
  },
  async run(context) {
    throw new SetupError(
      `Node.js ${OLDEST_RUNTIME_TEXT} or newer is needed, this one is ${context.nodeVersion}, and the npm package \`node\` did not install its own at ${packagedNode(context)}.`,
      "Allow install scripts and repeat (`npm config delete ignore-scripts && npm ci`), or install Node.js 22 with `nvm install 22`.",
    );
  },
  summary: (context) =>
    `TypeScript by ${runsTypeScript(context.nodeVersion) ? "this Node" : "the packaged Node"}`,
};

/**
 * @param {import("./context.mjs").Context} context
 * @returns {string}
 */
function packagedNode({ root }) {
  return join(root, "node_modules", ".bin", "node");
}
