/** What a Pulumi program imports of the `bulkhead` plugin. */
import * as pulumi from "@pulumi/pulumi";

/** Configuration of {@link BulkheadProvider}. */
export interface BulkheadProviderArgs {
  /** Cloudflare API token. Default: the environment variable CLOUDFLARE_API_TOKEN. */
  readonly cloudflareApiToken?: pulumi.Input<string> | undefined;
  /** Base URL of the Cloudflare API. Default: CLOUDFLARE_BASE_URL, else Cloudflare's own. */
  readonly cloudflareBaseUrl?: pulumi.Input<string> | undefined;
}

/** The plugin with one environment's credentials. */
export class BulkheadProvider extends pulumi.ProviderResource {
  constructor(name: string, args: BulkheadProviderArgs = {}, opts: pulumi.ResourceOptions = {}) {
    const { cloudflareApiToken, cloudflareBaseUrl } = args;
    const token = cloudflareApiToken === undefined ? undefined : pulumi.secret(cloudflareApiToken);
    super("bulkhead", name, { cloudflareApiToken: token, cloudflareBaseUrl }, opts);
  }
}

/** One migration file. */
export interface MigrationFileArgs {
  /** File name with the ending `.sql`, as wrangler records it. */
  readonly name: string;
  /** SHA-256 of the file's bytes, hex: what makes a later change of the file visible. */
  readonly sha256: string;
}

/** Arguments of {@link D1Migrations}. */
export interface D1MigrationsArgs {
  /** Account that owns the database. A change replaces the resource, never the data. */
  readonly accountId: pulumi.Input<string>;
  /** Database to migrate. A change replaces the resource, never the data. */
  readonly databaseId: pulumi.Input<string>;
  /** Folder of the files, absolute or relative to the program's folder. */
  readonly directory: pulumi.Input<string>;
  /** The files in the order in which they are applied. */
  readonly files: pulumi.Input<readonly MigrationFileArgs[]>;
}

/**
 * Applies migration files to a D1 database in order, each once, recorded in `d1_migrations` exactly
 * as wrangler records it. A statement that fails stops, and its file is not recorded. A file that
 * was applied must never change. Destroying it leaves the data alone.
 *
 * @see https://developers.cloudflare.com/d1/reference/migrations/
 */
export class D1Migrations extends pulumi.CustomResource {
  /** Names recorded in the database, oldest first. */
  declare readonly applied: pulumi.Output<string[]>;
  /** The name recorded last; undefined while there is none. */
  declare readonly lastApplied: pulumi.Output<string | undefined>;

  constructor(name: string, args: D1MigrationsArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { accountId, databaseId, directory, files } = args;
    const outputs = { applied: undefined, lastApplied: undefined };
    super(
      "bulkhead:d1:Migrations",
      name,
      { accountId, databaseId, directory, files, ...outputs },
      opts,
    );
  }
}

/** Result of {@link getWorkersSubdomain}. */
export interface WorkersSubdomain {
  /** SUBDOMAIN in `SCRIPT.SUBDOMAIN.workers.dev`. */
  readonly subdomain: string;
}

/**
 * The account's subdomain of workers.dev. Unknown in a preview while the account is.
 *
 * @see https://developers.cloudflare.com/workers/configuration/routing/workers-dev/
 */
export function getWorkersSubdomain(
  args: { readonly accountId: pulumi.Input<string> },
  opts: pulumi.InvokeOutputOptions = {},
): pulumi.Output<WorkersSubdomain> {
  return pulumi.runtime.invokeOutput("bulkhead:cloudflare:getWorkersSubdomain", { ...args }, opts);
}
