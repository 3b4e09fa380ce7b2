import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { asSetupError } from "../../tools/bootstrap/failure.mjs";
import { temporaryFolder } from "./support.ts";

const BOOTSTRAP = fileURLToPath(new URL("../../tools/bootstrap.mjs", import.meta.url));

test.each(["BULKHEAD_STATE", "BULKHEAD_CACHE"])(
  "a file in the place of %s is one line with the remedy, and no stack trace",
  (variable) => {
    const folder = temporaryFolder();
    const file = join(folder, "file");
    writeFileSync(file, "");
    const env = {
      HOME: folder,
      PATH: "/nowhere",
      BULKHEAD_STATE: join(folder, "state"),
      BULKHEAD_CACHE: join(folder, "cache"),
      [variable]: file,
      // The Pulumi of this machine must not be found, for the cache to be needed.
      ...(variable === "BULKHEAD_STATE" ? { PATH: pulumiOnPath(folder) } : {}),
    };
    const { status, stderr } = spawnSync(process.execPath, [BOOTSTRAP], { env, encoding: "utf8" });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /bootstrap: error: \S+ cannot be used \((EEXIST|ENOTDIR)\)\. Make it a folder .*BULKHEAD_CACHE.*BULKHEAD_STATE/,
    );
    expect(stderr).not.toMatch(/\n\s+at /);
  },
);

function pulumiOnPath(folder: string): string {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const [name, line] of [
    ["pulumi", "echo v3.220.0"],
    ["pulumi-language-nodejs", "echo 41234; exec /bin/sleep 30"],
  ] as const) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  }
  return bin;
}

test("only a folder's fault is the user's; another error keeps its stack trace", () => {
  const fault = (code: string, syscall: string) =>
    Object.assign(new Error(code), { code, syscall, path: "/x" });
  expect(asSetupError(fault("ENOSPC", "write"))?.message).toMatch(/^\/x cannot be used \(ENOSPC\)/);
  for (const error of [fault("EACCES", "spawn /x"), fault("ENOENT", "open"), new Error("bug")]) {
    expect(asSetupError(error)).toBeUndefined();
  }
});
