import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { intersection, parseRange } from "../../../local/ipv4.ts";
import {
  startDigitalOcean,
  type TestDigitalOcean,
  type TestTeam,
} from "../../support/digitalocean.ts";

let api: TestDigitalOcean;
let team: TestTeam;
beforeAll(async () => {
  api = await startDigitalOcean();
  team = api.team("staging");
});
afterAll(() => api.close());

const create = (body: object, by = team) => by.call("POST", "/v2/vpcs", body);

test("a VPC is created, read, listed, changed and deleted", async () => {
  await create({ name: "first-of-ams3", region: "ams3" });
  const request = { name: "net", region: "ams3", ip_range: "10.10.0.0/20", description: "private" };
  const created = await create(request);
  expect(created.status).toBe(201);
  const { vpc } = created.body;
  expect(vpc).toMatchObject({ ...request, default: false, urn: `do:vpc:${vpc.id}` });
  expect(vpc.created_at).toMatch(/^\d{4}-\d\d-\d\dT/);
  expect((await team.call("GET", `/v2/vpcs/${vpc.id}`)).body.vpc).toEqual(vpc);
  expect((await team.call("GET", "/v2/vpcs")).body.vpcs).toContainEqual(vpc);

  const put = await team.call("PUT", `/v2/vpcs/${vpc.id}`, { name: "net-2", description: "" });
  expect(put.body.vpc).toMatchObject({ id: vpc.id, name: "net-2", description: "" });
  const patched = await team.call("PATCH", `/v2/vpcs/${vpc.id}`, { description: "again" });
  expect(patched.body.vpc).toMatchObject({ name: "net-2", description: "again" });
  expect((await team.call("PUT", `/v2/vpcs/${vpc.id}`, { description: "" })).status).toBe(422);

  expect((await team.call("DELETE", `/v2/vpcs/${vpc.id}`)).status).toBe(204);
  expect(await team.call("GET", `/v2/vpcs/${vpc.id}`)).toMatchObject({
    status: 404,
    body: { id: "not_found" },
  });
});

test("the first VPC of a region is its default, which moves but is not deleted", async () => {
  const first = (await create({ name: "lon-1", region: "lon1" })).body.vpc;
  const second = (await create({ name: "lon-2", region: "lon1" })).body.vpc;
  expect([first.default, second.default]).toEqual([true, false]);
  expect(await team.call("DELETE", `/v2/vpcs/${first.id}`)).toMatchObject({
    status: 403,
    body: { id: "forbidden" },
  });
  expect((await team.call("PATCH", `/v2/vpcs/${first.id}`, { default: false })).status).toBe(403);
  await team.call("PATCH", `/v2/vpcs/${second.id}`, { default: true });
  expect((await team.call("GET", `/v2/vpcs/${first.id}`)).body.vpc.default).toBe(false);
  expect((await team.call("DELETE", `/v2/vpcs/${first.id}`)).status).toBe(204);
});

test.each([
  ["10.30.0.0/15", /between \/16 and \/28/],
  ["10.30.0.0/29", /between \/16 and \/28/],
  ["10.30.0.1/24", /not a valid CIDR/],
  ["10.30.0.0", /not a valid CIDR/],
  ["8.8.0.0/20", /private range/],
  ["fd00::/20", /not a valid CIDR/],
  ["10.20.16.0/24", /overlaps with another VPC network in your account: 10\.20\.0\.0\/16/],
])("the range %s is refused", async (ip_range, message) => {
  const region = "fra1";
  await create({ name: "wide", region, ip_range: "10.20.0.0/16" });
  const refused = await create({ name: "narrow", region, ip_range });
  expect(refused.status).toBe(422);
  expect(refused.body.message).toMatch(message);
  const good = await create({ name: "good", region, ip_range: "10.21.0.0/16" });
  expect(good.status).toBe(201);
  await team.call("DELETE", `/v2/vpcs/${good.body.vpc.id}`);
});

test("ranges that the cloud chooses never overlap with one another or with chosen ones", async () => {
  const other = api.team("ranges");
  const given = fc.integer({ min: 100, max: 110 }).map((second) => `10.${second}.0.0/17`);
  await fc.assert(
    fc.asyncProperty(fc.option(given, { nil: undefined }), async (ip_range) => {
      const name = `net-${Math.random()}`;
      await create({ name, region: "nyc1", ...(ip_range && { ip_range }) }, other);
      const { vpcs } = (await other.call("GET", "/v2/vpcs?per_page=200")).body;
      const ranges = vpcs.flatMap(({ ip_range }) => parseRange(ip_range) ?? []);
      expect(ranges).toHaveLength(vpcs.length);
      for (const [index, a] of ranges.entries()) {
        for (const b of ranges.slice(index + 1)) expect(intersection(a, b)).toBeUndefined();
      }
    }),
    { numRuns: 20 },
  );
});

test("names are unique in a team, regions known, and unknown fields refused", async () => {
  await create({ name: "taken", region: "nyc1" });
  expect((await create({ name: "taken", region: "sfo3" })).status).toBe(422);
  expect((await create({ name: "bad name", region: "nyc1" })).status).toBe(422);
  expect((await create({ name: "nowhere", region: "mars1" })).body.message).toMatch(/mars1/);
  expect((await create({ name: "extra", region: "nyc1", flow_logs: true })).status).toBe(422);
  expect((await create({ name: "taken", region: "nyc1" }, api.team("other"))).status).toBe(201);
});

test("another team's VPC is as one that does not exist", async () => {
  const { id } = (await create({ name: "ours", region: "nyc1" })).body.vpc;
  const stranger = api.team("stranger");
  for (const [method, body] of [["GET"], ["DELETE"], ["PUT", { name: "x" }]] as const) {
    const foreign = await stranger.call(method, `/v2/vpcs/${id}`, body);
    const absent = await stranger.call(method, "/v2/vpcs/0", body);
    expect(foreign.status).toBe(404);
    expect(foreign.body.message).toBe(absent.body.message);
  }
  expect((await stranger.call("GET", "/v2/vpcs")).body.vpcs).toEqual([]);
  expect((await team.call("GET", `/v2/vpcs/${id}`)).status).toBe(200);
});
