/** Cloudflare's audit log of an account. */
import type { CloudflareAccess } from "../vendors/accounts.ts";
import {
  type LogExtract,
  type LoggedChange,
  type LogQuery,
  REQUEST_TIMEOUT_MS,
} from "./logged-change.ts";

/** The most that the vendor puts on one page. */
const PAGE_SIZE = 1000;
const PAGES = 5;

/**
 * @throws the error of the vendor's client.
 * @see https://developers.cloudflare.com/api/resources/audit_logs/methods/list/
 */
export async function readCloudflareLog(
  { client, accountId }: CloudflareAccess,
  { since, signal }: LogQuery,
): Promise<LogExtract> {
  const query = {
    account_id: accountId,
    since: new Date(since).toISOString(),
    direction: "desc",
    per_page: PAGE_SIZE,
  } as const;
  const changes: LoggedChange[] = [];
  for (let page = 1; page <= PAGES; page++) {
    const { result } = await client.auditLogs.list(
      { ...query, page },
      { signal, timeout: REQUEST_TIMEOUT_MS },
    );
    for (const { action, actor, resource, when } of result) {
      const at = Date.parse(when ?? "");
      if (Number.isNaN(at) || action?.result === false || !resource?.id) continue;
      changes.push({
        at,
        actor: actor?.email || actor?.type || null,
        source: "Cloudflare audit log",
        what: `${resource.type ?? ""} ${action?.type ?? ""}`,
        resources: [resource.id],
      });
    }
    if (result.length < PAGE_SIZE) return { changes, isCut: false };
  }
  return { changes, isCut: true };
}
