import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { absolute } from "../../support/node-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("the plugin starts from its sources when its bundle is spoilt, or deleted under it", async () => {
  const cache = temporaryFolder();
  expect(await portOfPlugin(cache)).toMatch(/^\d+\n$/);
  const [project = ""] = readdirSync(join(cache, "plugins"));
  const [bundle = ""] = readdirSync(join(cache, "plugins", project));
  expect(bundle).toMatch(/\.mjs$/);
  writeFileSync(join(cache, "plugins", project, bundle), "import './gone.mjs';");
  expect(await portOfPlugin(cache)).toMatch(/^\d+\n$/);
}, 30_000);

async function portOfPlugin(cache: string): Promise<string> {
  const child = spawn(absolute("providers/bulkhead/pulumi-resource-bulkhead"), {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, BULKHEAD_CACHE: cache },
  });
  const gone = once(child, "exit");
  const [port] = await Promise.race([once(child.stdout, "data"), gone]);
  child.kill("SIGINT");
  await gone;
  return String(port);
}
