import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Segment } from "./blobs.ts";
import type {
  ListedVersion,
  NewVersion,
  ObjectVersion,
  Part,
  StoredContent,
  Upload,
} from "./object-records.ts";

/** Where a listing begins; keys are in the order of their UTF-8 bytes. */
export interface Start {
  readonly key: string;
  readonly isInclusive: boolean;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS versions (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    bucket   TEXT NOT NULL,
    key      TEXT NOT NULL,
    version  TEXT NOT NULL,
    latest   INTEGER NOT NULL,
    marker   INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    size     INTEGER NOT NULL,
    etag     TEXT NOT NULL,
    content  TEXT NOT NULL,
    UNIQUE (bucket, key, version)
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS latest_versions ON versions (bucket, key) WHERE latest = 1;
  CREATE INDEX IF NOT EXISTS versions_in_order ON versions (bucket, key, sequence DESC);
  CREATE TABLE IF NOT EXISTS uploads (
    id        TEXT PRIMARY KEY,
    bucket    TEXT NOT NULL,
    key       TEXT NOT NULL,
    initiated INTEGER NOT NULL,
    body      TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS uploads_in_order ON uploads (bucket, key, id);
  CREATE TABLE IF NOT EXISTS parts (
    upload TEXT NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    body   TEXT NOT NULL,
    PRIMARY KEY (upload, number)
  ) STRICT, WITHOUT ROWID`;

const LISTED = "key, version, sequence, latest, marker, modified, size, etag";

/**
 * What is where in the buckets of one vendor: a SQLite file of its own, every change on disk before it is
 * answered (`synchronous = FULL`). Each method is one transaction. Those that take content out answer its
 * segments, whose files are no longer needed.
 */
export class ObjectIndex {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL");
    this.#database.exec("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    this.#database.exec(SCHEMA);
  }

  close(): void {
    this.#database.close();
  }

  /** The latest version, which may be a delete marker. */
  latest(bucket: string, key: string): ObjectVersion | undefined {
    return this.#version("bucket = ? AND key = ? AND latest = 1", bucket, key);
  }

  version(bucket: string, key: string, version: string): ObjectVersion | undefined {
    return this.#version("bucket = ? AND key = ? AND version = ?", bucket, key, version);
  }

  /** Makes the version the latest one; it takes the place of one with the same name. */
  put(version: NewVersion): Segment[] {
    return this.#transaction(() => this.#put(version));
  }

  /** Takes one version out; the newest of those that are left becomes the latest. */
  remove(bucket: string, key: string, version: string): ObjectVersion | undefined {
    return this.#transaction(() => this.#remove(bucket, key, version));
  }

  changeContent({ sequence }: Pick<ObjectVersion, "sequence">, content: StoredContent): void {
    this.#sql("UPDATE versions SET content = ? WHERE sequence = ?").run(
      JSON.stringify(content),
      sequence,
    );
  }

  /** The latest versions that are no delete markers, in the order of their keys. */
  *listLatest(bucket: string, { key, isInclusive }: Start): Generator<ListedVersion> {
    const rows = this.#sql(
      `SELECT ${LISTED} FROM versions WHERE bucket = ? AND latest = 1 AND marker = 0
       AND key ${isInclusive ? ">=" : ">"} ? ORDER BY key`,
    ).iterate(bucket, key);
    for (const row of rows) yield listedVersion(row);
  }

  /** All versions and markers, in the order of their keys, the newest of a key first. */
  *listVersions(bucket: string, { key, isInclusive }: Start): Generator<ListedVersion> {
    const rows = this.#sql(
      `SELECT ${LISTED} FROM versions INDEXED BY versions_in_order WHERE bucket = ?
       AND key ${isInclusive ? ">=" : ">"} ? ORDER BY key, sequence DESC`,
    ).iterate(bucket, key);
    for (const row of rows) yield listedVersion(row);
  }

  /** The versions of one key that are older than another of them. */
  listOlderVersions(bucket: string, key: string, sequence: number): ListedVersion[] {
    return this.#sql(
      `SELECT ${LISTED} FROM versions WHERE bucket = ? AND key = ? AND sequence < ?
       ORDER BY sequence DESC`,
    )
      .all(bucket, key, sequence)
      .map(listedVersion);
  }

  contentOf(sequence: number): StoredContent | undefined {
    const row = this.#sql("SELECT content FROM versions WHERE sequence = ?").get(sequence);
    return row === undefined ? undefined : (JSON.parse(text(row, "content")) as StoredContent);
  }

  isEmpty(bucket: string): boolean {
    return this.#sql("SELECT 1 FROM versions WHERE bucket = ? LIMIT 1").get(bucket) === undefined;
  }

  /** How many objects there are, versions that are not the latest left out. */
  count(bucket: string): number {
    const row = this.#sql(
      "SELECT count(*) AS n FROM versions WHERE bucket = ? AND latest = 1 AND marker = 0",
    ).get(bucket);
    return number(row, "n");
  }

  createUpload({ id, bucket, key, initiated, facts, checksum }: Upload): void {
    this.#sql("INSERT INTO uploads (id, bucket, key, initiated, body) VALUES (?, ?, ?, ?, ?)").run(
      id,
      bucket,
      key,
      initiated,
      JSON.stringify({ facts, checksum }),
    );
  }

  upload(id: string): Upload | undefined {
    const row = this.#sql("SELECT * FROM uploads WHERE id = ?").get(id);
    return row === undefined ? undefined : uploadOf(row);
  }

  /** In the order of their keys. */
  *listUploads(bucket: string, { key, isInclusive }: Start): Generator<Upload> {
    const rows = this.#sql(
      `SELECT * FROM uploads WHERE bucket = ? AND key ${isInclusive ? ">=" : ">"} ? ORDER BY key, id`,
    ).iterate(bucket, key);
    for (const row of rows) yield uploadOf(row);
  }

  /** The uploads of one key whose ids come after another. */
  listUploadsAfter(bucket: string, key: string, id: string): Upload[] {
    return this.#sql("SELECT * FROM uploads WHERE bucket = ? AND key = ? AND id > ? ORDER BY id")
      .all(bucket, key, id)
      .map(uploadOf);
  }

  /** It takes the place of an earlier part with its number. */
  putPart({ upload, number: place, ...body }: Part): Segment[] {
    return this.#transaction(() => {
      const earlier = this.#sql("SELECT * FROM parts WHERE upload = ? AND number = ?").get(
        upload,
        place,
      );
      this.#sql("REPLACE INTO parts (upload, number, body) VALUES (?, ?, ?)").run(
        upload,
        place,
        JSON.stringify(body),
      );
      return earlier === undefined ? [] : [...partOf(earlier).segments];
    });
  }

  /** In the order of their numbers. */
  parts(upload: string): Part[] {
    return this.#sql("SELECT * FROM parts WHERE upload = ? ORDER BY number")
      .all(upload)
      .map(partOf);
  }

  removeUpload(id: string): Segment[] {
    return this.#transaction(() => this.#removeUpload(id));
  }

  /** Makes an object of an upload: the segments that are not in it are no longer needed. */
  completeUpload(id: string, version: NewVersion): Segment[] {
    return this.#transaction(() => {
      const kept = new Set(version.content.segments.map(({ file }) => file));
      const uploaded = this.#removeUpload(id).filter(({ file }) => !kept.has(file));
      return [...uploaded, ...this.#put(version)];
    });
  }

  /** Every file that something is kept in. */
  files(): Set<string> {
    const rows = this.#sql(
      `SELECT value ->> 'file' AS file FROM versions, json_each(content, '$.segments')
       UNION ALL SELECT value ->> 'file' FROM parts, json_each(body, '$.segments')`,
    ).iterate();
    return new Set([...rows].map((row) => text(row, "file")));
  }

  #put({ bucket, key, version, isMarker, modified, size, etag, content }: NewVersion): Segment[] {
    const replaced = this.#remove(bucket, key, version);
    this.#sql("UPDATE versions SET latest = 0 WHERE bucket = ? AND key = ? AND latest = 1").run(
      bucket,
      key,
    );
    this.#sql(
      `INSERT INTO versions (bucket, key, version, latest, marker, modified, size, etag, content)
       VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?)`,
    ).run(bucket, key, version, Number(isMarker), modified, size, etag, JSON.stringify(content));
    return [...(replaced?.content.segments ?? [])];
  }

  #remove(bucket: string, key: string, version: string): ObjectVersion | undefined {
    const removed = this.version(bucket, key, version);
    if (removed === undefined) return undefined;
    this.#sql("DELETE FROM versions WHERE sequence = ?").run(removed.sequence);
    if (removed.isLatest) {
      this.#sql(
        `UPDATE versions SET latest = 1 WHERE sequence =
         (SELECT max(sequence) FROM versions WHERE bucket = ? AND key = ?)`,
      ).run(bucket, key);
    }
    return removed;
  }

  #removeUpload(id: string): Segment[] {
    const segments = this.parts(id).flatMap((part) => part.segments);
    this.#sql("DELETE FROM uploads WHERE id = ?").run(id);
    return segments;
  }

  #version(where: string, ...values: string[]): ObjectVersion | undefined {
    const row = this.#sql(`SELECT * FROM versions WHERE ${where}`).get(...values);
    if (row === undefined) return undefined;
    return {
      ...listedVersion(row),
      bucket: text(row, "bucket"),
      content: JSON.parse(text(row, "content")) as StoredContent,
    };
  }

  #transaction<R>(work: () => R): R {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      // On a full disk SQLite has rolled back already, and a second time would be an error of its own.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #sql(source: string): StatementSync {
    const known = this.#statements.get(source) ?? this.#database.prepare(source);
    this.#statements.set(source, known);
    return known;
  }
}

type Row = object | undefined;
const column = (row: Row, name: string): unknown => (row as Record<string, unknown>)[name];
const text = (row: Row, name: string): string => String(column(row, name));
const number = (row: Row, name: string): number => Number(column(row, name));

const listedVersion = (row: Row): ListedVersion => ({
  key: text(row, "key"),
  version: text(row, "version"),
  sequence: number(row, "sequence"),
  isLatest: number(row, "latest") === 1,
  isMarker: number(row, "marker") === 1,
  modified: number(row, "modified"),
  size: number(row, "size"),
  etag: text(row, "etag"),
});

const uploadOf = (row: Row): Upload => ({
  ...(JSON.parse(text(row, "body")) as Pick<Upload, "facts" | "checksum">),
  id: text(row, "id"),
  bucket: text(row, "bucket"),
  key: text(row, "key"),
  initiated: number(row, "initiated"),
});

const partOf = (row: Row): Part => ({
  ...(JSON.parse(text(row, "body")) as Omit<Part, "upload" | "number">),
  upload: text(row, "upload"),
  number: number(row, "number"),
});
