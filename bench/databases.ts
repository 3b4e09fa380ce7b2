import { join } from "node:path";
import { cloudStatus } from "../local/daemon.ts";
import { openTestEstate, type TestEstate, writeScratchProject } from "../test/support/estate.ts";
import { compare, megabytes } from "./measure.ts";

const SIZES = [5, 50, 200];
/** wrangler takes about a second for each database, so only the small size waits for it. */
const WRANGLER_SIZE = 5;
const RUNS = 3;

/** `pulumi up` of many D1 databases, beside the vendor's API called one by one, and beside wrangler. */
export async function benchDatabases(): Promise<void> {
  for (const size of SIZES) {
    const estate = openTestEstate();
    try {
      await estate.bulkhead("local", "up");
      const up = await pulumiUp(estate, size);
      await compare(
        `${size} D1 databases`,
        [
          ...(size === WRANGLER_SIZE
            ? [{ name: "wrangler d1 create, one by one", ...byWrangler(estate, size) }]
            : []),
          { name: "API, one call after the other", ...byApi(estate, size) },
          up,
        ],
        RUNS,
      );
      const { memoryBytes } = await cloudStatus(estate.stateDir);
      console.log(`Local cloud with ${size} databases: ${megabytes(memoryBytes)} resident.`);
    } finally {
      await estate.close();
    }
  }
}

async function pulumiUp(estate: TestEstate, size: number) {
  const folder = join(estate.stateDir, "project");
  writeScratchProject(
    folder,
    "bench",
    `import { cloudflareCredentials, connectCloudflareAccount } from "@/components/cloudflare-account.ts";
     import { D1Database } from "@/components/d1-database.ts";
     import { Scope } from "@/components/scope.ts";
     const account = connectCloudflareAccount(cloudflareCredentials("dev", { accountId: undefined, apiToken: undefined }, process.env));
     const scope = new Scope("bench", { tier: "development", account });
     for (let n = 0; n < ${size}; n += 1) new D1Database("db" + n, { scope });`,
  );
  const pulumi = async (args: string) => {
    const { exitCode, output } = await estate.shell(`pulumi ${args} --non-interactive`, {
      cwd: folder,
      stack: "dev",
    });
    if (exitCode !== 0) throw new Error(output);
  };
  await pulumi("stack init dev");
  return {
    name: "pulumi up",
    prepare: () => pulumi("destroy --yes --skip-preview"),
    run: () => pulumi("up --yes --skip-preview"),
  };
}

function byApi(estate: TestEstate, size: number) {
  return {
    prepare: () => deleteAll(estate, "api"),
    run: async () => {
      const { client, account_id } = await estate.client("dev");
      for (let n = 0; n < size; n += 1) {
        await client.d1.database.create({ account_id, name: `api-${n}` });
      }
    },
  };
}

function byWrangler(estate: TestEstate, size: number) {
  return {
    prepare: () => deleteAll(estate, "wrangler"),
    run: async () => {
      const names = Array.from({ length: size }, (_, n) => `wrangler-${n}`);
      const line = names.map((name) => `wrangler d1 create ${name}`).join(" && ");
      const { exitCode, output } = await estate.shell(line, { stack: "dev", cwd: estate.stateDir });
      if (exitCode !== 0) throw new Error(output);
    },
  };
}

async function deleteAll(estate: TestEstate, prefix: string): Promise<void> {
  const { client, account_id } = await estate.client("dev");
  for await (const { uuid, name } of client.d1.database.list({ account_id })) {
    if (uuid !== undefined && name?.startsWith(prefix)) {
      await client.d1.database.delete(uuid, { account_id });
    }
  }
}
