import type { Observation } from "../isolation/observation.ts";
import type { Finding } from "./rule.ts";

/** One undecided finding for each value that is not known yet; the engine tells it at `up`. */
export function* undecidedPaths(
  { resource: { urn } }: Observation,
  paths: Iterable<string>,
  what: string,
): Generator<Finding> {
  for (const path of paths)
    yield { status: "undecided", urn, path, message: `${what} is not known yet.` };
}
