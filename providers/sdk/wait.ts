/** Waiting for a vendor that answers at once and works on. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "./definition.ts";
import { explainFault, ProviderError } from "./fault.ts";

/** How long a server, such as a database cluster, may take to get ready, in milliseconds. */
export const SERVER_TIMEOUT_MS = 30 * 60 * 1000;
/** How long a vendor may leave looks unanswered, in milliseconds: longer than it takes to restart. */
const SILENCE_MS = 30_000;
/** Longest pause between two looks, in milliseconds; the first ones follow faster. */
const POLL_MS = 5000;
const FIRST_POLL_MS = 200;
/** A pause is at most this part of the time waited so far, so that short waits end soon. */
const PAUSE_FRACTION = 0.25;

/** One look at a resource. */
export interface Probe<T> {
  readonly value: T;
  /** The vendor's own word for the state. */
  readonly status: string;
  /** `failed` ends the wait: the vendor will not get on by itself. */
  readonly outcome: "waiting" | "ready" | "failed";
}

/** What to wait for. */
interface Wait<T> {
  /** What goes on, such as `creating`: begins each status line. */
  readonly doing: string;
  probe(): Promise<Probe<T>>;
  /** The longest wait in milliseconds, unless the program's `customTimeouts` say otherwise. */
  readonly timeoutMs: number;
  readonly pollMs?: number;
  readonly silenceMs?: number;
}

/**
 * Looks until the probe says ready, and tells how long it has waited meanwhile. A vendor that does
 * not answer a look is asked again, for half a minute.
 *
 * @throws ProviderError at the time-out, on cancel and for a failed resource; and what the probe
 *   throws. Inside `finish` the base makes an {@link UnfinishedError} of it, and `up` waits on.
 */
export async function waitUntil<T>(
  context: Pick<Context<unknown>, "what" | "signal" | "timeoutMs" | "log" | "fault">,
  { doing, probe, timeoutMs, pollMs = POLL_MS, silenceMs = SILENCE_MS }: Wait<T>,
): Promise<T> {
  const { what, signal, log } = context;
  const limit = context.timeoutMs ?? timeoutMs;
  const started = performance.now();
  let status = "not known";
  let heard = started;
  for (;;) {
    const isSilent = performance.now() - heard >= silenceMs;
    const found = await (isSilent ? lastLook(context, probe) : look(context, probe));
    const waited = performance.now() - started;
    if (found !== undefined) heard = performance.now();
    if (found?.outcome === "ready") return found.value;
    status = found?.status ?? status;
    const state = `its state at the vendor is "${status}"`;
    if (found?.outcome === "failed")
      throw new ProviderError(
        `The ${what} has failed after ${duration(waited)} of ${doing}: ${state}. See the vendor's events for the cause; then run \`pulumi up\` again, or replace it with \`pulumi up --replace\` and its URN.`,
      );
    if (signal.aborted)
      throw new ProviderError(
        `Waiting for the ${what} was cancelled after ${duration(waited)} of ${doing}; ${state}. Run \`pulumi up\` again to go on waiting.`,
      );
    if (waited >= limit)
      throw new ProviderError(
        `The ${what} is not ready after ${duration(waited)} of ${doing}: ${state}. Run \`pulumi up\` again to go on waiting, or allow more time with the resource option customTimeouts.`,
      );
    const line = status === doing ? doing : `${doing} (${status})`;
    log(`${line}: ${duration(waited)}`, { ephemeral: true });
    const pause = Math.min(pollMs, Math.max(FIRST_POLL_MS, waited * PAUSE_FRACTION));
    // An abort ends the pause; one more look then tells how it stands.
    await sleep(Math.min(pause, Math.max(1, limit - waited)), undefined, { signal }).catch(
      () => {},
    );
  }
}

/** A silence that has lasted so long ends the wait, and is no reason to begin it anew. */
async function lastLook<T>(
  { what, fault }: Pick<Context<unknown>, "what" | "fault">,
  probe: () => Promise<Probe<T>>,
): Promise<Probe<T>> {
  try {
    return await probe();
  } catch (error) {
    const silence = fault(error);
    if (silence?.kind !== "lost" && silence?.kind !== "unavailable") throw error;
    throw new ProviderError(explainFault(`The ${what} cannot be waited for`, silence).message);
  }
}

async function look<T>(
  { fault }: Pick<Context<unknown>, "fault">,
  probe: () => Promise<Probe<T>>,
): Promise<Probe<T> | undefined> {
  try {
    return await probe();
  } catch (error) {
    const kind = fault(error)?.kind;
    if (kind === "lost" || kind === "unavailable") return undefined;
    throw error;
  }
}

function duration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
