import { afterAll, beforeAll, expect, test } from "vitest";
import {
  startDigitalOcean,
  type TestDigitalOcean,
  type TestTeam,
} from "../../support/digitalocean.ts";
import { act, createDroplet, REGION } from "./droplets/support.ts";

let api: TestDigitalOcean;
let team: TestTeam;
beforeAll(async () => {
  api = await startDigitalOcean();
  team = api.team("staging");
});
afterAll(() => api.close());

const create = (name: string, more: object = {}) =>
  team.call("POST", "/v2/volumes", { name, region: REGION, size_gigabytes: 10, ...more });
const created = async (name: string, more?: object) => (await create(name, more)).body.volume;

test("a volume is created, read, found by name and region, and deleted", async () => {
  const request = {
    description: "data",
    filesystem_type: "ext4",
    filesystem_label: "data",
    tags: ["db"],
  };
  const answer = await create("data", request);
  expect(answer.status).toBe(201);
  const { volume } = answer.body;
  expect(volume).toMatchObject({ ...request, name: "data", size_gigabytes: 10, droplet_ids: [] });
  expect(volume.region.slug).toBe(REGION);
  expect((await team.call("GET", `/v2/volumes/${volume.id}`)).body.volume).toEqual(volume);
  const query = `name=data&region=${REGION}`;
  expect((await team.call("GET", `/v2/volumes?${query}`)).body.volumes).toEqual([volume]);
  expect((await team.call("GET", "/v2/volumes?name=data&region=nyc1")).body.volumes).toEqual([]);
  expect((await team.call("DELETE", `/v2/volumes?${query}`)).status).toBe(204);
  expect((await team.call("GET", `/v2/volumes/${volume.id}`)).status).toBe(404);
});

test("a volume is attached to one droplet of its region at most, and deleted when it is free", async () => {
  const { id } = await created("single");
  const path = `/v2/volumes/${id}`;
  const [one, two] = [await createDroplet(team), await createDroplet(team)];
  const far = await createDroplet(team, { region: "nyc1" });
  const attach = (droplet_id: number) => ({ type: "attach", droplet_id, region: REGION });
  const post = (body: object) => team.call("POST", `${path}/actions`, body);
  expect((await post(attach(far.id))).status).toBe(422);

  const action = await act(team, path, attach(one.id));
  expect(action).toMatchObject({ type: "attach_volume", resource_type: "volume" });
  expect((await team.call("GET", path)).body.volume.droplet_ids).toEqual([one.id]);
  expect((await team.call("GET", `/v2/droplets/${one.id}`)).body.droplet.volume_ids).toEqual([id]);
  expect((await post(attach(two.id))).status).toBe(409);
  expect((await team.call("DELETE", path)).status).toBe(409);
  const byName = { type: "detach", volume_name: "single", region: REGION, droplet_id: one.id };
  expect((await team.call("POST", "/v2/volumes/actions", byName)).status).toBe(202);
  await act(team, path, attach(two.id));
  await team.call("DELETE", `/v2/droplets/${two.id}`);
  expect((await team.call("GET", path)).body.volume.droplet_ids).toEqual([]);
  expect((await team.call("DELETE", path)).status).toBe(204);
});

test("a volume grows but does not shrink", async () => {
  const { id } = await created("growing");
  const path = `/v2/volumes/${id}`;
  const resize = (size_gigabytes: number) => ({ type: "resize", size_gigabytes });
  expect((await team.call("POST", `${path}/actions`, resize(5))).status).toBe(422);
  await act(team, path, resize(20));
  expect((await team.call("GET", path)).body.volume.size_gigabytes).toBe(20);
});

test.each<[string, object, number]>([
  ["a name that is taken", { name: "taken" }, 409],
  ["a name", { name: "Bad_Name" }, 422],
  ["a region", { region: "mars1" }, 422],
  ["a size", { size_gigabytes: 0 }, 422],
  ["a filesystem", { filesystem_type: "ntfs" }, 422],
  ["a label without a filesystem", { filesystem_label: "x" }, 422],
  ["a snapshot", { snapshot_id: "x" }, 422],
])("%s that cannot be is refused", async (_what, more, status) => {
  await create("taken");
  expect((await create("fine", more)).status).toBe(status);
  const good = await create("fine");
  expect(good.status).toBe(201);
  await team.call("DELETE", `/v2/volumes/${good.body.volume.id}`);
});
