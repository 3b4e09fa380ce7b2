/** Waiting for what RDS and ElastiCache make and delete in their own time. */
import { SERVER_TIMEOUT_MS, waitUntil } from "../../../providers/sdk/wait.ts";
import { awsCode } from "./fault.ts";
import type { AwsContext } from "./shared.ts";

/** What is there to be deleted. */
interface Deletion {
  readonly remove: () => Promise<unknown>;
  /** The code by which the vendor refuses what is not in a state to be deleted. */
  readonly busyCode: string;
  /** The vendor's word for its state; undefined when it is gone. */
  readonly status: () => Promise<string | undefined>;
}

/** Deletes, or lets another run's deletion go on, and waits until it is done. */
export async function deleteAndWait(
  context: AwsContext,
  { remove, busyCode, status }: Deletion,
): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (awsCode(error) !== busyCode) throw error;
    if (!["deleting", undefined].includes(await status())) throw error;
  }
  await waitUntil(context, {
    doing: "deleting",
    timeoutMs: SERVER_TIMEOUT_MS,
    probe: async () => {
      const found = await status();
      const outcome = found === undefined ? "ready" : "waiting";
      return { value: undefined, status: found ?? "deleted", outcome };
    },
  });
}

/** Waits until a thing that the vendor makes or changes is active. */
export function untilActive<F extends { readonly Status?: string | undefined }>(
  context: AwsContext,
  find: () => Promise<F | undefined>,
): Promise<F> {
  return waitUntil(context, {
    doing: "making active",
    timeoutMs: SERVER_TIMEOUT_MS,
    probe: async () => {
      const found = await find();
      const status = found?.Status ?? "not found";
      const outcome = status === "active" ? "ready" : found ? "waiting" : "failed";
      return { value: found as F, status, outcome };
    },
  });
}
