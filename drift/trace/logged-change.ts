/** What the logs of all vendors have in common. */

/** One change, as a vendor's log tells of it. */
export interface LoggedChange {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Null where the vendor does not name anybody. */
  readonly actor: string | null;
  /** Which log, for reports. */
  readonly source: string;
  /** What was done to what kind of thing, in the vendor's words: `ModifyDBInstance`, `r2.bucket`. */
  readonly what: string;
  /** Ids or names of what was changed. */
  readonly resources: readonly string[];
}

/** What a reader of a log is asked for. */
export interface LogQuery {
  /** Milliseconds since 1970: nothing earlier is asked for. */
  readonly since: number;
  /** Ids and names of what has drifted. */
  readonly wanted: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/** As much of a log as was read. */
export interface LogExtract {
  /** Newest first. */
  readonly changes: readonly LoggedChange[];
  /** Whether there is more, which was left. */
  readonly isCut: boolean;
}

/** Milliseconds for one request: who has changed something is nothing to wait for. */
export const REQUEST_TIMEOUT_MS = 20_000;
