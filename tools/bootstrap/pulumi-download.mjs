import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { requireFreeSpace } from "./disk.mjs";
import { messageOf } from "./failure.mjs";
import { capture, withProgress } from "./process.mjs";
import { archiveName, PULUMI_VERSION, releaseUrls } from "./pulumi-release.mjs";

/** A machine without a route to the internet must not wait: no answer by then means no download. */
const ANSWER_MILLISECONDS = 6_000;

/** A download that delivers nothing for so long has stalled. */
const STALL_MILLISECONDS = 20_000;

/** Archive (about 150 MB) and its content (about 500 MB). */
const NEEDED_MEGABYTES = 800;

/**
 * Downloads the official release into `folder` (the archive's programs, unpacked).
 * @param {import("./context.mjs").Context} context
 * @param {string} folder An empty folder.
 * @returns {Promise<{ source: string } | { unavailable: string }>}
 */
export async function downloadPulumi(context, folder) {
  const archive = archiveName(context.platform, context.arch);
  const urls = releaseUrls(context.env, archive);
  try {
    const expected = findChecksum(await fetchText(urls.checksums), archive);
    if (expected === undefined)
      return { unavailable: `${urls.checksums} does not list ${archive}` };
    requireFreeSpace(folder, NEEDED_MEGABYTES, `unpack Pulumi ${PULUMI_VERSION}`);
    const file = join(folder, archive);
    let received = 0;
    const actual = await withProgress(
      context,
      () => `downloading ${archive}: ${Math.round(received / 1e6)} MB`,
      () => fetchFile(urls.archive, file, (bytes) => (received = bytes)),
    );
    if (actual !== expected) {
      return {
        unavailable: `${urls.archive} has SHA-256 ${actual}, but ${urls.checksums} says ${expected}`,
      };
    }
    const { code, stderr } = await capture("tar", [
      "-xzf",
      file,
      "--strip-components=1",
      "-C",
      folder,
    ]);
    await capture("rm", ["-f", file]);
    return code === 0
      ? { source: urls.archive }
      : { unavailable: `tar could not unpack ${archive}: ${stderr.trim()}` };
  } catch (error) {
    return { unavailable: `${urls.archive}: ${describeFailure(error)}` };
  }
}

/**
 * The SHA-256 of one file in a `sha256sum` list.
 * @param {string} list
 * @param {string} name
 * @returns {string | undefined}
 */
export function findChecksum(list, name) {
  for (const line of list.split("\n")) {
    const [sum, file] = line.trim().split(/\s+\*?/);
    if (file === name && sum !== undefined && /^[0-9a-f]{64}$/i.test(sum)) return sum.toLowerCase();
  }
  return undefined;
}

/**
 * @param {string} url
 * @returns {Promise<string>}
 */
async function fetchText(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MILLISECONDS) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return await response.text();
}

/**
 * @param {string} url
 * @param {string} file
 * @param {(bytes: number) => void} onProgress
 * @returns {Promise<string>} SHA-256 of what was written.
 */
async function fetchFile(url, file, onProgress) {
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(), ANSWER_MILLISECONDS);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok || response.body === null)
      throw new Error(`${url} answered ${response.status}`);
    const hash = createHash("sha256");
    let bytes = 0;
    const meter = new Transform({
      transform(chunk, _encoding, done) {
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), STALL_MILLISECONDS);
        hash.update(chunk);
        bytes += chunk.length;
        onProgress(bytes);
        done(null, chunk);
      },
    });
    await pipeline(
      Readable.fromWeb(/** @type {any} */ (response.body)),
      meter,
      createWriteStream(file),
    );
    return hash.digest("hex");
  } finally {
    clearTimeout(timer);
  }
}

/**
 * `fetch` hides the reason ("getaddrinfo ENOTFOUND …") in the cause of "fetch failed".
 * @param {unknown} error
 * @returns {string}
 */
function describeFailure(error) {
  if (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError"))
    return "no answer in time";
  return error instanceof Error && error.cause !== undefined
    ? messageOf(error.cause)
    : messageOf(error);
}
