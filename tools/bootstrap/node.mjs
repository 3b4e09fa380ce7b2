import { SetupError } from "./failure.mjs";
import { compareVersions, parseVersion } from "./version.mjs";

/** The oldest Node that can run this bootstrap and npm; the newer one that the project needs comes with `npm ci`. */
const OLDEST_NODE = [18, 15, 0];

/** Platforms with a build of each engine (workerd, Node, Pulumi). */
const PLATFORMS = new Set(["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"]);

/**
 * Checks the machine; nothing can be installed here, so a failure always ends the bootstrap.
 * @type {import("./run.mjs").Step}
 */
export const nodeStep = {
  title: "Node.js",
  pending(context) {
    const platform = `${context.platform}-${context.arch}`;
    if (!PLATFORMS.has(platform)) {
      throw new SetupError(
        `This machine is ${platform}, for which the local engines (workerd, Pulumi) have no build.`,
        `Use one of ${[...PLATFORMS].join(", ")}; on Windows, run it in WSL2.`,
      );
    }
    const version = parseVersion(context.nodeVersion);
    if (version === undefined || compareVersions(version, OLDEST_NODE) < 0) {
      throw new SetupError(
        `Node.js ${context.nodeVersion} is too old: ${OLDEST_NODE.join(".")} or newer is needed.`,
        "Install a current one, for example with `nvm install 22`, and run the command again.",
      );
    }
    return null;
  },
  async run() {},
  summary: (context) => `Node ${context.nodeVersion}`,
};
