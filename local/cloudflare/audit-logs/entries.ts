import type { Document } from "../../store/document-store.ts";
import { EventLog } from "../../store/event-log.ts";
import { tokenEmail } from "../accounts.ts";
import type { CloudContext } from "../service.ts";
import type { Operation } from "./operations.ts";

/** Everything that the log keeps of a call: no value of a request or an answer but the resource's id. */
interface EntryBody extends Pick<Operation, "type" | "info" | "resourceType"> {
  readonly resourceId: string;
  readonly tokenId: string;
}

export type Entry = Document<EntryBody>;

/** Every client of the local cloud is on this computer. */
export const CLIENT_ADDRESS = "127.0.0.1";

const logs = new WeakMap<CloudContext["store"], EventLog<EntryBody>>();

function logOf({ store }: Pick<CloudContext, "store">): EventLog<EntryBody> {
  const log = logs.get(store) ?? new EventLog<EntryBody>(store, "audit-log");
  logs.set(store, log);
  return log;
}

export const record = (cloud: CloudContext, accountId: string, entry: EntryBody): void =>
  logOf(cloud).append(accountId, entry);

/** Newest first. */
export const listEntries = (cloud: CloudContext, accountId: string): Entry[] =>
  logOf(cloud).newestFirst(accountId);

/** As the API answers it. Tokens belong to no person here, so each is an actor of its own. */
export const describeEntry = ({ id, createdAt, body }: Entry) => ({
  id,
  action: { info: body.info, result: true, type: body.type },
  actor: {
    email: tokenEmail(body.tokenId),
    id: body.tokenId,
    ip: CLIENT_ADDRESS,
    type: "user",
  },
  interface: "API",
  metadata: {},
  newValue: "",
  oldValue: "",
  owner: { id: body.tokenId },
  resource: { id: body.resourceId, type: body.resourceType },
  when: createdAt,
});
