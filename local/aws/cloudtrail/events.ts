import type { Document } from "../../store/document-store.ts";
import { EventLog } from "../../store/event-log.ts";
import type { VendorContext } from "../../vendor-context.ts";
import type { Caller } from "../caller.ts";
import type { NamedResource } from "./resources.ts";

/** Everything that the trail keeps of a call: of requests and answers, names of resources alone. */
interface EventBody {
  /** `ModifyDBInstance` */
  readonly name: string;
  /** `rds` */
  readonly service: string;
  readonly accessKeyId: string;
  readonly resources: readonly NamedResource[];
}

export type TrailEvent = Document<EventBody>;

const KEPT_MS = 90 * 24 * 60 * 60 * 1000;
const READS = /^(Describe|List|Get|Head|Lookup)/;

const trails = new WeakMap<VendorContext["store"], EventLog<EventBody>>();

function trailOf({ store }: VendorContext): EventLog<EventBody> {
  const trail = trails.get(store) ?? new EventLog<EventBody>(store, "cloudtrail-event");
  trails.set(store, trail);
  return trail;
}

/**
 * Records what was carried out, unless it was a question. What was done is done: that it could not be
 * written down does not take it back.
 */
export function recordCall({ cloud, scope }: Caller, call: EventBody): void {
  if (READS.test(call.name)) return;
  try {
    trailOf(cloud).append(scope, call);
  } catch (error) {
    cloud.log(`CloudTrail does not tell of ${call.name}: ${error}`);
  }
}

/** The account's in the region, of the last 90 days, newest first. */
export const recentEvents = ({ cloud, scope }: Caller): TrailEvent[] =>
  trailOf(cloud)
    .newestFirst(scope)
    .filter(({ createdAt }) => Date.parse(createdAt) >= Date.now() - KEPT_MS);
