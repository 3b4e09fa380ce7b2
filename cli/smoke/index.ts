import type { LocalSession } from "../cloud/session.ts";
import type { Variables } from "../engine/outputs.ts";
import type { Estate, SystemEstate } from "../estate.ts";
import { UserError } from "../user-error.ts";
import type { SmokeResult, SmokeTarget } from "./check.ts";
import { cuttyIsolation } from "./cutty.ts";
import { healthCheck } from "./health.ts";
import { workerClient } from "./http.ts";
import { loginIsolation } from "./logins.ts";
import { qhubIsolation } from "./qhub.ts";

/** Systems whose isolation is tried by a user of each of two environments. */
const ISOLATION: Readonly<
  Record<string, (a: SmokeTarget, b: SmokeTarget) => Promise<SmokeResult[]>>
> = { qhub: qhubIsolation, cutty: cuttyIsolation };

/** The two environments that must not see each other's data. */
const PAIR = ["staging", "production"] as const;

/**
 * Asks every system's Workers over HTTP whether they work, and tries whether the environments are kept
 * apart.
 *
 * @param variables the connection URLs of each stack.
 */
export async function smokeTest(
  estates: readonly Estate[],
  variables: Readonly<Record<string, Variables>>,
  local: LocalSession,
): Promise<SmokeResult[]> {
  const health = estates.flatMap(({ environment, systems }) =>
    Object.entries(systems).flatMap(([system, { urls }]) =>
      Object.entries(urls).map(([worker, url]) =>
        healthCheck(system, worker, environment, workerClient(url, local.info.apiUrl)),
      ),
    ),
  );
  const isDeployed = (system: string) => estates.some(({ systems }) => system in systems);
  const isolation = Object.entries(ISOLATION).map(async ([system, run]) => {
    if (!isDeployed(system)) return [];
    const [a, b] = PAIR.map((environment) => {
      const estate = estates.find((candidate) => candidate.environment === environment);
      const declared = estate?.systems[system];
      return estate && declared && targetOf(estate, system, declared, local);
    });
    if (a && b) return run(a, b);
    const name = `${system}: ${PAIR.join(" and ")} are isolated`;
    return [{ name, status: "NOT-RUN" as const, evidence: "not deployed in both" }];
  });
  const systems = [...new Set(PAIR.flatMap((stack) => Object.keys(variables[stack] ?? {})))];
  const logins = systems.map((system) => {
    const [a, b] = PAIR.map((environment) => ({
      environment,
      variables: variables[environment]?.[system] ?? {},
    }));
    return a && b ? loginIsolation(system, a, b) : [];
  });
  return [
    ...(await Promise.all(health)),
    ...(await Promise.all(isolation)).flat(),
    ...(await Promise.all(logins)).flat(),
  ];
}

function targetOf(
  { environment, cloudflareAccountId }: Estate,
  system: string,
  declared: SystemEstate,
  { info, credentials }: LocalSession,
): SmokeTarget {
  const [url] = Object.values(declared.urls);
  const [database] = Object.values(declared.databases);
  if (url === undefined || database === undefined) {
    throw new UserError(
      `The system ${system} has no address or no database in ${environment}.`,
      `Deploy it with \`npx bulkhead up ${environment}\`.`,
    );
  }
  return {
    environment,
    send: workerClient(url, info.apiUrl),
    async query(sql, params) {
      const response = await fetch(
        `${info.apiUrl}/client/v4/accounts/${cloudflareAccountId}/d1/database/${database.id}/query`,
        {
          method: "POST",
          headers: {
            authorization: `Bearer ${credentials[environment]?.apiToken}`,
            "content-type": "application/json",
          },
          body: JSON.stringify({ sql, params }),
        },
      );
      if (response.ok) return;
      throw new UserError(
        `A statement of the smoke test in ${database.name} was refused: ${await response.text()}`,
        "Look into the log with `npx bulkhead local logs`.",
      );
    },
  };
}
