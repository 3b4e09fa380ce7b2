import { join } from "node:path";
import { expect, it } from "vitest";
import { openDocumentStore } from "../../../local/store/document-store.ts";
import { EventLog } from "../../../local/store/event-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const bodies = (log: EventLog<number>, account: string) =>
  log.newestFirst(account).map(({ body }) => body);

it("keeps the newest events of each account, also over a restart", () => {
  const file = join(temporaryFolder(), "store.sqlite");
  const first = openDocumentStore(file);
  const log = new EventLog<number>(first, "event", 3);
  log.append("other", 0);
  for (const event of [1, 2, 3, 4]) log.append("mine", event);
  expect(bodies(log, "mine")).toEqual([4, 3, 2]);
  first.close();

  const second = openDocumentStore(file);
  const again = new EventLog<number>(second, "event", 3);
  again.append("mine", 5);
  expect(bodies(again, "mine")).toEqual([5, 4, 3]);
  expect(bodies(again, "other")).toEqual([0]);
  second.close();
});
