/** The Pulumi that this project is developed and tested with, and the one it installs. */
export const PULUMI_VERSION = "3.220.0";

/** Another CLI is accepted from this version on … */
export const OLDEST_PULUMI = [3, 220, 0];

/** … and below this one: the next major version may change the state and plugin protocols. */
export const FIRST_UNSUPPORTED_PULUMI = [4, 0, 0];

/**
 * From this version on, policy packs need a language host of the same release, which only the
 * official distribution has: it has to lie beside the CLI.
 */
export const FIRST_WITH_PAIRED_HOST = [3, 221, 0];

/** The language host that runs the program, as the CLI looks for it. */
export const LANGUAGE_HOST = "pulumi-language-nodejs";

/** Scripts by which the CLI starts policy packs and dynamic providers → the module that each runs. */
export const LAUNCHERS = {
  "pulumi-analyzer-policy": "@pulumi/pulumi/cmd/run-policy-pack",
  "pulumi-resource-pulumi-nodejs": "@pulumi/pulumi/cmd/dynamic-provider",
};

/**
 * Name of the official release archive ("pulumi-v3.220.0-linux-x64.tar.gz").
 * @param {string} platform As `process.platform`.
 * @param {string} arch As `process.arch`.
 * @returns {string}
 */
export function archiveName(platform, arch) {
  return `pulumi-v${PULUMI_VERSION}-${platform}-${arch}.tar.gz`;
}

/**
 * Where the archive and its SHA-256 list are published, or the mirror BULKHEAD_PULUMI_RELEASES,
 * a folder over HTTP that holds both files under the same names.
 * @see https://www.pulumi.com/docs/iac/download-install/versions/
 * @param {Record<string, string | undefined>} env
 * @param {string} archive
 * @returns {{ archive: string, checksums: string }}
 */
export function releaseUrls(env, archive) {
  const checksums = `pulumi-${PULUMI_VERSION}-checksums.txt`;
  const mirror = env.BULKHEAD_PULUMI_RELEASES?.replace(/\/+$/, "");
  if (mirror) return { archive: `${mirror}/${archive}`, checksums: `${mirror}/${checksums}` };
  return {
    archive: `https://get.pulumi.com/releases/sdk/${archive}`,
    checksums: `https://github.com/pulumi/pulumi/releases/download/v${PULUMI_VERSION}/${checksums}`,
  };
}
