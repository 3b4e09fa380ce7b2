import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  refusalOf,
  startTestCloud,
  type TestCloud,
  type TestEnvironment,
} from "../../support/local-cloud.ts";
import { exchange, putWorker, replying } from "../../support/workers.ts";

let cloud: TestCloud;
let dev: TestEnvironment;
let production: TestEnvironment;

beforeAll(async () => {
  cloud = await startTestCloud();
  // Older than production, so first in every list.
  dev = cloud.environment("dev");
  production = cloud.environment("production");
  await putWorker(dev, "thief", replying("'thief'"));
  await putWorker(production, "owner", replying("'owner'"));
});
afterAll(() => cloud.close());

const addRoute = ({ client, zoneId }: TestEnvironment, pattern: string, script: string) =>
  client.workers.routes.create({ zone_id: zoneId, pattern, script });

describe("routes", () => {
  it("cannot take host names of another environment's zone (Q6)", async () => {
    const { domain } = production;
    await addRoute(production, `www.${domain}/*`, "owner");
    const patterns = [
      `www.${domain}/*`,
      `*.${domain}/*`,
      `https://www.${domain}/api/*`,
      "*/*",
      "*",
    ];
    for (const pattern of [...patterns, `*${domain}/*`, "*.example/*", `${domain}.evil/*`]) {
      expect(await refusalOf(addRoute(dev, pattern, "thief"))).toMatchObject({
        status: 400,
        code: 10022,
      });
    }
    const own = await addRoute(dev, `a.${dev.domain}/*`, "thief");
    const moved = dev.client.workers.routes.update(own.id, {
      zone_id: dev.zoneId,
      pattern: `*.${domain}/*`,
      script: "thief",
    });
    expect(await refusalOf(moved)).toMatchObject({ status: 400, code: 10022 });
    expect((await exchange(cloud, `www.${domain}`)).body.toString()).toBe('"owner"');
  });

  it("that would reach beyond the zone by a wildcard stay within it", async () => {
    await addRoute(dev, `*${dev.domain}/*`, "thief");
    expect((await exchange(cloud, `b.${dev.domain}`)).body.toString()).toBe('"thief"');
    expect((await exchange(cloud, `evil${dev.domain}`)).status).toBe(404);
  });

  it("cannot be changed to a pattern that is taken", async () => {
    await addRoute(dev, `one.${dev.domain}/*`, "thief");
    const two = await addRoute(dev, `two.${dev.domain}/*`, "thief");
    const clash = dev.client.workers.routes.update(two.id, {
      zone_id: dev.zoneId,
      pattern: `one.${dev.domain}/*`,
      script: "thief",
    });
    expect(await refusalOf(clash)).toMatchObject({ status: 409, code: 10020 });
  });

  it("match whatever the case of the host name in their pattern", async () => {
    await addRoute(production, `UPPER.${production.domain}/*`, "owner");
    const { body } = await exchange(cloud, `upper.${production.domain}`);
    expect(body.toString()).toBe('"owner"');
  });
});

describe("custom domains", () => {
  const addDomain = (hostname: string) =>
    production.client.workers.domains.update({
      account_id: production.accountId,
      hostname,
      service: "owner",
      zone_id: production.zoneId,
    });

  it("are served whatever the case in which they were given", async () => {
    const domain = await addDomain(`API.${production.domain}`);
    expect(domain.hostname).toBe(`api.${production.domain}`);
    const { body } = await exchange(cloud, `api.${production.domain}`);
    expect(body.toString()).toBe('"owner"');
  });

  it.each(["*.", "a b.", "x/y.", "-."])("cannot begin with %j", async (beginning) => {
    const call = addDomain(`${beginning}${production.domain}`);
    expect(await refusalOf(call)).toMatchObject({ status: 400, code: 100114 });
  });
});
