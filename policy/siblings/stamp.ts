import { backendFolder, stateFileStamp } from "./file-backend.ts";
import type { ListedStack } from "./listing.ts";

/**
 * Milliseconds in which a second update may begin and carry the time of the first one: Pulumi Cloud
 * counts whole seconds, and clocks differ.
 */
const SETTLING_MS = 10_000;

/**
 * A text that changes whenever the stack's state does; undefined where nothing tells. Pulumi's time of
 * the last update is not enough by itself in a self-managed backend: `pulumi stack import` and
 * `pulumi state delete` leave it as it was. In a folder the state's file tells; in a bucket nothing.
 *
 * @param now milliseconds since 1970.
 */
export async function stampOf(
  { name, lastUpdate, updating, resourceCount }: ListedStack,
  backendUrl: string | undefined,
  now: number,
): Promise<string | undefined> {
  if (updating) return undefined;
  const folder = backendFolder(backendUrl);
  if (folder !== undefined) {
    const file = await stateFileStamp(folder, name.project, name.stack);
    return file && JSON.stringify([file, lastUpdate]);
  }
  const isService = /^https?:\/\//.test(backendUrl ?? "");
  if (!isService || lastUpdate === undefined) return undefined;
  const age = Math.abs(now - Date.parse(lastUpdate));
  return age > SETTLING_MS ? JSON.stringify([lastUpdate, resourceCount]) : undefined;
}
