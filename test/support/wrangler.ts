import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { TestCloud, TestEnvironment } from "./local-cloud.ts";

export interface Wrangler {
  /** An empty folder to run in, for a wrangler.toml and files. */
  readonly folder: string;
  /** Runs wrangler with these arguments; resolves with its exit code and everything it printed. */
  readonly run: (
    args: readonly string[],
    input?: string,
  ) => Promise<{ exitCode: number | undefined; output: string }>;
  readonly remove: () => void;
}

/** The vendor's own command line, pointed at a local cloud with one environment's token. */
export function wranglerFor(cloud: TestCloud, environment: TestEnvironment): Wrangler {
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-wrangler-"));
  return {
    folder,
    run: async (args, input = "") => {
      const result = await execa("wrangler", args, {
        preferLocal: true,
        localDir: import.meta.dirname,
        cwd: folder,
        input,
        all: true,
        reject: false,
        env: {
          CLOUDFLARE_API_BASE_URL: `${cloud.apiUrl}/client/v4`,
          CLOUDFLARE_API_TOKEN: environment.apiToken,
          CLOUDFLARE_ACCOUNT_ID: environment.accountId,
          WRANGLER_SEND_METRICS: "false",
          XDG_CONFIG_HOME: join(folder, "config"),
          NO_COLOR: "1",
        },
      });
      return { exitCode: result.exitCode, output: result.all };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
