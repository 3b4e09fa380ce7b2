import { messageOf } from "../user-error.ts";
import type { HttpAnswer, WorkerClient } from "./http.ts";

/** One thing that the smoke test showed, or could not show. */
export interface SmokeResult {
  readonly name: string;
  readonly status: "PASS" | "FAIL" | "NOT-RUN";
  /** What was seen; never a secret. */
  readonly evidence: string;
}

/** A system in one environment, as the smoke test reaches it. */
export interface SmokeTarget {
  readonly environment: string;
  readonly send: WorkerClient;
  /** Runs one statement in the system's database through the vendor's API. */
  query(sql: string, params: readonly string[]): Promise<void>;
}

/** A fact that a check relies on did not hold. */
class Unexpected extends Error {}

/** Runs a check; `work` returns the evidence and throws when something is not as expected. */
export async function check(name: string, work: () => Promise<string>): Promise<SmokeResult> {
  try {
    return { name, status: "PASS", evidence: await work() };
  } catch (error) {
    return { name, status: "FAIL", evidence: messageOf(error) };
  }
}

/**
 * Removes what checks have made. A failure is a FAIL of its own, which keeps no other clean-up from
 * running and no result from being seen; a success is not worth a line.
 */
export async function cleanUp(
  system: string,
  { environment }: SmokeTarget,
  work: () => Promise<void>,
): Promise<SmokeResult[]> {
  const result = await check(
    `${system} ${environment}: what the checks made is removed`,
    async () => {
      await work();
      return "";
    },
  );
  return result.status === "PASS" ? [] : [result];
}

/** The answer's JSON when it has that status. */
export function expectStatus(what: string, answer: HttpAnswer, status: number): unknown {
  if (answer.status === status) return answer.json;
  throw new Unexpected(
    `${what} answered ${answer.status} instead of ${status}: ${answer.body.toString("utf8").slice(0, 200)}`,
  );
}

/** @throws when a fact does not hold. */
export function expectThat(holds: boolean, otherwise: string): void {
  if (!holds) throw new Unexpected(otherwise);
}

/** A nested text of an answer's JSON. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  let current = value;
  for (const key of path) {
    current =
      typeof current === "object" && current !== null
        ? (current as Record<string, unknown>)[key]
        : undefined;
  }
  if (typeof current === "string") return current;
  throw new Unexpected(`the answer has no text at ${path.join(".")}`);
}
