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

/** A PostgreSQL server as its administrator reaches it. */
export interface PostgresServerArgs {
  readonly host: pulumi.Input<string>;
  readonly port: pulumi.Input<number>;
  readonly user: pulumi.Input<string>;
  /** Kept as a Pulumi secret. */
  readonly password: pulumi.Input<string>;
  /** A database that exists already. */
  readonly database: pulumi.Input<string>;
  /** As libpq names it. */
  readonly sslMode: "require" | "verify-ca" | "verify-full";
  /** PEM of the authorities to trust. Default: the system's. */
  readonly caCertificate?: pulumi.Input<string> | undefined;
}

/** What a role may do in a database's schemas. */
export interface PostgresRoleArgs {
  readonly name: pulumi.Input<string>;
  /** Each level has what the one before it has. */
  readonly privileges: "readonly" | "readwrite" | "create";
  /** Makes the role, with this password; without it, it must exist. Kept as a Pulumi secret. */
  readonly password?: pulumi.Input<string> | undefined;
  /** Connections at a time; it is the administrator who sets it. Default: no limit. */
  readonly connectionLimit?: number | undefined;
}

/** Arguments of {@link PostgresDatabase}. */
export interface PostgresDatabaseArgs {
  readonly server: PostgresServerArgs;
  /** A change replaces the resource. */
  readonly name: pulumi.Input<string>;
  /** Makes the database, and deletes it with this resource. Default: the vendor has made it. */
  readonly create?: boolean | undefined;
  readonly schemas?: readonly string[] | undefined;
  readonly extensions?: readonly string[] | undefined;
  readonly roles?: readonly PostgresRoleArgs[] | undefined;
}

/** Schemas, extensions and least privileges inside one database, which no vendor's API reaches. */
export class PostgresDatabase extends pulumi.CustomResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: PostgresDatabaseArgs, opts?: pulumi.CustomResourceOptions) {
    super("bulkhead:postgres:Database", name, { ...args }, opts);
  }
}

/** Arguments of {@link ServerCertificate}. */
export interface ServerCertificateArgs {
  /** Name that the certificate carries. A change makes a new one. */
  readonly commonName: pulumi.Input<string>;
  /** Days until it ends. Default: ten years. A change makes a new one. */
  readonly validityDays?: number | undefined;
}

/** A TLS certificate for a server that one runs oneself, with an authority that has signed nothing else. */
export class ServerCertificate extends pulumi.CustomResource {
  /** PEM. */
  declare readonly certificate: pulumi.Output<string>;
  /** PEM, a Pulumi secret. */
  declare readonly privateKey: pulumi.Output<string>;
  /** PEM of the authority to trust. */
  declare readonly caCertificate: pulumi.Output<string>;

  constructor(name: string, args: ServerCertificateArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "bulkhead:tls:ServerCertificate",
      name,
      { ...args, certificate: undefined, privateKey: undefined, caCertificate: undefined },
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
