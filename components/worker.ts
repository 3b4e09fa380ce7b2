import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { WorkersScriptBinding } from "@pulumi/cloudflare/types/input.js";
import { WorkersCustomDomain } from "@pulumi/cloudflare/workersCustomDomain.js";
import { WorkersScript, type WorkersScriptArgs } from "@pulumi/cloudflare/workersScript.js";
import { WorkersScriptSubdomain } from "@pulumi/cloudflare/workersScriptSubdomain.js";
import * as pulumi from "@pulumi/pulumi";
import { type NameRule, validName } from "./naming.ts";
import type { Scope } from "./scope.ts";
import {
  type BindingSummary,
  type BindingValue,
  type NamedBinding,
  resolveBindings,
  type WorkerBindable,
  type WorkerBinding,
} from "./worker-bindings.ts";
import { bundleWorker, MAIN_MODULE } from "./worker-bundle.ts";

export interface WorkerArgs extends Pick<WorkersScriptArgs, "limits" | "logpush" | "placement"> {
  /** The system and environment that own the Worker. */
  readonly scope: Scope;
  /** The TypeScript module that exports the handler. */
  readonly entry: URL;
  /**
   * What the Worker finds in its `env`: components as they are, or a plain text. `PROJECT`,
   * `SYSTEM` and `ENVIRONMENT` are always there. Default: nothing more.
   */
  readonly bindings?: Readonly<Record<string, BindingValue>>;
  /** Name at Cloudflare. Default: `<system>-<name>-<environment>`. A change replaces it. */
  readonly scriptName?: string;
  /** Hostname to serve on, with a certificate by Cloudflare. Default: none. */
  readonly domain?: WorkerDomain;
  /** Whether to serve on `<script>.<subdomain>.workers.dev`. Default: true. */
  readonly workersDev?: boolean;
  /** ISO date that fixes the runtime's behaviour. Default: {@link DEFAULT_COMPATIBILITY_DATE}. */
  readonly compatibilityDate?: string;
  /** Features of the runtime to switch on or off, such as `nodejs_compat`. Default: none. */
  readonly compatibilityFlags?: readonly string[];
}

export interface WorkerDomain {
  /** For example `api.example.com`. */
  readonly hostname: string;
  /** The zone that holds it. Default: Cloudflare finds it by the hostname. */
  readonly zoneId?: pulumi.Input<string>;
}

/** Settings of the vendor's, in Pulumi's spelling (`cpuMs`). */
export type Settings = Readonly<Record<string, unknown>>;

/** What outputs say of a Worker. */
export interface WorkerState {
  readonly scriptName: string;
  /** Where it answers: the custom domain before workers.dev. */
  readonly urls: readonly string[];
  /** The module's path, relative to the project. */
  readonly main: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly workersDev: boolean;
  /** The custom domain's hostname; absent without one. */
  readonly domain?: string | undefined;
  /** The vendor's limits and placement, as declared; absent where they are left to the vendor. */
  readonly limits?: Settings | undefined;
  readonly placement?: Settings | undefined;
  readonly bindings: Readonly<Record<string, BindingSummary>>;
}

/** Source: https://developers.cloudflare.com/workers/configuration/routing/workers-dev/ (names are DNS labels). */
export const WORKER_NAME_RULE: NameRule = {
  thing: "Worker",
  pattern: /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
  maxLength: 63,
  allows: "lower-case letters, digits and hyphens, beginning and ending without a hyphen",
};

export const DEFAULT_COMPATIBILITY_DATE = "2026-01-01";

/**
 * A Cloudflare Worker, bundled from TypeScript source.
 *
 * @example
 * new Worker("api", {
 *   scope,
 *   entry: new URL("./qhub/worker/main.ts", import.meta.url),
 *   bindings: { DB: database, JWT_SECRET: secret, AI: ai(), GREETING: "hello" },
 *   domain: { hostname: "api.example.com" },
 * });
 * @see https://developers.cloudflare.com/workers/
 */
export class Worker extends pulumi.ComponentResource implements WorkerBindable {
  readonly scriptName: pulumi.Output<string>;
  /** Every address, `https://…` without a final slash; the custom domain comes first. */
  readonly urls: pulumi.Output<string[]>;
  /** The first address; undefined for a Worker that only others call. */
  readonly url: pulumi.Output<string | undefined>;
  /** What may be shown. */
  readonly state: pulumi.Output<WorkerState>;

  constructor(name: string, args: WorkerArgs, opts?: pulumi.ComponentResourceOptions) {
    const { scope, workersDev = true } = args;
    const logicalName = scope.logicalName(name);
    super("bulkhead:index:Worker", logicalName, {}, scope.componentOptions(opts));
    const child = { parent: this };
    const entry = fileURLToPath(args.entry);
    const { compatibilityDate = DEFAULT_COMPATIBILITY_DATE, compatibilityFlags = [] } = args;
    const bindings = resolveBindings(args.bindings ?? {}, {
      PROJECT: scope.project,
      SYSTEM: scope.system,
      ENVIRONMENT: scope.environment,
    });

    const script = new WorkersScript(
      logicalName,
      {
        accountId: scope.account.id,
        scriptName: validName(
          WORKER_NAME_RULE,
          "scriptName",
          args.scriptName ?? scope.physicalName(name),
        ),
        content: bundleWorker(entry),
        mainModule: MAIN_MODULE,
        bindings: bindings.map(apiBinding),
        compatibilityDate,
        ...(compatibilityFlags.length > 0 ? { compatibilityFlags: [...compatibilityFlags] } : {}),
        observability: { enabled: true, logs: { enabled: true, invocationLogs: true } },
        ...optionalArgs(args),
      },
      child,
    );
    // Declared also when off: Cloudflare's own default depends on the account.
    const subdomain = new WorkersScriptSubdomain(
      logicalName,
      {
        accountId: scope.account.id,
        scriptName: script.scriptName,
        enabled: workersDev,
        previewsEnabled: false,
      },
      child,
    );
    const domain = args.domain && this.serveOn(logicalName, scope, script, args.domain);

    this.scriptName = script.scriptName;
    this.urls = pulumi
      .all([
        domain ? domain.hostname : undefined,
        workersDev ? workersDevHostname(scope, subdomain) : undefined,
      ])
      .apply((hostnames) =>
        hostnames.flatMap((hostname) => (hostname === undefined ? [] : [`https://${hostname}`])),
      );
    this.url = this.urls.apply((urls) => urls[0]);
    this.state = pulumi.output({
      scriptName: this.scriptName,
      urls: this.urls,
      main: relative(process.cwd(), entry),
      compatibilityDate,
      compatibilityFlags,
      workersDev,
      domain: domain?.hostname,
      limits: args.limits,
      placement: args.placement,
      bindings: summaries(bindings),
    });
    this.registerOutputs({ scriptName: this.scriptName, urls: this.urls });
  }

  /** Binds this Worker to another one, as a service. */
  workerBinding(): WorkerBinding {
    const summary = this.scriptName.apply(
      (service): BindingSummary => ({ type: "service", service }),
    );
    return { api: { type: "service", service: this.scriptName }, summary };
  }

  private serveOn(
    logicalName: string,
    scope: Scope,
    script: WorkersScript,
    domain: WorkerDomain,
  ): WorkersCustomDomain {
    return new WorkersCustomDomain(
      logicalName,
      {
        accountId: scope.account.id,
        hostname: domain.hostname,
        service: script.scriptName,
        ...(domain.zoneId === undefined ? {} : { zoneId: domain.zoneId }),
      },
      { parent: this },
    );
  }
}

function workersDevHostname(
  scope: Scope,
  subdomain: WorkersScriptSubdomain,
): pulumi.Output<string> {
  return pulumi.interpolate`${subdomain.scriptName}.${scope.account.workersSubdomain()}.workers.dev`;
}

function apiBinding({ name, api }: NamedBinding): WorkersScriptBinding {
  return { ...api, name };
}

function summaries(
  bindings: readonly NamedBinding[],
): pulumi.Output<Record<string, BindingSummary>> {
  return pulumi.all(Object.fromEntries(bindings.map(({ name, summary }) => [name, summary])));
}

/** The vendor's own arguments, only those that are given: an explicit undefined is a change. */
function optionalArgs({ limits, logpush, placement }: WorkerArgs) {
  return Object.fromEntries(
    Object.entries({ limits, logpush, placement }).filter(([, value]) => value !== undefined),
  );
}
