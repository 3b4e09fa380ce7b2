import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { D1Database as CloudflareD1Database } from "@pulumi/cloudflare/d1database.js";
import * as pulumi from "@pulumi/pulumi";
import { D1Migrations } from "../providers/bulkhead/resources.ts";
import { readMigrationFiles } from "./migration-files.ts";
import { type NameRule, validName } from "./naming.ts";
import type { Scope } from "./scope.ts";
import type { BindingSummary, WorkerBindable, WorkerBinding } from "./worker-bindings.ts";

/** Where a database's primary lives, as the vendor spells it. */
export type D1Region = "wnam" | "enam" | "weur" | "eeur" | "apac" | "oc";

export interface D1DatabaseArgs {
  /** The system and environment that own the database. */
  readonly scope: Scope;
  /** Name at Cloudflare. Default: `<system>-<name>-<environment>`. A change replaces it. */
  readonly databaseName?: string;
  /** Region hint. Default: `enam`, Eastern North America. A change replaces the database. */
  readonly region?: D1Region;
  /**
   * Directory of the .sql files to apply, in order, each once. Default: none, the schema is left
   * alone.
   */
  readonly migrations?: URL;
}

/**
 * The pattern is the vendor's (https://developers.cloudflare.com/api/resources/d1/). It documents
 * no length; 64 is ours, so that names stay readable in listings.
 */
export const D1_NAME_RULE: NameRule = {
  thing: "D1 database",
  pattern: /^[A-Za-z0-9][A-Za-z0-9_-]*$/,
  maxLength: 64,
  allows: "letters, digits, hyphens and underscores, beginning with a letter or digit",
};

const DEFAULT_REGION: D1Region = "enam";

/**
 * A Cloudflare D1 database and, optionally, its schema.
 *
 * @example Name by convention, schema from a directory.
 * new D1Database("qhub", { scope, migrations: new URL("./qhub/migrations/", import.meta.url) });
 * @example Adopt a database that exists: `pulumi up` imports it and changes nothing. The vendor does
 * not tell the location hint that it was made with, so that one is not compared.
 * new D1Database("qhub", { scope, databaseName: "qhub-old" }, {
 *   transforms: [({ type, props, opts }) =>
 *     type === "cloudflare:index/d1Database:D1Database"
 *       ? { props, opts: { ...opts, import: "<account id>/<database id>", ignoreChanges: ["primaryLocationHint"] } } : undefined],
 * });
 * @see https://developers.cloudflare.com/d1/
 */
export class D1Database extends pulumi.ComponentResource implements WorkerBindable {
  readonly databaseName: pulumi.Output<string>;
  /** The database's uuid, known once its migrations are applied. */
  readonly databaseId: pulumi.Output<string>;
  /** Relative, because the state is shared by people whose clones lie elsewhere. */
  private readonly migrations: string | undefined;

  constructor(name: string, args: D1DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    const { scope } = args;
    const logicalName = scope.logicalName(name);
    super("bulkhead:index:D1Database", logicalName, {}, scope.componentOptions(opts));

    const database = new CloudflareD1Database(
      logicalName,
      {
        accountId: scope.account.id,
        name: validName(
          D1_NAME_RULE,
          "databaseName",
          args.databaseName ?? scope.physicalName(name),
        ),
        primaryLocationHint: args.region ?? DEFAULT_REGION,
      },
      scope.dataOptions(this, opts),
    );
    this.migrations =
      args.migrations && (relative(process.cwd(), fileURLToPath(args.migrations)) || ".");
    const migrations =
      this.migrations && this.migrate(logicalName, scope, database, this.migrations);

    this.databaseName = database.name;
    // Whoever uses the id waits for the schema: a Worker must not serve from an empty database.
    this.databaseId = migrations
      ? pulumi.all([database.uuid, migrations.id]).apply(([uuid]) => uuid)
      : database.uuid;
    this.registerOutputs({ databaseName: this.databaseName, databaseId: this.databaseId });
  }

  workerBinding(): WorkerBinding {
    const migrations = this.migrations === undefined ? {} : { migrations: this.migrations };
    const summary = pulumi.all([this.databaseName, this.databaseId]).apply(
      ([databaseName, databaseId]): BindingSummary => ({
        type: "d1",
        databaseName,
        databaseId,
        ...migrations,
      }),
    );
    return { api: { type: "d1", databaseId: this.databaseId }, summary };
  }

  private migrate(
    logicalName: string,
    scope: Scope,
    database: CloudflareD1Database,
    directory: string,
  ): D1Migrations {
    return new D1Migrations(
      logicalName,
      {
        accountId: scope.account.id,
        databaseId: database.uuid,
        directory,
        files: readMigrationFiles(directory),
      },
      { parent: this },
    );
  }
}
