import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installLocalProviders } from "../../../local/providers/install.ts";

const NAMES = ["aws", "cloudflare", "digitalocean", "random"];

let pulumiHome: string;
beforeAll(async () => {
  pulumiHome = await mkdtemp(join(tmpdir(), "pulumi-home-"));
});
afterAll(() => rm(pulumiHome, { recursive: true, force: true }));

const install = () => installLocalProviders({ pulumiHome, nodePath: process.execPath });

test("two installations at once leave whole plugins that start, and a third has nothing to do", async () => {
  const [first] = await Promise.all([install(), install()]);
  expect(first.map((each) => each.name)).toEqual(NAMES);
  const folders = first.map((each) => `resource-${each.name}-v${each.version}`);
  expect((await readdir(join(pulumiHome, "plugins"))).sort()).toEqual(folders.sort());
  expect((await install()).map((each) => each.built)).toEqual(NAMES.map(() => false));
  for (const { folder, name } of first) {
    const child = spawn(join(folder, `pulumi-resource-${name}`), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [port] = await once(child.stdout, "data");
    expect(String(port)).toMatch(/^\d+\n$/);
    child.kill("SIGINT");
    expect((await once(child, "exit"))[0]).toBe(0);
  }
});
