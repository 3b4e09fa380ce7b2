import { randomUUID } from "node:crypto";
import type { Collection, Document, DocumentStore } from "./document-store.ts";

/** Events of an account that a log keeps; older ones go. */
const MOST_EVENTS = 10_000;

/**
 * What was done, in accounts of their own: each event is durable before `append` returns, and the newest
 * ones stay. An event's time is its document's `createdAt`. One log of a kind is opened for a store.
 */
export class EventLog<T> {
  readonly #store: DocumentStore;
  readonly #events: Collection<T>;
  readonly #most: number;
  /** By account, the ids of its events in their order. */
  readonly #ids = new Map<string, string[]>();

  constructor(store: DocumentStore, kind: string, most = MOST_EVENTS) {
    this.#store = store;
    this.#events = store.collection<T>(kind);
    this.#most = most;
  }

  append(account: string, event: T): void {
    const ids = this.#idsOf(account);
    const id = randomUUID();
    const outdated = ids.slice(0, Math.max(0, ids.length + 1 - this.#most));
    this.#store.transaction(() => {
      this.#events.insert(account, { id, name: id, body: event });
      for (const old of outdated) this.#events.remove(account, old);
    });
    ids.splice(0, outdated.length);
    ids.push(id);
  }

  newestFirst(account: string): Document<T>[] {
    return this.#events.list(account).reverse();
  }

  /** Read once: counting all of them for each new one would cost more than writing it. */
  #idsOf(account: string): string[] {
    const known = this.#ids.get(account) ?? this.#events.list(account).map(({ id }) => id);
    this.#ids.set(account, known);
    return known;
  }
}
