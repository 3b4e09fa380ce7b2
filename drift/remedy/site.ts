import type { PulumiProject } from "../engine/command.ts";
import { readSecrets } from "../engine/secrets.ts";
import { openAccounts } from "../vendors/accounts.ts";
import type { RepairSite } from "./repairs/repair.ts";

/**
 * Where a stack's drift is repaired, by the credentials in its state.
 *
 * @param stack as `pulumi --stack` takes it.
 * @param signal ends the reading.
 * @throws BackendError when the state cannot be read or decrypted.
 */
export async function repairSite(
  project: PulumiProject,
  stack: string,
  signal: AbortSignal,
): Promise<RepairSite> {
  const resources = await readSecrets(project, stack, signal);
  return { accounts: await openAccounts(resources, project.env), resources };
}
