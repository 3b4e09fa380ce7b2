/** Sends again what did not arrive, a few times and not for ever. */
import { setTimeout as sleep } from "node:timers/promises";

/** How often and how long a message is tried. */
export interface Patience {
  readonly attempts: number;
  /** Before the second attempt; twice as long before each further one. */
  readonly firstPauseMs: number;
  /** Of one attempt. */
  readonly timeoutMs: number;
}

export const PATIENCE: Patience = { attempts: 4, firstPauseMs: 1000, timeoutMs: 10_000 };

/** The longest pause that a receiver may ask for. */
const LONGEST_PAUSE_MS = 30_000;

/** A message did not arrive. The text names no URL, since there may be a secret in it. */
export class DeliveryError extends Error {
  /** Whether it may arrive when it is sent again. */
  readonly isPassing: boolean;
  /** How long the receiver asks to wait; undefined: it does not say. */
  readonly pauseMs: number | undefined;

  constructor(message: string, isPassing: boolean, pauseMs?: number) {
    super(message);
    this.name = "DeliveryError";
    this.isPassing = isPassing;
    this.pauseMs = pauseMs;
  }
}

/**
 * Sends until it arrives.
 *
 * @param send one attempt, which ends with its signal.
 * @param signal ends everything at once.
 * @throws DeliveryError of the last attempt.
 */
export async function deliver(
  send: (signal: AbortSignal) => Promise<void>,
  { attempts, firstPauseMs, timeoutMs }: Patience,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptOnce(send, timeoutMs, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DeliveryError) || !error.isPassing || attempt >= attempts) throw error;
      const pause = error.pauseMs ?? firstPauseMs * 2 ** (attempt - 1);
      await sleep(Math.min(pause, LONGEST_PAUSE_MS), undefined, { signal });
    }
  }
}

async function attemptOnce(
  send: (signal: AbortSignal) => Promise<void>,
  timeoutMs: number,
  outer: AbortSignal,
): Promise<void> {
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    await send(AbortSignal.any([outer, limit]));
  } catch (error) {
    if (!limit.aborted || outer.aborted) throw error;
    throw new DeliveryError(`it did not answer within ${timeoutMs / 1000} s`, true);
  }
}

/** What an answer's status means. */
export const statusError = (status: number, retryAfter: string | null = null): DeliveryError => {
  const seconds = Number(retryAfter ?? Number.NaN);
  const pause = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  return new DeliveryError(`it answered ${status}`, status === 429 || status >= 500, pause);
};

/** What stands for an error of the network; its text might hold the URL. */
export function networkError(error: unknown): DeliveryError {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  const found = [cause?.code, code].find((each) => typeof each === "string");
  return new DeliveryError(`it cannot be reached (${found ?? "no cause is known"})`, true);
}
