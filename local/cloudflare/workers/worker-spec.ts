import type {
  AccountInventory,
  RuntimeBinding,
  WorkerModule,
  WorkerSpec,
} from "../../runtime/account-spec.ts";
import type { CloudContext } from "../service.ts";
import { toRuntimeBinding } from "./bindings.ts";
import type { ScriptVersion } from "./scripts.ts";

/** A version of a Worker as the runtime runs it, in an account that holds `account`. */
export function workerSpec(
  cloud: CloudContext,
  account: AccountInventory,
  name: string,
  version: ScriptVersion,
  modules: readonly WorkerModule[],
): WorkerSpec {
  // What was deleted after the upload is left out, or the whole account's runtime could not start.
  const exists = (binding: RuntimeBinding) =>
    (binding.type !== "d1" || account.databases.includes(binding.id)) &&
    (binding.type !== "r2" || account.buckets.includes(binding.bucket)) &&
    (binding.type !== "kv" || account.namespaces.includes(binding.id)) &&
    (binding.type !== "hyperdrive" || account.hyperdrives.includes(binding.id)) &&
    (binding.type !== "service" ||
      binding.worker === name ||
      account.workers.includes(binding.worker));

  return {
    name,
    mainModule: version.mainModule,
    modules,
    compatibilityDate: version.compatibilityDate,
    compatibilityFlags: version.compatibilityFlags,
    bindings: version.bindings
      .map((binding) => toRuntimeBinding(cloud.vault, binding))
      .filter(exists),
  };
}
