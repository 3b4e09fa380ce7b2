import type { Variables } from "../engine/outputs.ts";
import type { Estate, SystemEstate } from "../estate.ts";
import { check, expectThat, type SmokeResult } from "../smoke/check.ts";
import { healthCheck } from "../smoke/health.ts";
import { workerClient } from "../smoke/http.ts";
import { loginChecks } from "../smoke/logins.ts";
import type { VendorFacts } from "./vendor-facts.ts";

/** Characters that a signing key must have (Q9). */
const SECRET_LENGTH = 64;

/**
 * What a release to an environment needs (Q14): each secret generated and set, each database there
 * and bound, each server lets its users in, each Worker deployed and healthy. Recorded is what the stack exports, live is what the
 * vendor answers; a check passes when they agree.
 *
 * @param variables The connection URLs of each system.
 * @param ingress Where public host names are reached on the local cloud; undefined at the vendor.
 */
export async function readiness(
  estate: Estate,
  variables: Variables,
  vendor: VendorFacts,
  ingress: string | undefined,
): Promise<SmokeResult[]> {
  const { environment } = estate;
  const systems = Object.entries(estate.systems).map(async ([name, system]) => {
    const deployed = Object.values(system.workers).map((worker) => ({
      ...worker,
      bound: vendor.boundTo(worker.scriptName),
    }));
    const live = await Promise.allSettled(deployed.map(({ bound }) => bound));
    const bound = live.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    return Promise.all([
      ...secretChecks(
        name,
        system,
        bound.flatMap(({ secrets }) => secrets),
      ),
      ...databaseChecks(
        name,
        system,
        vendor,
        bound.flatMap(({ databases }) => databases),
      ),
      ...bucketChecks(
        name,
        system,
        bound.flatMap(({ buckets }) => buckets),
      ),
      ...deployed.map(({ scriptName, urls, bound }) =>
        check(`${name}: the Worker ${scriptName} is deployed`, async () => {
          await bound;
          return urls.join(", ") || "called by other Workers only";
        }),
      ),
      ...Object.entries(system.urls).map(([worker, url]) =>
        healthCheck(name, worker, environment, workerClient(url, ingress)),
      ),
      ...loginChecks(name, { environment, variables: variables[name] ?? {} }),
    ]);
  });
  return (await Promise.all(systems)).flat();
}

function secretChecks(
  name: string,
  { secrets }: SystemEstate,
  live: readonly string[],
): Promise<SmokeResult>[] {
  return Object.entries(secrets).map(([secret, { set, length, version }]) =>
    check(`${name}: the secret ${secret} is generated and set`, async () => {
      expectThat(set, "not generated");
      expectThat(length >= SECRET_LENGTH, `${length} characters instead of ${SECRET_LENGTH}`);
      expectThat(live.includes(secret), "no deployed Worker has it");
      return `set, ${length} characters, version ${version}`;
    }),
  );
}

function databaseChecks(
  name: string,
  { databases }: SystemEstate,
  vendor: VendorFacts,
  live: readonly string[],
): Promise<SmokeResult>[] {
  return Object.values(databases).map((database) =>
    check(`${name}: the database ${database.name} is there and bound (T9)`, async () => {
      const liveName = await vendor.databaseName(database.id);
      expectThat(liveName === database.name, `the vendor calls ${database.id} "${liveName}"`);
      expectThat(live.includes(database.id), `no deployed Worker is bound to ${database.id}`);
      return database.id;
    }),
  );
}

/** Only R2's buckets are bound; Workers and others reach the rest by keys of their own. */
function bucketChecks(
  name: string,
  { buckets }: SystemEstate,
  live: readonly string[],
): Promise<SmokeResult>[] {
  const bindable = Object.values(buckets).filter(({ vendor }) => vendor === "r2");
  return bindable.map((bucket) =>
    check(`${name}: the bucket ${bucket.name} is bound`, async () => {
      expectThat(live.includes(bucket.name), "no deployed Worker is bound to it");
      return bucket.vendor;
    }),
  );
}
