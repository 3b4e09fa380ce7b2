import { WorkersKvNamespace } from "@pulumi/cloudflare/workersKvNamespace.js";
import * as pulumi from "@pulumi/pulumi";
import { type NameRule, validName } from "./naming.ts";
import type { Scope } from "./scope.ts";
import type { BindingSummary, WorkerBindable, WorkerBinding } from "./worker-bindings.ts";

export interface KvNamespaceArgs {
  /** The system and environment that own the namespace. */
  readonly scope: Scope;
  /** Title at Cloudflare. Default: `<system>-<name>-<environment>`. */
  readonly title?: string;
}

/** Source: https://developers.cloudflare.com/api/resources/kv/ (title). */
export const KV_TITLE_RULE: NameRule = {
  thing: "KV namespace",
  pattern: /^\P{Cc}+$/u,
  maxLength: 512,
  allows: "any characters that can be printed",
};

/**
 * A Workers KV namespace.
 *
 * @example
 * const sessions = new KvNamespace("sessions", { scope });
 * new Worker("api", { scope, entry, bindings: { SESSIONS: sessions } });
 * @see https://developers.cloudflare.com/kv/
 */
export class KvNamespace extends pulumi.ComponentResource implements WorkerBindable {
  readonly title: pulumi.Output<string>;
  readonly namespaceId: pulumi.Output<string>;

  constructor(name: string, args: KvNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    const { scope } = args;
    const logicalName = scope.logicalName(name);
    super("bulkhead:index:KvNamespace", logicalName, {}, scope.componentOptions(opts));

    const namespace = new WorkersKvNamespace(
      logicalName,
      {
        accountId: scope.account.id,
        title: validName(KV_TITLE_RULE, "title", args.title ?? scope.physicalName(name)),
      },
      scope.dataOptions(this, opts),
    );
    this.title = namespace.title;
    this.namespaceId = namespace.id;
    this.registerOutputs({ title: this.title, namespaceId: this.namespaceId });
  }

  workerBinding(): WorkerBinding {
    const summary = this.namespaceId.apply(
      (namespaceId): BindingSummary => ({ type: "kv_namespace", namespaceId }),
    );
    return { api: { type: "kv_namespace", namespaceId: this.namespaceId }, summary };
  }
}
