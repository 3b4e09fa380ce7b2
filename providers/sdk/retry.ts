/** Waiting for a vendor that does not answer. */
import { setTimeout as sleep } from "node:timers/promises";
import { explainFault, type VendorFault } from "./fault.ts";

/** Waits between attempts while the vendor does not answer, in milliseconds: about eight seconds in all. */
export const RETRY_DELAYS_MS: readonly number[] = [250, 500, 1000, 2000, 4000];

/**
 * Runs `work` until the vendor answers or the delays are used up. `work` must be safe to repeat.
 * Throws the vendor's fault explained by `attempt`, and any other error as it is.
 */
export async function retrying<T>(
  attempt: string,
  signal: AbortSignal,
  toFault: (error: unknown) => VendorFault | undefined,
  work: () => Promise<T>,
  onLost: () => void = () => {},
): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      const fault = toFault(error);
      if (fault === undefined) throw error;
      if (fault.kind === "lost") onLost();
      const delay = RETRY_DELAYS_MS[tries];
      const silent = fault.kind === "lost" || fault.kind === "unavailable";
      if (!silent || delay === undefined || signal.aborted) throw explainFault(attempt, fault);
      // An abort ends the wait; the next attempt is then the last one.
      await sleep(delay, undefined, { signal }).catch(() => {});
    }
  }
}
