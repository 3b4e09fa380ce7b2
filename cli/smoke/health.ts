import {
  check,
  expectStatus,
  expectThat,
  type SmokeResult,
  type SmokeTarget,
  textAt,
} from "./check.ts";

/** `/health` is green and names the environment that the Worker is in (Q12, A16). */
export const healthCheck = (
  system: string,
  target: Pick<SmokeTarget, "environment" | "send">,
): Promise<SmokeResult> =>
  check(`${system} ${target.environment}: /health names its environment`, async () => {
    const answer = await target.send({ method: "GET", path: "/health" });
    const named = textAt(expectStatus("/health", answer, 200), "environment");
    expectThat(named === target.environment, `/health says "${named}"`);
    return `200, environment "${named}"`;
  });
