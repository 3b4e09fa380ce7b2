import type { ResultPromise } from "execa";

/*
 * Ctrl-C reaches every process of the terminal's group, so Pulumi has it already and ends its update
 * in order: what is under way finishes, the state is written, the lock is released. This process
 * must only stay until then; ending first would have Pulumi killed in the middle.
 */

let interrupted = false;

/** Whether a signal has asked this process to end; nothing further is to be started then. */
export const wasInterrupted = (): boolean => interrupted;

/** Waits for a child that ends by itself when this process is told to. */
export async function outlasting<T>(
  child: Pick<ResultPromise, "kill">,
  work: () => Promise<T>,
): Promise<T> {
  const wait = () => {
    interrupted = true;
  };
  // Sent to this process alone, unlike the terminal's signals.
  const pass = () => {
    interrupted = true;
    child.kill("SIGINT");
  };
  process.on("SIGINT", wait).on("SIGHUP", wait).on("SIGTERM", pass);
  try {
    return await work();
  } finally {
    process.off("SIGINT", wait).off("SIGHUP", wait).off("SIGTERM", pass);
  }
}
