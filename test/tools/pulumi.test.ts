import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { pulumiStep } from "../../tools/bootstrap/pulumi.mjs";
import { installFolder } from "../../tools/bootstrap/pulumi-cache.mjs";
import { findChecksum } from "../../tools/bootstrap/pulumi-download.mjs";
import { archiveName, PULUMI_VERSION } from "../../tools/bootstrap/pulumi-release.mjs";
import { bootstrap } from "../../tools/bootstrap/run.mjs";
import { readTools } from "../../tools/bootstrap/tools-file.mjs";
import { machine, script } from "./support.ts";

/** A folder with a CLI of that version and a language host that starts. */
function fakePulumi(folder: string, version: string, host = "echo 41234; exec sleep 30"): string {
  script(join(folder, "pulumi"), `echo ${version}`);
  script(join(folder, "pulumi-language-nodejs"), host);
  return folder;
}

type Machine = ReturnType<typeof machine>;

function withPath(context: Machine, ...folders: string[]): Machine {
  context.env = { ...context.env, PATH: [...folders, context.env.PATH].join(":") };
  return context;
}

/** A mirror of the release: the archive, and a list with its (or another) SHA-256. */
async function withMirror(
  context: Machine,
  { sha256 }: { sha256?: string } = {},
): Promise<() => number> {
  const source = join(context.root, "..", "release");
  fakePulumi(join(source, "pulumi"), `v${PULUMI_VERSION}`);
  const archive = archiveName(context.platform, context.arch);
  execFileSync("tar", ["-czf", join(source, archive), "-C", source, "pulumi"]);
  const content = readFileSync(join(source, archive));
  const sum = sha256 ?? createHash("sha256").update(content).digest("hex");
  let downloads = 0;
  const server = createServer((request, response) => {
    if (request.url?.endsWith("-checksums.txt"))
      response.end(`${"0".repeat(64)}  other\n${sum}  ${archive}\n`);
    else if (request.url === `/${archive}`) {
      downloads += 1;
      response.end(content);
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  context.env = { ...context.env, BULKHEAD_PULUMI_RELEASES: `http://127.0.0.1:${port}` };
  return () => downloads;
}

/** No release can be reached; port 9 (discard) of this machine answers nobody. */
function offline(context: Machine): Machine {
  context.env = { ...context.env, BULKHEAD_PULUMI_RELEASES: "http://127.0.0.1:9" };
  return context;
}

test("a suitable Pulumi on the PATH is used, with launch scripts where it has none", async () => {
  const context = machine();
  const folder = fakePulumi(join(context.root, "..", "own"), "v3.220.0");
  await bootstrap(withPath(context, folder), [pulumiStep]);
  const tools = readTools(context.stateDir);
  expect(tools?.pulumi).toMatchObject({
    pulumi: join(folder, "pulumi"),
    version: "3.220.0",
    origin: "the PATH",
  });
  const launchers = tools?.pulumi?.path.at(-1) ?? "";
  expect(existsSync(join(launchers, "pulumi-analyzer-policy"))).toBe(true);
  expect(existsSync(join(launchers, "pulumi-resource-pulumi-nodejs"))).toBe(true);
});

test("a second run is a no-op of one line, until that Pulumi is upgraded or removed", async () => {
  const context = machine();
  const folder = fakePulumi(join(context.root, "..", "own"), "v3.220.0");
  await bootstrap(withPath(context, folder), [pulumiStep]);
  context.lines.length = 0;
  expect(await bootstrap(context, [pulumiStep])).toEqual([]);
  expect(context.lines).toEqual([
    expect.stringMatching(/^ready in .*Pulumi 3\.220\.0 from the PATH/),
  ]);
  appendFileSync(join(folder, "pulumi"), "# upgraded\n");
  expect(pulumiStep.pending(context)).toMatch(/has changed or gone/);
});

test.each([
  ["an old one", "v3.100.0", undefined, /version 3\.100\.0 is outside 3\.220\.0 to 4\.0\.0/],
  ["one of the next major version", "v4.0.0", undefined, /version 4\.0\.0 is outside/],
  ["one that names no version", "", undefined, /it names no version/],
  [
    "one whose language host does not start",
    "v3.220.0",
    "exit 1",
    /language host .* does not start/,
  ],
])(
  "%s on the PATH is passed over, and the release is installed",
  async (_, version, host, reason) => {
    const context = machine();
    const folder = fakePulumi(join(context.root, "..", "own"), version, host);
    await withMirror(withPath(context, folder));
    await bootstrap(context, [pulumiStep]);
    expect(context.lines.join("\n")).toMatch(reason);
    expect(readTools(context.stateDir)?.pulumi).toMatchObject({
      origin: "the cache",
      version: PULUMI_VERSION,
    });
  },
);

test("from 3.221 on, a language host elsewhere on the PATH does not do", async () => {
  const context = machine();
  const alone = join(context.root, "..", "alone");
  script(join(alone, "pulumi"), "echo v3.250.0");
  const other = fakePulumi(join(context.root, "..", "other"), "v3.1.0");
  await withMirror(withPath(context, alone, other));
  await bootstrap(context, [pulumiStep]);
  expect(context.lines.join("\n")).toMatch(/alone\/pulumi: its language host .* is missing/);
});

test("another clone finds the cached Pulumi without downloading", async () => {
  const context = machine();
  const downloads = await withMirror(context);
  await bootstrap(context, [pulumiStep]);
  await bootstrap({ ...context, stateDir: `${context.stateDir}-2` }, [pulumiStep]);
  expect(downloads()).toBe(1);
});

test("two bootstraps at once install once", async () => {
  const context = machine();
  const downloads = await withMirror(context);
  await Promise.all([
    pulumiStep.run(context),
    pulumiStep.run({ ...context, stateDir: `${context.stateDir}-2` }),
  ]);
  expect(downloads()).toBe(1);
});

test("what a killed installation has left is removed, of this version only", async () => {
  const context = machine();
  await withMirror(context);
  const folder = installFolder(context);
  const left = [`.preparing-${basename(folder)}-x1`, "../go-work"];
  const other = ".preparing-v3.1.0-linux-x64-x1";
  for (const name of [...left, other])
    mkdirSync(join(dirname(folder), name, "deep"), { recursive: true });
  await bootstrap(context, [pulumiStep]);
  for (const name of left) expect(existsSync(join(dirname(folder), name)), name).toBe(false);
  expect(existsSync(join(dirname(folder), other))).toBe(true);

  mkdirSync(join(context.cacheDir, "go-work"));
  await bootstrap({ ...context, stateDir: `${context.stateDir}-2` }, [pulumiStep]);
  expect(existsSync(join(context.cacheDir, "go-work"))).toBe(false);
});

test("launch scripts that go missing are noticed", async () => {
  const context = machine();
  const folder = fakePulumi(join(context.root, "..", "own"), "v3.220.0");
  await bootstrap(withPath(context, folder), [pulumiStep]);
  rmSync(join(context.cacheDir, "pulumi", "launchers", "pulumi-analyzer-policy"));
  expect(pulumiStep.pending(context)).toMatch(/has changed or gone/);
  await bootstrap(context, [pulumiStep]);
  expect(pulumiStep.pending(context)).toBeNull();
});

test("a damaged cache is noticed and installed again", async () => {
  const context = machine();
  const downloads = await withMirror(context);
  await bootstrap(context, [pulumiStep]);
  const cli = join(installFolder(context), "pulumi");
  writeFileSync(cli, "not a program");
  expect(pulumiStep.pending(context)).toMatch(/has changed or gone/);
  await bootstrap(context, [pulumiStep]);
  expect(context.lines.join("\n")).toMatch(
    /is damaged \(pulumi has changed since it was installed\)/,
  );
  expect(readFileSync(cli, "utf8")).toContain(`echo v${PULUMI_VERSION}`);
  expect(downloads()).toBe(2);
});

test("an archive with another checksum is refused, and nothing of it stays", async () => {
  const context = machine();
  await withMirror(context, { sha256: "a".repeat(64) });
  await expect(bootstrap(context, [pulumiStep])).rejects.toThrow(/has SHA-256 .* says a{64}/);
  expect(existsSync(installFolder(context))).toBe(false);
});

test("without a release and without Go, one message names both and how to get either", async () => {
  const context = offline(machine());
  const failure = bootstrap(context, [pulumiStep]);
  await expect(failure).rejects.toThrow(/download: .*; Go modules: `go` is not on the PATH/);
  await expect(failure).rejects.toThrow(/get\.pulumi\.com .*go\.dev\/dl/);
});

test("a Go that is too old is named with its version", async () => {
  const context = offline(machine());
  const bin = join(context.root, "..", "go");
  script(join(bin, "go"), "echo go1.21.0");
  await expect(bootstrap(withPath(context, bin), [pulumiStep])).rejects.toThrow(
    /is go1\.21\.0, and 1\.24\.7 or newer is needed/,
  );
});

test("a build that fails says why and what to do, and leaves no half of a Pulumi", async () => {
  const context = offline(machine());
  mkdirSync(join(context.root, "tools", "pulumi", "language-nodejs"), { recursive: true });
  const bin = join(context.root, "..", "go");
  script(
    join(bin, "go"),
    'case "$1" in env) echo go1.26.0; echo;; *) echo "dial tcp: lookup proxy.invalid: no such host" >&2; exit 1;; esac',
  );
  await expect(bootstrap(withPath(context, bin), [pulumiStep])).rejects.toThrow(
    /could not fetch the Go modules of pulumi-language-nodejs: dial tcp.*GOPROXY/,
  );
  expect(existsSync(installFolder(context))).toBe(false);
});

test("checksum lists are read with one or two spaces, a star, and any case", () => {
  const sum = "AB".repeat(32);
  for (const line of [`${sum}  f.tgz`, `${sum} *f.tgz`, `${sum} f.tgz\r`]) {
    expect(findChecksum(`x  y\n${line}\n`, "f.tgz")).toBe(sum.toLowerCase());
  }
  expect(findChecksum(`${sum}  g.tgz`, "f.tgz")).toBeUndefined();
  expect(findChecksum("1234  f.tgz", "f.tgz")).toBeUndefined();
});
