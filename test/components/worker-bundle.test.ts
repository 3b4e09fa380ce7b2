import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundleWorker } from "../../components/worker-bundle.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bundle-"));
});
afterEach(() => rm(directory, { recursive: true }));

describe("a Worker's bundle", () => {
  it("is the same text wherever the sources lie", async () => {
    await cp(join(ROOT, "systems"), join(directory, "systems"), { recursive: true });
    await symlink(join(ROOT, "node_modules"), join(directory, "node_modules"));
    const entry = "systems/qhub/worker/main.ts";
    const here = bundleWorker(join(ROOT, entry));
    expect(bundleWorker(join(directory, entry))).toBe(here);
    expect(here).not.toContain(ROOT);
    expect(here.length).toBeLessThan(400_000);
  });

  it("runs packages for Node.js, whose `require` of Node's modules finds what is imported", async () => {
    const entry = join(directory, "main.ts");
    await writeFile(join(directory, "legacy.cjs"), 'module.exports = require("stream").Readable;');
    await writeFile(
      entry,
      'import Readable from "./legacy.cjs";\nexport { Readable as default };\n',
    );
    const bundle = join(directory, "bundle.mjs");
    await writeFile(bundle, bundleWorker(entry));
    const { default: bundled } = await import(bundle);
    expect(bundled).toBe(Readable);
  });

  it("has no trace of Node.js without such a package", async () => {
    const entry = join(directory, "main.ts");
    await writeFile(entry, "export default { fetch: () => new Response() };\n");
    expect(bundleWorker(entry)).not.toContain("node");
  });

  it("is refused with esbuild's message, the file and the line", async () => {
    const entry = join(directory, "main.ts");
    await writeFile(entry, 'import "./missing.ts";\n');
    expect(() => bundleWorker(entry)).toThrow(
      /main\.ts cannot be bundled: main\.ts:1: Could not resolve "\.\/missing\.ts"/,
    );
  });

  it("is refused when the entry is missing", () => {
    expect(() => bundleWorker(join(directory, "none.ts"))).toThrow("cannot be bundled");
  });
});
