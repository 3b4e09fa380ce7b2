import type { ResultPromise } from "execa";
import { UserError } from "../user-error.ts";

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

/**
 * Work that changes nothing, and may be ended at once: by Ctrl-C, or when this process is told to end.
 *
 * @throws UserError when it was interrupted.
 */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const end = () => {
    controller.abort(interruption());
    // A vendor that does not answer keeps its connection, and this process with it.
    setTimeout(() => process.exit(1), LAST_WORDS_MS).unref();
  };
  process.once("SIGINT", end).once("SIGTERM", end).once("SIGHUP", end);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGINT", end).off("SIGTERM", end).off("SIGHUP", end);
  }
}

/** Milliseconds to say that the command was interrupted, and to remove temporary files. */
const LAST_WORDS_MS = 1500;

const interruption = (): UserError =>
  new UserError("The command was interrupted.", "Nothing was changed; run it again.");
