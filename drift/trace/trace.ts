/** Who changed what has drifted, and when: from the vendors' logs, where there are any. */

import type { ResourceFact } from "../../isolation/facts.ts";
import { messageOf } from "../../policy/wording.ts";
import type { OpenResource } from "../engine/secrets.ts";
import type { Difference, Kind, Trace } from "../finding.ts";
import type { VendorAccounts } from "../vendors/accounts.ts";
import { readCloudTrail } from "./aws.ts";
import { readCloudflareLog } from "./cloudflare.ts";
import { readDigitalOceanLog } from "./digitalocean.ts";
import type { LogExtract, LoggedChange, LogQuery } from "./logged-change.ts";
import { isAbout, isSameInLogs, namesOf } from "./matching.ts";

/** What the findings of a stack are traced with. */
export interface TraceInput {
  /** The stack's resources as they are recorded. */
  readonly recorded: readonly ResourceFact[];
  /** The state, which tells when Pulumi changed each resource. */
  readonly secrets: () => Promise<readonly OpenResource[]>;
  readonly accounts: () => Promise<VendorAccounts>;
  /** What of a log may be shown. */
  readonly shown: (words: string) => string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signal: AbortSignal;
}

export interface Traced {
  readonly differences: readonly Difference[];
  /** Logs that could not be read, or not in full: two sentences each. */
  readonly notes: readonly string[];
}

/**
 * What a call of a vendor's API has done. No log tells of SQL, nor of code that was changed and not
 * deployed; what breaks a rule is traced where it has drifted.
 */
const TRACED: ReadonlySet<Kind> = new Set([
  "changed",
  "deleted",
  "unmanaged",
  "orphaned",
  "secret",
  "code",
  "access",
]);

/** Whose users are changed over the server's own protocol, of which no log tells. */
const SERVERS = /^(digitalocean:index\/database|aws:(rds|elasticache)\/)/;

/** How long the logs go back that keep changes for the shortest time, in milliseconds. */
const KEPT_MS = 90 * 24 * 60 * 60 * 1000;

/** How far the clocks of Pulumi's computer and a vendor may differ, in milliseconds. */
const CLOCKS_MS = 1000;

/**
 * The differences, each with the last change of its subject after Pulumi's own; what no stack owns, with the
 * first one: who made it. A trace that names somebody stays. Nothing fails: a log that cannot be read is a
 * note, and asked once a stack.
 */
export async function withTraces(
  differences: readonly Difference[],
  input: TraceInput,
): Promise<Traced> {
  const open = differences.filter(isOpen);
  if (open.length === 0) return { differences, notes: [] };
  const { suspects, accounts, problem } = await prepared(open, input);
  if (accounts === undefined) return { differences, notes: [problem ?? ""].filter(Boolean) };

  const logs = await Promise.all(LOGS.map((log) => extractOf(log, accounts, suspects, input)));
  const changes = logs.flatMap((each) => each.changes);
  const traces = new Map(
    suspects.map((suspect) => [suspect.difference, traceIn(changes, suspect, input)]),
  );
  return {
    differences: differences.map((difference) => {
      const trace = traces.get(difference) ?? null;
      // A vendor's word on when is worth as much as a log's that names nobody.
      const isBetter = trace !== null && (difference.trace === null || trace.actor !== null);
      return isBetter ? { ...difference, trace } : difference;
    }),
    notes: logs.flatMap(({ note }) => note ?? []),
  };
}

const isOpen = ({ kind, subject, trace }: Difference): boolean =>
  TRACED.has(kind) &&
  subject.id !== null &&
  (trace?.actor ?? null) === null &&
  !(kind === "access" && SERVERS.test(subject.type));

/** A difference with what is asked of the logs. */
interface Suspect {
  readonly difference: Difference;
  readonly names: readonly string[];
  /** When Pulumi was done with it: milliseconds since 1970. */
  readonly settledAt: number;
}

async function prepared(
  open: readonly Difference[],
  { recorded, secrets, accounts, now, signal, shown }: TraceInput,
): Promise<{
  readonly suspects: readonly Suspect[];
  readonly accounts?: VendorAccounts;
  readonly problem?: string;
}> {
  try {
    const changedAt = new Map((await secrets()).map((each) => [each.urn, each.changedAt]));
    const parts = recorded.map((fact) => ({
      type: fact.type,
      names: namesOf({ type: fact.type, id: fact.id ?? null }, fact),
      at: Date.parse(changedAt.get(fact.urn) ?? ""),
      fact,
    }));
    const suspects = open.flatMap((difference) => {
      const { subject } = difference;
      const own = parts.find(({ fact }) => fact.urn === subject.urn);
      const names = own?.names ?? namesOf(subject, undefined);
      if (subject.urn === null) return [{ difference, names, settledAt: now - KEPT_MS }];
      // Some things are made of several resources, each of which Pulumi changes by itself.
      const settled = parts
        .filter(
          (part) =>
            part === own ||
            (isSameInLogs(part.type, subject.type) &&
              part.names.some((name) => names.includes(name))),
        )
        .map(({ at }) => at)
        .filter((at) => !Number.isNaN(at));
      // Without a time nobody can tell Pulumi's own changes from others.
      if (settled.length === 0) return [];
      return [{ difference, names, settledAt: Math.max(...settled) + CLOCKS_MS }];
    });
    return { suspects, accounts: await accounts() };
  } catch (error) {
    signal.throwIfAborted();
    return { suspects: [], problem: unread("The vendors' logs", "", error, shown) };
  }
}

function traceIn(
  changes: readonly LoggedChange[],
  { difference, names, settledAt }: Suspect,
  { shown }: TraceInput,
): Trace | null {
  const { type, urn } = difference.subject;
  const own = changes
    .filter((change) => change.at > settledAt && isAbout(change, type, names))
    // Stable: of those in the same second, logs have the newest first too.
    .sort((a, b) => b.at - a.at);
  const change = urn === null ? own.at(-1) : own[0];
  if (change === undefined) return null;
  const { at, actor, source } = change;
  return { actor: actor && shown(actor), at: new Date(at).toISOString(), source };
}

/** A vendor's log. */
interface Log {
  /** Begins the type tokens of its resources. */
  readonly vendor: string;
  /** Begins a sentence. */
  readonly name: string;
  /** What the credentials need. */
  readonly permission: string;
  /** Undefined where the stack has no account there. */
  readonly read: (
    accounts: VendorAccounts,
    query: LogQuery,
    suspects: readonly Suspect[],
  ) => Promise<LogExtract> | undefined;
}

const LOGS: readonly Log[] = [
  {
    vendor: "cloudflare:",
    name: "Cloudflare's audit log",
    permission: "Account Settings Read",
    read: ({ cloudflare }, query) => cloudflare && readCloudflareLog(cloudflare, query),
  },
  {
    vendor: "aws:",
    name: "AWS CloudTrail",
    permission: "cloudtrail:LookupEvents",
    read: ({ aws }, query) => aws && readCloudTrail(aws, query),
  },
  {
    vendor: "digitalocean:",
    name: "DigitalOcean's list of actions",
    permission: "actions:read and database:read",
    read: ({ digitalocean }, query, suspects) =>
      digitalocean &&
      readDigitalOceanLog(digitalocean, query, {
        clusters: namesIn(suspects, /:index\/database/),
        volumes: namesIn(suspects, /:index\/volume/),
      }),
  },
];

const namesIn = (suspects: readonly Suspect[], type: RegExp): string[] => [
  ...new Set(
    suspects
      .filter(({ difference }) => type.test(difference.subject.type))
      .flatMap(({ names }) => names),
  ),
];

async function extractOf(
  { vendor, name, permission, read }: Log,
  accounts: VendorAccounts,
  all: readonly Suspect[],
  { now, signal, shown }: TraceInput,
): Promise<{ readonly changes: readonly LoggedChange[]; readonly note?: string }> {
  const suspects = all.filter(({ difference }) => difference.subject.type.startsWith(vendor));
  if (suspects.length === 0) return { changes: [] };
  const since = Math.max(now - KEPT_MS, Math.min(...suspects.map(({ settledAt }) => settledAt)));
  const wanted = new Set(suspects.flatMap(({ names }) => names));
  try {
    const extract = await read(accounts, { since, wanted, signal }, suspects);
    if (extract === undefined) return { changes: [] };
    const { changes, isCut } = extract;
    const note = `${name} has more changes since the stack was deployed than are read, so that older ones name nobody. Run drift more often.`;
    return { changes, ...(isCut ? { note } : {}) };
  } catch (error) {
    signal.throwIfAborted();
    return { changes: [], note: unread(name, permission, error, shown) };
  }
}

function unread(
  name: string,
  permission: string,
  error: unknown,
  shown: TraceInput["shown"],
): string {
  const words = messageOf(error);
  const said = shown(words).trim().replace(/\.?$/, ".");
  const remedy =
    permission === ""
      ? "Run again later."
      : `Give the stack's credentials ${permission}, or do without.`;
  return `${name} could not be read, so that findings do not say who made them: ${said} ${remedy}`;
}
