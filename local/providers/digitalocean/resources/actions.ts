/** Actions: changes that the vendor carries out one after another, and tells the end of. */
import type { Action } from "../../../../providers/digitalocean-api/types.ts";
import { waitUntil } from "../../../../providers/sdk/wait.ts";
import type { DigitalOceanContext } from "./shared.ts";

/** How long one action may take, in milliseconds. */
const ACTION_TIMEOUT_MS = 10 * 60 * 1000;

/**
 * Asks for an action and waits for its end.
 * @param path of what is acted on, such as `/droplets/12/actions`.
 */
export async function act(
  context: DigitalOceanContext,
  path: string,
  body: { readonly type: string; readonly [field: string]: unknown },
): Promise<void> {
  const { api } = context.client;
  const { action } = await api.post<{ action: Action }>(path, body);
  let found = action;
  await waitUntil(context, {
    doing: body.type.replaceAll("_", " "),
    timeoutMs: ACTION_TIMEOUT_MS,
    async probe() {
      if (found.status === "in-progress")
        found = (await api.get<{ action: Action }>(`/actions/${action.id}`)).action;
      const outcome =
        found.status === "completed" ? "ready" : found.status === "errored" ? "failed" : "waiting";
      return { value: found, status: found.status, outcome };
    },
  });
}
