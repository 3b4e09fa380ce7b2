import { check, expectStatus, expectThat, type SmokeResult, textAt } from "./check.ts";
import type { WorkerClient } from "./http.ts";

/** `/health` is green and names the environment that the Worker is in (Q12, A16). */
export const healthCheck = (
  system: string,
  worker: string,
  environment: string,
  send: WorkerClient,
): Promise<SmokeResult> =>
  check(`${system} ${worker} ${environment}: /health names its environment`, async () => {
    const answer = await send({ method: "GET", path: "/health" });
    const named = textAt(expectStatus("/health", answer, 200), "environment");
    expectThat(named === environment, `/health says "${named}"`);
    return `200, environment "${named}"`;
  });
