import type { Document } from "../../store/document-store.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { requireRegion } from "../catalogue/regions.ts";
import { unprocessable } from "../envelope.ts";
import { nextNumber } from "../numbers.ts";

interface ActionBody {
  /** `create`, `power_off`, `attach_volume`, … */
  readonly type: string;
  readonly status: "in-progress" | "completed";
  /** ISO 8601, UTC. */
  readonly completedAt?: string;
  readonly resourceType: "droplet" | "volume" | "reserved_ip";
  /** The droplet whose machine carries it out. */
  readonly droplet?: number;
  /** The volume or reserved address that it is about, when it is not about the droplet itself. */
  readonly subject?: string;
  readonly region: string;
}

/** Something that was asked for and takes its time; its number is the document's id. */
export type Action = Document<ActionBody>;

const actionsOf = ({ store }: VendorContext) => store.collection<ActionBody>("do-action");

/** Records an action; without a droplet there is nothing to wait for, and it is complete at once. */
export function beginAction(
  cloud: VendorContext,
  accountId: string,
  action: Omit<ActionBody, "status" | "completedAt">,
): Action {
  const id = String(nextNumber(cloud));
  const state =
    action.droplet === undefined
      ? ({ status: "completed", completedAt: new Date().toISOString() } as const)
      : ({ status: "in-progress" } as const);
  return actionsOf(cloud).insert(accountId, { id, name: id, body: { ...action, ...state } });
}

export const listActions = (cloud: VendorContext, accountId: string): Action[] =>
  actionsOf(cloud).list(accountId).reverse();

export const findAction = (
  cloud: VendorContext,
  accountId: string,
  id: string,
): Action | undefined => actionsOf(cloud).get(accountId, id);

/** What the droplet's machine has still to do. */
export const pendingActions = (
  cloud: VendorContext,
  accountId: string,
  droplet: number,
): Action[] =>
  listActions(cloud, accountId).filter(
    ({ body }) => body.droplet === droplet && body.status === "in-progress",
  );

/** The vendor's refusal while the droplet is busy; its clients try again by these very words. */
export function requireIdle(cloud: VendorContext, accountId: string, droplet: number): void {
  if (pendingActions(cloud, accountId, droplet).length === 0) return;
  throw unprocessable("Droplet already has a pending event.");
}

export function completeActions(
  cloud: VendorContext,
  accountId: string,
  actions: readonly Action[],
): void {
  const completedAt = new Date().toISOString();
  for (const { id, body } of actions) {
    actionsOf(cloud).update(accountId, id, { body: { ...body, status: "completed", completedAt } });
  }
}

export const describeAction = ({ id, createdAt, body }: Action) => ({
  id: Number(id),
  status: body.status,
  type: body.type,
  started_at: createdAt,
  completed_at: body.completedAt ?? null,
  resource_id: body.resourceType === "droplet" ? body.droplet : null,
  resource_type: body.resourceType,
  region: requireRegion(body.region),
  region_slug: body.region,
});
