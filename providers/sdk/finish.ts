/** The part of an operation that comes after the vendor has the resource. */
import type { AnyResource, Context, LooseLive } from "./definition.ts";
import { UnfinishedError } from "./fault.ts";
import { retrying } from "./retry.ts";
import type { PlainMap } from "./values.ts";

/**
 * Finishes a resource that exists; `attempt` begins the sentence of an error. Throws {@link UnfinishedError} whatever goes wrong, so that the
 * engine never loses the id of something that the vendor has.
 */
export async function finish<Client>(
  resource: AnyResource<Client>,
  context: Context<Client>,
  live: LooseLive,
  inputs: PlainMap,
  attempt: string,
): Promise<LooseLive> {
  if (resource.finish === undefined) return live;
  try {
    return await retrying(
      attempt,
      context.signal,
      context.fault,
      async () => resource.finish?.(context, live, inputs) ?? live,
    );
  } catch (error) {
    if (error instanceof UnfinishedError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new UnfinishedError(message, live, { cause: error });
  }
}
