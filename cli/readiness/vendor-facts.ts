import { accountVariables } from "../../components/account-variables.ts";
import type { Engine } from "../engine/pulumi.ts";
import { UserError } from "../user-error.ts";

/** What the vendor itself says is there; the same calls on both clouds. */
export interface VendorFacts {
  /** The name of the database with that id. @throws when there is none. */
  databaseName(id: string): Promise<string>;
  /** What the deployed Worker is bound to: database ids, bucket names, names of secrets. */
  boundTo(script: string): Promise<{
    readonly databases: readonly string[];
    readonly buckets: readonly string[];
    readonly secrets: readonly string[];
  }>;
}

/** Asks with the stack's own credentials. @throws UserError when the shell has none. */
export async function vendorFacts(
  engine: Engine,
  stack: string,
  accountId: string,
): Promise<VendorFacts> {
  const { apiToken } = accountVariables(stack, engine.env);
  if (apiToken === undefined) {
    throw new UserError(
      `There is no API token for ${stack} in this shell.`,
      "Export CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_API_TOKEN of that environment.",
    );
  }
  const baseURL = engine.env.CLOUDFLARE_BASE_URL;
  // A thousand modules, which the other verbs would wait for at every start.
  const { default: Cloudflare } = await import("cloudflare");
  const client = new Cloudflare({ apiToken, ...(baseURL ? { baseURL } : {}) });
  return {
    async databaseName(id) {
      return (await client.d1.database.get(id, { account_id: accountId })).name ?? "";
    },
    async boundTo(script) {
      const { bindings = [] } = await client.workers.scripts.scriptAndVersionSettings.get(script, {
        account_id: accountId,
      });
      return {
        databases: bindings.flatMap((binding) =>
          binding.type === "d1" ? [binding.database_id ?? binding.id ?? ""] : [],
        ),
        buckets: bindings.flatMap((binding) =>
          binding.type === "r2_bucket" ? [binding.bucket_name] : [],
        ),
        secrets: bindings.flatMap((binding) =>
          binding.type === "secret_text" ? [binding.name] : [],
        ),
      };
    },
  };
}
