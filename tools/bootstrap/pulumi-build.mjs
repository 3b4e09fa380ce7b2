import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { requireFreeSpace } from "./disk.mjs";
import { SetupError } from "./failure.mjs";
import { capture, findOnPath, withProgress } from "./process.mjs";
import { LANGUAGE_HOST, PULUMI_VERSION } from "./pulumi-release.mjs";
import { compareVersions, parseVersion } from "./version.mjs";

/** The `go` line of tools/pulumi/cli/go.mod. */
const OLDEST_GO = [1, 24, 7];

/** Module sources and compiler output, measured on Linux; removed after the build. */
const NEEDED_MEGABYTES = 4000;

const VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

/** Folder of the pinned module under tools/pulumi → package → program. */
const PROGRAMS = [
  {
    module: "language-nodejs",
    package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    output: LANGUAGE_HOST,
  },
  { module: "cli", package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", output: "pulumi" },
];

/**
 * Builds Pulumi from Go modules, for machines that reach a module proxy but not Pulumi's releases.
 * Versions and hashes are those of tools/pulumi/*\/go.sum.
 * @param {import("./context.mjs").Context} context
 * @param {string} folder An empty folder for the programs.
 * @returns {Promise<{ source: string } | { unavailable: string }>}
 */
export async function buildPulumi(context, folder) {
  const go = findOnPath("go", context.env.PATH);
  if (go === undefined) return { unavailable: "`go` is not on the PATH" };
  const shown = (await capture(go, ["env", "GOVERSION"], { env: context.env })).stdout.trim();
  const version = parseVersion(shown);
  if (version === undefined || compareVersions(version, OLDEST_GO) < 0) {
    return {
      unavailable: `${go} is ${shown || "unusable"}, and ${OLDEST_GO.join(".")} or newer is needed`,
    };
  }
  const work = buildFolder(context);
  requireFreeSpace(
    context.cacheDir,
    NEEDED_MEGABYTES,
    `build Pulumi ${PULUMI_VERSION} from Go modules`,
  );
  context.log(
    `building Pulumi ${PULUMI_VERSION} from Go modules with ${shown}; this takes 3-5 minutes, the first time only`,
  );
  const env = await buildEnvironment(context, go, work);
  for (const program of PROGRAMS) {
    const cwd = join(context.root, "tools", "pulumi", program.module);
    const total = await countPackages(context, go, env, cwd, program);
    await compile(context, go, env, cwd, program, folder, total);
  }
  return { source: `Go modules (${shown})` };
}

/**
 * Kept when a build fails or is killed, so that the next one continues where it stopped.
 * @param {import("./context.mjs").Context} context
 * @returns {string}
 */
function buildFolder({ cacheDir }) {
  return join(cacheDir, "go-work");
}

/**
 * Removes what builds have left; needs the installation's lock.
 * @param {import("./context.mjs").Context} context
 */
export function removeBuildFolder(context) {
  rmSync(buildFolder(context), { recursive: true, force: true });
}

/**
 * Nothing is written outside the cache folder, but modules that the user already has are read from
 * there rather than fetched again.
 * @param {import("./context.mjs").Context} context
 * @param {string} go
 * @param {string} work
 * @returns {Promise<Record<string, string | undefined>>}
 */
async function buildEnvironment(context, go, work) {
  const { stdout } = await capture(go, ["env", "GOMODCACHE", "GOPROXY"], { env: context.env });
  const [userModules = "", proxy = ""] = stdout.trim().split("\n");
  const downloads = join(userModules, "cache", "download");
  const local = userModules && existsSync(downloads) ? `file://${downloads},` : "";
  const temporary = join(work, "tmp");
  mkdirSync(temporary, { recursive: true });
  return {
    ...context.env,
    GOMODCACHE: join(work, "mod"),
    GOCACHE: join(work, "build"),
    GOTMPDIR: temporary,
    GOPROXY: `${local}${proxy}`,
    GOFLAGS: "-mod=readonly -modcacherw -buildvcs=false -trimpath",
    GOWORK: "off",
    GOTOOLCHAIN: "local",
    CGO_ENABLED: "0",
  };
}

/**
 * Fetches the modules and counts the packages, for the progress line.
 * @param {import("./context.mjs").Context} context
 * @param {string} go
 * @param {Record<string, string | undefined>} env
 * @param {string} cwd
 * @param {{ package: string, output: string }} program
 * @returns {Promise<number>}
 */
async function countPackages(context, go, env, cwd, program) {
  const { code, stdout, stderr } = await withProgress(
    context,
    () => `fetching the modules of ${program.output}`,
    () => capture(go, ["list", "-deps", program.package], { cwd, env }),
  );
  if (code !== 0) throw buildFailure("fetch the Go modules of", program.output, stderr);
  return stdout.trim().split("\n").length;
}

/**
 * @param {import("./context.mjs").Context} context
 * @param {string} go
 * @param {Record<string, string | undefined>} env
 * @param {string} cwd
 * @param {{ package: string, output: string }} program
 * @param {string} folder
 * @param {number} total
 */
async function compile(context, go, env, cwd, program, folder, total) {
  let compiled = 0;
  const ldflags = `-s -w -X ${VERSION_VARIABLE}=v${PULUMI_VERSION}`;
  const { code, stderr } = await withProgress(
    context,
    () => `compiling ${program.output}: ${compiled} of ${total} packages`,
    () =>
      capture(
        go,
        ["build", "-v", "-ldflags", ldflags, "-o", join(folder, program.output), program.package],
        {
          cwd,
          env,
          onStderrLine: () => {
            compiled += 1;
          },
        },
      ),
  );
  if (code !== 0) throw buildFailure("compile", program.output, stderr);
}

/**
 * @param {string} action
 * @param {string} program
 * @param {string} stderr
 * @returns {SetupError}
 */
function buildFailure(action, program, stderr) {
  const lines = stderr
    .trim()
    .split("\n")
    .filter((line) => !/^[\w./-]+$/.test(line));
  const reason = lines.slice(-3).join(" / ").slice(0, 600) || "no message";
  if (/no space left on device/.test(stderr)) {
    return new SetupError(
      `The disk became full while trying to ${action} ${program}.`,
      "Free 4 GB (`df -h`), or point BULKHEAD_CACHE to a folder on a larger disk, and run the command again.",
    );
  }
  return new SetupError(
    `Go could not ${action} ${program}: ${reason}.`,
    "Check that the Go module proxy is reachable (`go env GOPROXY`) and run the command again: it continues where it stopped.",
  );
}
