import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Buckets } from "../../../local/object-storage/buckets.ts";
import { DIALECTS } from "../../../local/object-storage/dialect.ts";
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

const create = (name: string, more: object = {}) =>
  team.call("POST", "/v2/projects", { name, purpose: "Service or API", ...more });
const volumeUrn = async (name: string) => {
  const body = { name, region: "ams3", size_gigabytes: 1 };
  return `do:volume:${(await team.call("POST", "/v2/volumes", body)).body.volume.id}`;
};
const urnsOf = async (project: string) =>
  (await team.call("GET", `/v2/projects/${project}/resources?per_page=200`)).body.resources.map(
    ({ urn }) => urn,
  );

test("a team has a default project from the beginning, which is not deleted", async () => {
  const { project } = (await team.call("GET", "/v2/projects/default")).body;
  expect(project).toMatchObject({ is_default: true, environment: "" });
  expect((await team.call("DELETE", `/v2/projects/${project.id}`)).status).toBe(412);
});

test("a project is created, read, changed and deleted", async () => {
  const created = await create("shop", { environment: "staging", description: "the shop" });
  expect(created.status).toBe(201);
  const { project } = created.body;
  expect(project).toMatchObject({ name: "shop", environment: "Staging", is_default: false });
  expect((await team.call("GET", `/v2/projects/${project.id}`)).body.project).toEqual(project);
  const patched = await team.call("PATCH", `/v2/projects/${project.id}`, { purpose: "Other: x" });
  expect(patched.body.project).toMatchObject({ purpose: "Other: x", description: "the shop" });
  const whole = { name: "shop-2", description: "", purpose: "y", environment: "Production" };
  const put = await team.call("PUT", `/v2/projects/${project.id}`, { ...whole, is_default: false });
  expect(put.body.project).toMatchObject(whole);
  expect((await team.call("DELETE", `/v2/projects/${project.id}`)).status).toBe(204);
  expect((await team.call("GET", `/v2/projects/${project.id}`)).status).toBe(404);
});

test("another project can become the default one", async () => {
  const before = (await team.call("GET", "/v2/projects/default")).body.project.id;
  const { id } = (await create("new-default")).body.project;
  await team.call("PATCH", `/v2/projects/${id}`, { is_default: true });
  expect((await team.call("GET", "/v2/projects/default")).body.project.id).toBe(id);
  expect((await team.call("PATCH", `/v2/projects/${id}`, { is_default: false })).status).toBe(422);
  await team.call("PATCH", `/v2/projects/${before}`, { is_default: true });
  expect((await team.call("DELETE", `/v2/projects/${id}`)).status).toBe(204);
});

test("resources are in the default project until they are put into another", async () => {
  const urn = await volumeUrn("data");
  const { id } = (await create("with-resources")).body.project;
  expect(await urnsOf("default")).toContain(urn);
  const assigned = await team.call("POST", `/v2/projects/${id}/resources`, { resources: [urn] });
  expect(assigned.body.resources).toMatchObject([{ urn, status: "assigned" }]);
  expect(await urnsOf(id)).toEqual([urn]);
  expect(await urnsOf("default")).not.toContain(urn);

  const refused = await team.call("DELETE", `/v2/projects/${id}`);
  expect(refused).toMatchObject({ status: 412, body: { id: "precondition_failed" } });
  expect(refused.body.message).toMatch(/cannot delete a project with resources/);
  await team.call("POST", "/v2/projects/default/resources", { resources: [urn] });
  expect((await team.call("DELETE", `/v2/projects/${id}`)).status).toBe(204);
});

test("a resource that is deleted leaves its project, which may then be deleted", async () => {
  const urn = await volumeUrn("short-lived");
  const { id } = (await create("short-lived")).body.project;
  await team.call("POST", `/v2/projects/${id}/resources`, { resources: [urn] });
  await team.call("DELETE", `/v2/volumes/${urn.split(":")[2]}`);
  expect(await urnsOf(id)).toEqual([]);
  expect((await team.call("DELETE", `/v2/projects/${id}`)).status).toBe(204);
});

test("what is not the team's is put into no project, and then nothing of the request is", async () => {
  const urn = await volumeUrn("ours");
  const { id } = (await create("strict")).body.project;
  const resources = [urn, "do:volume:00000000-0000-0000-0000-000000000000"];
  expect((await team.call("POST", `/v2/projects/${id}/resources`, { resources })).status).toBe(422);
  expect(await urnsOf(id)).toEqual([]);
  const stranger = api.team("stranger");
  const own = (await stranger.call("GET", "/v2/projects/default")).body.project.id;
  const foreign = { resources: [urn] };
  expect((await stranger.call("POST", `/v2/projects/${own}/resources`, foreign)).status).toBe(422);
  expect((await stranger.call("POST", `/v2/projects/${id}/resources`, foreign)).status).toBe(404);
  expect((await team.call("POST", `/v2/projects/${id}/resources`, foreign)).status).toBe(200);
});

test.each([
  ["a name that is taken", { name: "twice" }, 409],
  ["an unknown environment", { name: "x", environment: "Playground" }, 422],
  ["an unknown field", { name: "x", colour: "red" }, 422],
])("%s is refused", async (_what, more, status) => {
  await create("twice");
  expect((await create("x", more)).status).toBe(status);
});

test("a bucket of Spaces is a resource, and one of the same name later is another", async () => {
  const buckets = new Buckets(api.cloud.store, DIALECTS.digitalocean);
  const make = () =>
    buckets.create("media-of-staging", {
      accountId: team.accountId,
      region: "ams3",
      settings: { acl: "private" },
    });
  const first = make();
  const { id } = (await create("media")).body.project;
  const urn = "do:space:media-of-staging";
  await team.call("POST", `/v2/projects/${id}/resources`, { resources: [urn] });
  expect(await urnsOf(id)).toEqual([urn]);
  buckets.remove(first);
  expect(await urnsOf(id)).toEqual([]);
  const assigned = Date.now();
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(assigned));
  make();
  expect(await urnsOf(id)).toEqual([]);
  expect(await urnsOf("default")).toContain(urn);
});
