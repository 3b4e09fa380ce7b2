import type { WorkerModule } from "../../runtime/account-spec.ts";
import { sha256Hex } from "../identifiers.ts";
import type { CloudContext } from "../service.ts";
import { type ScriptBody, scriptsOf, type VersionModule } from "./scripts.ts";

/*
 * The code of Workers, kept apart from the scripts and once for all versions that share it: a request
 * to a Worker reads its script, and must not cost more the more code there is.
 */

const modulesOf = ({ store }: CloudContext) =>
  store.collection<{ readonly base64: string }>("worker-module");

/** How a version names a module. */
export const moduleReference = ({ name, contentType, base64 }: WorkerModule): VersionModule => ({
  name,
  contentType,
  sha256: sha256Hex(base64),
});

export function readModules(
  cloud: CloudContext,
  accountId: string,
  references: readonly VersionModule[],
): WorkerModule[] {
  return references.map(({ name, contentType, sha256 }) => {
    const module = modulesOf(cloud).get(accountId, sha256);
    if (module === undefined) throw new Error(`The code of the module ${name} is not stored.`);
    return { name, contentType, base64: module.body.base64 };
  });
}

export function saveModules(
  cloud: CloudContext,
  accountId: string,
  modules: readonly WorkerModule[],
): void {
  for (const { base64 } of modules) {
    const id = sha256Hex(base64);
    if (modulesOf(cloud).get(accountId, id) === undefined) {
      modulesOf(cloud).insert(accountId, { id, name: id, body: { base64 } });
    }
  }
}

/** Removes the code that was `body`'s and that no script of the account uses any more. */
export function dropUnusedModules(cloud: CloudContext, accountId: string, body: ScriptBody): void {
  const used = new Set(scriptsOf(cloud).list(accountId).flatMap(hashesOf));
  for (const hash of new Set(hashesOf({ body }))) {
    if (!used.has(hash)) modulesOf(cloud).remove(accountId, hash);
  }
}

const hashesOf = ({ body }: { readonly body: ScriptBody }): string[] =>
  body.versions.flatMap(({ modules }) => modules.map(({ sha256 }) => sha256));
