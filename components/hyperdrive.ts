import { createHash } from "node:crypto";
import { HyperdriveConfig } from "@pulumi/cloudflare/hyperdriveConfig.js";
import { MtlsCertificate } from "@pulumi/cloudflare/mtlsCertificate.js";
import * as pulumi from "@pulumi/pulumi";
import { InputError } from "./input-error.ts";
import { type NameRule, validName } from "./naming.ts";
import type { Scope } from "./scope.ts";
import type { BindingSummary, WorkerBindable, WorkerBinding } from "./worker-bindings.ts";

/** A PostgreSQL database and who connects to it; what `Postgres.connection` gives fits. */
export interface HyperdriveOrigin {
  readonly host: pulumi.Input<string>;
  readonly port: pulumi.Input<number>;
  readonly database: pulumi.Input<string>;
  readonly user: pulumi.Input<string>;
  readonly password: pulumi.Input<string>;
  /** PEM of the authority that signed the database's certificate. Default: none. */
  readonly caCertificate?: pulumi.Input<string> | undefined;
  /** Default: `verify-full` with an authority, `require` without. */
  readonly sslMode?: "require" | "verify-ca" | "verify-full" | undefined;
}

export interface HyperdriveArgs {
  /** The system and environment that own the configuration. */
  readonly scope: Scope;
  readonly origin: HyperdriveOrigin;
  /** Name at Cloudflare. Default: `<system>-<name>-<environment>`. */
  readonly configName?: string;
  /** Whether Hyperdrive answers repeated queries itself, up to a minute late. Default: false. */
  readonly caching?: boolean;
  /** How many connections it opens to the database, 5 to 100. Default: the vendor's. */
  readonly connectionLimit?: number;
}

/** Length and characters are ours, so that names stay readable in listings; the vendor documents none. */
const HYPERDRIVE_NAME: NameRule = {
  thing: "Hyperdrive configuration",
  pattern: /^[A-Za-z0-9][A-Za-z0-9_-]*$/,
  maxLength: 63,
  allows: "letters, digits, hyphens and underscores, beginning with a letter or digit",
};

/** Hexadecimal digits of a certificate's hash in its name. */
const HASH_LENGTH = 8;

/**
 * A Worker's way to a PostgreSQL database: pooled, and with the database's own certificate authority
 * verified, which a Worker's sockets cannot do.
 *
 * @example
 * const hyperdrive = new Hyperdrive("postgres", { scope, origin: postgres.connection("api") });
 * new Worker("api", { scope, entry, bindings: { DB: hyperdrive }, compatibilityFlags: ["nodejs_compat"] });
 * // in the Worker: new Client({ connectionString: env.DB.connectionString })
 * @see https://developers.cloudflare.com/hyperdrive/
 */
export class Hyperdrive extends pulumi.ComponentResource implements WorkerBindable {
  /** The configuration's id at Cloudflare. */
  readonly configId: pulumi.Output<string>;
  readonly configName: pulumi.Output<string>;

  constructor(name: string, args: HyperdriveArgs, opts?: pulumi.ComponentResourceOptions) {
    const { scope, origin } = args;
    const logicalName = scope.logicalName(name);
    super("bulkhead:index:Hyperdrive", logicalName, {}, scope.componentOptions(opts));
    const configName = validName(
      HYPERDRIVE_NAME,
      "configName",
      args.configName ?? scope.physicalName(name),
    );
    const { host, port, database, user, password } = origin;

    const config = new HyperdriveConfig(
      logicalName,
      {
        accountId: scope.account.id,
        name: configName,
        origin: {
          scheme: "postgres",
          host,
          port,
          database,
          user,
          password: pulumi.secret(password),
        },
        caching: { disabled: !(args.caching ?? false) },
        mtls: this.originTls(logicalName, configName, scope, origin),
        ...(args.connectionLimit === undefined
          ? {}
          : { originConnectionLimit: args.connectionLimit }),
      },
      { parent: this },
    );
    this.configId = config.id;
    this.configName = config.name;
    this.registerOutputs({ configId: this.configId, configName: this.configName });
  }

  workerBinding(): WorkerBinding {
    const summary = this.configId.apply(
      (configId): BindingSummary => ({ type: "hyperdrive", configId }),
    );
    return { api: { type: "hyperdrive", id: this.configId }, summary };
  }

  /** How the database proves who it is, its authority's certificate uploaded. */
  private originTls(
    logicalName: string,
    configName: string,
    scope: Scope,
    { caCertificate, sslMode }: HyperdriveOrigin,
  ): { sslmode: string; caCertificateId?: pulumi.Output<string> } {
    const mode = sslMode ?? (caCertificate === undefined ? "require" : "verify-full");
    if (mode === "require") return { sslmode: mode };
    if (caCertificate === undefined) {
      throw new InputError(
        `origin.sslMode "${mode}" verifies the database's authority, and origin.caCertificate does not name one. ` +
          "Give its certificate, or use require.",
      );
    }
    const authority = new MtlsCertificate(
      logicalName,
      {
        accountId: scope.account.id,
        ca: true,
        certificates: caCertificate,
        // Another certificate has another name, so that it is there before the old one goes.
        name: pulumi.output(caCertificate).apply((pem) => `${configName}-${hashOf(pem)}`),
      },
      { parent: this },
    );
    return { sslmode: mode, caCertificateId: authority.id };
  }
}

const hashOf = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, HASH_LENGTH);
