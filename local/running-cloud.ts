import { realpathSync } from "node:fs";
import { type CloudRecord, readRecord } from "./paths.ts";
import { hasArgument, isAlive } from "./processes.ts";

/** A cloud that works answers in milliseconds; this is for a machine that swaps. */
const HEALTH_TIMEOUT_MS = 3000;
const ADMINISTRATION_TIMEOUT_MS = 15_000;

/** The cloud's process is there and does not answer. */
export class SilentCloudError extends Error {
  constructor({ pid, apiUrl }: CloudRecord, options?: ErrorOptions) {
    super(
      `The local cloud (process ${pid}) is alive but does not answer at ${apiUrl}. ` +
        "Try again in a moment; if it stays so, end it with `npx bulkhead local down`, which loses no data.",
      options,
    );
  }
}

/** The argument by which the cloud of a state folder is told from any other process. */
export const stateArgument = (stateDir: string): string => `--state=${realpathSync(stateDir)}`;

/** The cloud whose process runs on this state folder, whether or not it answers. */
export async function findProcess(stateDir: string): Promise<CloudRecord | undefined> {
  const record = readRecord(stateDir);
  if (record === undefined) return undefined;
  return (await hasArgument(record.pid, stateArgument(stateDir))) ? record : undefined;
}

/** The cloud that runs on this state folder and answers. Throws SilentCloudError when it does not answer. */
export async function findRunning(stateDir: string): Promise<CloudRecord | undefined> {
  const record = readRecord(stateDir);
  if (record === undefined || !isAlive(record.pid)) return undefined;
  if (await answers(record)) return record;
  if ((await findProcess(stateDir)) === undefined) return undefined;
  throw new SilentCloudError(record);
}

/** Calls an administration route. Throws the cloud's refusal, or SilentCloudError. */
export async function administer<T>(record: CloudRecord, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${record.apiUrl}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${record.adminToken}`,
      "content-type": "application/json",
    },
    signal: AbortSignal.timeout(ADMINISTRATION_TIMEOUT_MS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new SilentCloudError(record, { cause });
  });
  const answer = (await response.json()) as { error?: string };
  if (!response.ok) throw new Error(answer.error ?? `The local cloud refused ${path}.`);
  return answer as T;
}

async function answers(record: CloudRecord): Promise<boolean> {
  try {
    const response = await fetch(`${record.apiUrl}/local/health`, {
      signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
    });
    const { pid } = (await response.json()) as { pid?: number };
    return pid === record.pid;
  } catch {
    return false;
  }
}
