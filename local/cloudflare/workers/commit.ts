import { randomUUID } from "node:crypto";
import {
  type AccountInventory,
  inventoryOf,
  type WorkerModule,
} from "../../runtime/account-spec.ts";
import { ScriptRejectedError } from "../../runtime/runtime-process.ts";
import { ApiError } from "../envelope.ts";
import { hexId } from "../identifiers.ts";
import type { CloudContext } from "../service.ts";
import { dropUnusedModules, readModules, saveModules } from "./modules.ts";
import {
  requireScript,
  type ScriptBody,
  type ScriptDocument,
  type ScriptVersion,
  scriptsOf,
  WORKERS_ERROR,
} from "./scripts.ts";
import { workerSpec } from "./worker-spec.ts";

/** A change of a script that the runtime has to agree to. */
export interface ScriptChange {
  /** The version that the runtime must load. */
  readonly tried: ScriptVersion;
  /** Its code, when it was not stored before. */
  readonly modules?: readonly WorkerModule[];
  /** What to record then; `latest` differs from what was decided on in what is not versioned. */
  readonly record: (latest: ScriptBody | undefined) => ScriptBody;
}

/**
 * Changes a script, or makes it, once the account's runtime has loaded the version in question.
 * `decide` runs while no other script of the account changes. It may refuse by throwing; nothing is
 * recorded then, nor when the runtime rejects the code (400).
 */
export async function putScript(
  cloud: CloudContext,
  accountId: string,
  name: string,
  decide: (current: ScriptDocument | undefined, account: AccountInventory) => ScriptChange,
): Promise<ScriptDocument> {
  const scripts = scriptsOf(cloud);
  try {
    return await cloud.runtimes.of(accountId).changeWorkers((current) => {
      const inventory = inventoryOf(current);
      const { tried, modules, record } = decide(scripts.byName(accountId, name), inventory);
      const code = modules ?? readModules(cloud, accountId, tried.modules);
      return {
        workers: [
          ...current.workers.filter((worker) => worker.name !== name),
          workerSpec(cloud, inventory, name, tried, code),
        ],
        commit: () =>
          cloud.store.transaction(() => {
            const latest = scripts.byName(accountId, name);
            const body = record(latest?.body);
            saveModules(cloud, accountId, modules ?? []);
            if (latest === undefined) return scripts.insert(accountId, { id: hexId(), name, body });
            const updated = scripts.update(accountId, latest.id, { body });
            dropUnusedModules(cloud, accountId, latest.body);
            return updated;
          }),
      };
    });
  } catch (error) {
    if (!(error instanceof ScriptRejectedError)) throw error;
    throw new ApiError(400, WORKERS_ERROR.invalid, rejection(error.message));
  }
}

/** The same for a script that must exist already. */
export function changeScript(
  cloud: CloudContext,
  accountId: string,
  name: string,
  decide: (current: ScriptDocument, account: AccountInventory) => ScriptChange,
): Promise<ScriptDocument> {
  return putScript(cloud, accountId, name, (_, account) =>
    decide(requireScript(cloud, accountId, name), account),
  );
}

/** A deployment that gives a version all of the traffic from now on. */
export function deploymentOf(
  { id }: Pick<ScriptVersion, "id">,
  annotations: Readonly<Record<string, string>>,
): ScriptBody["deployment"] {
  return {
    id: randomUUID(),
    versionId: id,
    createdAt: new Date().toISOString(),
    annotations,
  };
}

/** The runtime's own words, without its advice about files that only exist inside of it. */
function rejection(output: string): string {
  const lines = output
    .split("\n")
    .map((line) => line.replace(/^service core:user:[^:]+: /, "").trim())
    .filter((line) => line !== "");
  return lines.join(" ") || "The script could not be loaded.";
}
