import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { unstable_readConfig } from "wrangler";
import { environmentLabel } from "../../components/naming.ts";
import type { StackOutputs } from "../../components/system-outputs.ts";
import { renderWranglerToml } from "../../components/wrangler-toml.ts";

function outputs(environment: string, id: string): StackOutputs {
  const label = environmentLabel(environment);
  return {
    environment,
    tier: "preview",
    cloudflareAccountId: id.repeat(32),
    systems: {
      qhub: {
        urls: { api: `https://qhub-api-${label}.example.workers.dev` },
        workers: {
          api: {
            scriptName: `qhub-api-${label}`,
            urls: [`https://qhub-api-${label}.example.workers.dev`],
            main: "systems/qhub/worker/main.ts",
            compatibilityDate: "2026-01-01",
            compatibilityFlags: [],
            workersDev: true,
            domain: `api.${label}.example.com`,
            limits: { cpuMs: 50 },
            placement: { mode: "smart" },
            bindings: {
              AI: { type: "ai" },
              DB: {
                type: "d1",
                databaseName: `qhub-${label}`,
                databaseId: `uuid-${id}`,
                migrations: "systems/qhub/migrations",
              },
              ENVIRONMENT: { type: "plain_text", text: environment },
              FILES: { type: "r2_bucket", bucketName: `files-${label}` },
              PG: { type: "hyperdrive", configId: id.repeat(32) },
              CACHE: { type: "kv_namespace", namespaceId: `kv-${id}` },
              BILLING: { type: "service", service: `billing-${label}` },
              JWT_SECRET: { type: "secret_text", length: 64, version: 2 },
            },
          },
        },
        databases: {},
        buckets: {},
        kvNamespaces: {},
        postgres: {},
        redis: {},
        secrets: {},
      },
    },
  };
}

const STACKS = {
  staging: outputs("staging", "a"),
  production: outputs("production", "b"),
  "pr.1": outputs("pr.1", "c"),
};

describe("the generated wrangler.toml (Q4)", () => {
  it("has the sections of the document, one per environment", () => {
    const text = renderWranglerToml("qhub", STACKS);
    expect(text).toContain(
      [
        "[env.staging.ai]",
        'binding = "AI"',
        "",
        "[[env.staging.d1_databases]]",
        'binding = "DB"',
        'database_name = "qhub-staging"',
        'database_id = "uuid-a"',
      ].join("\n"),
    );
    expect(text).toContain('[env.production]\nname = "qhub-api-production"');
    expect(text).toContain("# JWT_SECRET: a secret of 64 characters, version 2, set by Pulumi.");
    expect(text).not.toMatch(/^\s*JWT_SECRET/m);
  });

  it("is read by wrangler itself, each environment with its own resources", async () => {
    const directory = await mkdtemp(join(tmpdir(), "wrangler-"));
    try {
      const config = join(directory, "wrangler.toml");
      await writeFile(config, renderWranglerToml("qhub", STACKS));
      for (const [stack, { cloudflareAccountId }] of Object.entries(STACKS)) {
        expect(unstable_readConfig({ config, env: stack })).toMatchObject({
          name: `qhub-api-${environmentLabel(stack)}`,
          account_id: cloudflareAccountId,
          workers_dev: true,
          compatibility_date: "2026-01-01",
          vars: { ENVIRONMENT: stack },
          ai: { binding: "AI" },
          routes: [{ pattern: `api.${environmentLabel(stack)}.example.com`, custom_domain: true }],
          limits: { cpu_ms: 50 },
          placement: { mode: "smart" },
          d1_databases: [
            {
              binding: "DB",
              database_name: `qhub-${environmentLabel(stack)}`,
              migrations_dir: "systems/qhub/migrations",
            },
          ],
          r2_buckets: [{ binding: "FILES", bucket_name: `files-${environmentLabel(stack)}` }],
          hyperdrive: [{ binding: "PG", id: cloudflareAccountId }],
          kv_namespaces: [{ binding: "CACHE" }],
          services: [{ binding: "BILLING", service: `billing-${environmentLabel(stack)}` }],
        });
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it("says what to do when no stack has the system", () => {
    expect(() => renderWranglerToml("cutty", STACKS)).toThrow(
      "No stack has a Worker of the system cutty. Run `npx bulkhead up <stack>` first.",
    );
  });
});
