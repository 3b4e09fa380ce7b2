import { chmodSync, closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** A stored vendor object: `body` is the vendor-specific part, `name` is unique per account and kind. */
export interface Document<T> {
  readonly account: string;
  readonly id: string;
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** ISO 8601, UTC. */
  readonly modifiedAt: string;
  readonly body: T;
}

/** Thrown by `insert` and `update` when the name is already used in that account for that kind. */
export class NameTakenError extends Error {
  readonly kind: string;
  readonly takenName: string;

  constructor(kind: string, takenName: string) {
    super(`A ${kind} named "${takenName}" exists already.`);
    this.kind = kind;
    this.takenName = takenName;
  }
}

/** Thrown at opening when another process has the store open. */
export class StoreInUseError extends Error {
  constructor(file: string) {
    super(`The store ${file} is open in another process.`);
  }
}

/** All documents of one kind (one vendor resource type), across accounts. */
export interface Collection<T> {
  insert(account: string, document: { id: string; name: string; body: T }): Document<T>;
  get(account: string, id: string): Document<T> | undefined;
  byName(account: string, name: string): Document<T> | undefined;
  /** In order of creation. */
  list(account: string): Document<T>[];
  /** Across every account, in order of creation. */
  all(): Document<T>[];
  update(account: string, id: string, change: { name?: string; body: T }): Document<T>;
  /** Whether there was one to remove. */
  remove(account: string, id: string): boolean;
}

/**
 * The local cloud's durable memory. One SQLite file; every write is on disk before the API answers
 * (`synchronous = FULL`), so a killed process loses nothing that it had acknowledged.
 */
export interface DocumentStore {
  collection<T>(kind: string): Collection<T>;
  /** Runs `work` in one transaction: all of its writes or none. */
  transaction<R>(work: () => R): R;
  close(): void;
}

interface Row {
  account: string;
  id: string;
  name: string;
  created_at: string;
  modified_at: string;
  body: string;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS documents (
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL,
    account     TEXT NOT NULL,
    id          TEXT NOT NULL,
    name        TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    modified_at TEXT NOT NULL,
    body        TEXT NOT NULL,
    UNIQUE (kind, account, id),
    UNIQUE (kind, account, name)
  ) STRICT`;

const COLUMNS = "account, id, name, created_at, modified_at, body";
const SQLITE_BUSY = 5;
const SQLITE_CONSTRAINT_UNIQUE = 2067;
/** How long to wait for a process that is about to end, in milliseconds. */
const BUSY_TIMEOUT_MS = 3000;

/**
 * Opens (and creates, when absent) the store in `file`, for this process alone and readable by its
 * owner only. Throws StoreInUseError while another process has it open.
 */
export function openDocumentStore(file: string, now: () => Date = () => new Date()): DocumentStore {
  const database = openExclusively(file);

  const statements = {
    insert: database.prepare(
      `INSERT INTO documents (kind, account, id, name, created_at, modified_at, body)
       VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING ${COLUMNS}`,
    ),
    get: database.prepare(
      `SELECT ${COLUMNS} FROM documents WHERE kind = ? AND account = ? AND id = ?`,
    ),
    byName: database.prepare(
      `SELECT ${COLUMNS} FROM documents WHERE kind = ? AND account = ? AND name = ?`,
    ),
    list: database.prepare(
      `SELECT ${COLUMNS} FROM documents WHERE kind = ? AND account = ? ORDER BY sequence`,
    ),
    all: database.prepare(`SELECT ${COLUMNS} FROM documents WHERE kind = ? ORDER BY sequence`),
    update: database.prepare(
      `UPDATE documents SET name = coalesce(?, name), modified_at = ?, body = ?
       WHERE kind = ? AND account = ? AND id = ? RETURNING ${COLUMNS}`,
    ),
    remove: database.prepare("DELETE FROM documents WHERE kind = ? AND account = ? AND id = ?"),
  };

  function collection<T>(kind: string): Collection<T> {
    const toDocument = (row: unknown): Document<T> => {
      const { account, id, name, created_at, modified_at, body } = row as Row;
      return {
        account,
        id,
        name,
        createdAt: created_at,
        modifiedAt: modified_at,
        body: JSON.parse(body) as T,
      };
    };
    const optional = (row: unknown) => (row === undefined ? undefined : toDocument(row));

    return {
      insert(account, { id, name, body }) {
        const time = now().toISOString();
        const row = rejectTakenName(kind, name, () =>
          statements.insert.get(kind, account, id, name, time, time, JSON.stringify(body)),
        );
        return toDocument(row);
      },
      get: (account, id) => optional(statements.get.get(kind, account, id)),
      byName: (account, name) => optional(statements.byName.get(kind, account, name)),
      list: (account) => statements.list.all(kind, account).map(toDocument),
      all: () => statements.all.all(kind).map(toDocument),
      update(account, id, { name, body }) {
        const row = rejectTakenName(kind, name ?? "", () =>
          statements.update.get(
            name ?? null,
            now().toISOString(),
            JSON.stringify(body),
            kind,
            account,
            id,
          ),
        );
        if (row === undefined) throw new Error(`No ${kind} ${id} in account ${account} to update.`);
        return toDocument(row);
      },
      remove: (account, id) => statements.remove.run(kind, account, id).changes > 0,
    };
  }

  return {
    collection,
    transaction(work) {
      database.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        database.exec("COMMIT");
        return result;
      } catch (error) {
        // On a full disk SQLite has rolled back already, and a second time would be an error of its own.
        if (database.isTransaction) database.exec("ROLLBACK");
        throw error;
      }
    },
    close: () => database.close(),
  };
}

function openExclusively(file: string): DatabaseSync {
  // SQLite would create it readable by all; its other files take the mode of this one.
  closeSync(openSync(file, "a", 0o600));
  chmodSync(file, 0o600);
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    // The lock is the kernel's, so it ends with the process, however that ends.
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = FULL; BEGIN EXCLUSIVE; COMMIT");
    database.exec(SCHEMA);
    return database;
  } catch (error) {
    database.close();
    if (hasErrcode(error) && error.errcode === SQLITE_BUSY) throw new StoreInUseError(file);
    throw error;
  }
}

function rejectTakenName<R>(kind: string, name: string, write: () => R): R {
  try {
    return write();
  } catch (error) {
    if (hasErrcode(error) && error.errcode === SQLITE_CONSTRAINT_UNIQUE) {
      throw new NameTakenError(kind, name);
    }
    throw error;
  }
}

function hasErrcode(error: unknown): error is { errcode: number } {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number";
}
