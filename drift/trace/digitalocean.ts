/** What DigitalOcean tells of changes: when, and never by whom. */
import { orMissing } from "../../providers/digitalocean-api/fault.ts";
import type { DigitalOceanAccess } from "../vendors/accounts.ts";
import type { LogExtract, LoggedChange, LogQuery } from "./logged-change.ts";

/** Clusters, and volumes, whose own logs are asked for. */
const MOST_ASKED = 20;

/** The newest actions of the account: the vendor answers the newest first. */
const ACTIONS = { page: 1, per_page: 200 };

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const NUMBER = /^\d{4,}$/;

/** @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Actions */
interface Action {
  readonly status: string;
  readonly type: string;
  readonly started_at: string;
  readonly resource_id: number | null;
  readonly resource_type: string;
}

interface DatabaseEvent {
  readonly event_type: string;
  readonly create_time: string;
}

/**
 * Of droplets the account's actions, of database clusters and volumes each one's own.
 *
 * @param clusters ids of the database clusters among what is wanted.
 * @param volumes ids of the volumes.
 * @throws VendorFault
 */
export async function readDigitalOceanLog(
  { api }: DigitalOceanAccess,
  { since, wanted }: LogQuery,
  {
    clusters,
    volumes,
  }: { readonly clusters: readonly string[]; readonly volumes: readonly string[] },
): Promise<LogExtract> {
  const changes: LoggedChange[] = [];
  let isCut = Math.max(clusters.length, volumes.length) > MOST_ASKED;
  if ([...wanted].some((id) => NUMBER.test(id))) {
    const { actions } = await api.get<{ actions: readonly Action[] }>("/actions", ACTIONS);
    changes.push(...actions.flatMap((action) => toChange(action, String(action.resource_id))));
    isCut ||=
      actions.length === ACTIONS.per_page && Date.parse(actions.at(-1)?.started_at ?? "") > since;
  }
  const uuids = (ids: readonly string[]) => ids.filter((id) => UUID.test(id)).slice(0, MOST_ASKED);
  for (const id of uuids(volumes)) {
    const path = `/volumes/${id}/actions`;
    const found = await orMissing(api.get<{ actions: readonly Action[] }>(path, ACTIONS));
    changes.push(...(found?.actions ?? []).flatMap((action) => toChange(action, id)));
  }
  for (const id of uuids(clusters)) {
    const path = `/databases/${id}/events`;
    // What is gone has no log any more.
    const found = await orMissing(api.get<{ events: readonly DatabaseEvent[] }>(path));
    for (const { event_type: what, create_time: time } of found?.events ?? [])
      changes.push({
        ...common(time),
        source: "DigitalOcean database events",
        what,
        resources: [id],
      });
  }
  return {
    changes: changes.filter(({ at }) => at >= since).sort((a, b) => b.at - a.at),
    isCut,
  };
}

function toChange({ status, type, started_at: time }: Action, id: string): LoggedChange[] {
  if (status === "errored") return [];
  return [{ ...common(time), source: "DigitalOcean actions", what: type, resources: [id] }];
}

const common = (time: string) => ({ at: Date.parse(time), actor: null });
