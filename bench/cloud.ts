import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import Cloudflare from "cloudflare";
import { cloudStatus, ensureEnvironments, startCloud, stopCloud } from "../local/daemon.ts";
import { visit } from "../test/support/local-cloud.ts";
import { compare, megabytes } from "./measure.ts";

const RUNS = 5;
const SCRIPT = "export default { fetch: () => new Response('ready') };";
const WRANGLER = fileURLToPath(new URL("../node_modules/.bin/wrangler", import.meta.url));

/** From nothing to the first answer of a Worker: the local cloud beside `wrangler dev`. */
export async function benchCloud(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-bench-"));
  let round = 0;
  let wrangler: ChildProcess | undefined;
  let memory = "";
  try {
    await compare(
      "from nothing to a Worker's first answer",
      [
        {
          name: "wrangler dev",
          prepare: async () => {
            writeFileSync(join(folder, "index.js"), SCRIPT);
            writeFileSync(
              join(folder, "wrangler.toml"),
              'name = "bench"\nmain = "index.js"\ncompatibility_date = "2025-06-01"\n',
            );
          },
          run: async () => {
            const port = await freePort();
            wrangler = spawn(WRANGLER, ["dev", "--port", String(port), "--ip", "127.0.0.1"], {
              cwd: folder,
              stdio: "ignore",
              detached: true,
              env: { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "true" },
            });
            await answers(() => fetch(`http://127.0.0.1:${port}/`).then((response) => response.ok));
            process.kill(-(wrangler.pid ?? 0), "SIGKILL");
          },
        },
        {
          name: "local cloud, with account, token and upload",
          run: async () => {
            round += 1;
            const stateDir = join(folder, `state-${round}`);
            const { apiUrl } = await startCloud({ stateDir, port: 0, s3Port: 0 });
            const { dev } = await ensureEnvironments(stateDir, ["dev"]);
            if (dev === undefined) throw new Error("There is no environment dev.");
            const host = `bench.${dev.workersSubdomain}.workers.dev`;
            await upload(apiUrl, dev);
            await answers(async () => (await visit(apiUrl, host, "/")).status === 200);
            memory = megabytes((await cloudStatus(stateDir)).memoryBytes);
            await stopCloud(stateDir);
          },
        },
      ],
      RUNS,
    );
    console.log(`Local cloud with one Worker: ${memory} resident.`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function upload(
  apiUrl: string,
  { accountId, apiToken }: { accountId: string; apiToken: string },
): Promise<void> {
  const client = new Cloudflare({ apiToken, baseURL: `${apiUrl}/client/v4` });
  const body = new FormData();
  const metadata = { main_module: "index.js", compatibility_date: "2025-06-01" };
  body.set("metadata", JSON.stringify(metadata));
  body.set("index.js", new File([SCRIPT], "index.js", { type: "application/javascript+module" }));
  await client.put(`/accounts/${accountId}/workers/scripts/bench`, { body });
  await client.workers.scripts.subdomain.create("bench", { account_id: accountId, enabled: true });
}

async function answers(attempt: () => Promise<boolean>): Promise<void> {
  while (!(await attempt().catch(() => false))) await sleep(10);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
