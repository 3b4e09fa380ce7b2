import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ExecaError, execa } from "execa";
import { cacheDirectory } from "../../tools/bootstrap/context.mjs";

const GO = "go";
const MODULE = "github.com/open-policy-agent/conftest";
const VERSION = "v0.71.1";
const POLICY = fileURLToPath(new URL("isolation.rego", import.meta.url));
const LIMIT_SECONDS = 300;

/** The path of conftest, built once into the cache of tools; undefined, with a line why, without Go. */
export async function installConftest(): Promise<string | undefined> {
  const folder = join(cacheDirectory(process.env), "bench", `conftest-${VERSION}`);
  const path = join(folder, "conftest");
  if (existsSync(path)) return path;
  const go = await execa(GO, ["version"], { reject: false });
  if (go.failed) {
    console.log("conftest: skipped, since there is no Go on this machine to build it with.");
    return undefined;
  }
  console.error(`conftest: building ${VERSION}, a few minutes`);
  const build = await execa(GO, ["install", `${MODULE}@${VERSION}`], {
    env: { GOBIN: folder },
    reject: false,
  });
  if (build.failed) {
    console.log(
      `conftest: skipped, since it could not be built: ${build.stderr.split("\n").at(-1)}`,
    );
    return undefined;
  }
  return path;
}

/** One run, as a line; it has all the memory it wants and {@link LIMIT_SECONDS}. */
export async function runConftest(conftest: string, folder: string, size: number): Promise<string> {
  const name = `conftest ${VERSION}, ${size} stacks, one run`;
  console.error(name);
  const started = performance.now();
  try {
    const flags = [
      "--combine",
      "--parser",
      "json",
      "--policy",
      POLICY,
      "--output",
      "json",
      "--no-fail",
    ];
    const { stdout } = await execa(conftest, ["test", ...flags, folder], {
      timeout: LIMIT_SECONDS * 1000,
    });
    const seconds = (performance.now() - started) / 1000;
    const [{ failures = [] } = {}] = JSON.parse(stdout) as { failures?: unknown[] }[];
    return `${name}: ${seconds.toFixed(2)} s, ${failures.length} conflicts, without places.`;
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    return error.timedOut
      ? `${name}: stopped after ${LIMIT_SECONDS} s.`
      : `${name}: failed: ${error.shortMessage}`;
  }
}
