import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  startDigitalOcean,
  type TestDigitalOcean,
  type TestTeam,
} from "../../../support/digitalocean.ts";
import { type OwnCertificate, ownCertificate, serverUserData } from "../user-data.ts";
import {
  act,
  addressOf,
  createDroplet,
  dropletBody,
  failureOf,
  query,
  REGION,
  untilStatus,
} from "./support.ts";

let api: TestDigitalOcean;
let team: TestTeam;
let certificate: OwnCertificate;
beforeAll(async () => {
  [api, certificate] = await Promise.all([startDigitalOcean(), ownCertificate()]);
  team = api.team("staging");
});
afterAll(() => api.close());

/** A new cloud on the same data; what the old one was at is broken off. */
const restart = async () => {
  api = await api.restart();
  team = { ...team, call: api.caller(team.apiToken) };
};
const sql = "CREATE ROLE app LOGIN PASSWORD 'pass'; CREATE DATABASE app OWNER app; ";
const loginTo = (droplet: Parameters<typeof addressOf>[0]) => ({
  host: addressOf(droplet),
  ca: certificate.authority,
  user: "app",
  password: "pass",
  database: "app",
});

test("a droplet that is being created when the cloud ends is brought up by the next one", async () => {
  const body = dropletBody({ user_data: serverUserData({ certificate, sql }) });
  const created = await team.call("POST", "/v2/droplets", body);
  await restart();
  const droplet = await untilStatus(team, created.body.droplet.id, "active");
  expect(await query(loginTo(droplet), "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  const [link] = created.body.links.actions ?? [];
  const { action } = (await team.call("GET", `/v2/actions/${link?.id}`)).body;
  expect(action).toMatchObject({ type: "create", status: "completed", resource_id: droplet.id });
});

test("set-up that was broken off in the middle is finished, each statement once", async () => {
  const slow = `CREATE TABLE marks (n int); INSERT INTO marks VALUES (1); SELECT pg_sleep(3);
    INSERT INTO marks VALUES (2); GRANT SELECT ON marks TO app;`;
  const user_data = serverUserData({ certificate, sql: sql + slow });
  const created = await team.call("POST", "/v2/droplets", dropletBody({ user_data }));
  const folder = () =>
    api.cloud.store
      .collection<{ begun: number; state: string }>("do-machine-data")
      .get(team.accountId, `do-droplet-${created.body.droplet.id}`)?.body;
  await vi.waitFor(() => expect(folder()?.begun).toBe(5), { timeout: 60_000, interval: 20 });
  await restart();
  const droplet = await untilStatus(team, created.body.droplet.id, "active");
  expect(folder()).toMatchObject({ begun: 7, state: "ready" });
  const login = { ...loginTo(droplet), database: "postgres" };
  expect(await query(login, "TABLE marks")).toEqual([{ n: 1 }, { n: 2 }]);
});

test("servers run again after a restart as they did before, and those that were off stay off", async () => {
  const user_data = serverUserData({ certificate, sql });
  const [on, off] = await Promise.all([
    createDroplet(team, { name: "on", user_data }),
    createDroplet(team, { name: "off", user_data }),
  ]);
  await query(loginTo(on), "CREATE TABLE kept AS SELECT 42 AS answer");
  await act(team, `/v2/droplets/${off.id}`, { type: "shutdown" });
  await restart();
  expect(await query(loginTo(on), "TABLE kept")).toEqual([{ answer: 42 }]);
  expect(await failureOf(loginTo(off))).toBe("ECONNREFUSED");
  expect(await untilStatus(team, off.id, "off")).toMatchObject({ name: "off" });
});

test("data that was to be deleted when the cloud ended is deleted by the next one", async () => {
  const body = { name: "old", region: REGION, size_gigabytes: 1, filesystem_type: "ext4" };
  const { volume } = (await team.call("POST", "/v2/volumes", body)).body;
  const user_data = serverUserData({ certificate, sql, volume: "old" });
  const droplet = await createDroplet(team, { user_data, volumes: [volume.id] });
  await team.call("DELETE", `/v2/droplets/${droplet.id}`);
  const remove = vi
    .spyOn(api.cloud.engines.postgres, "remove")
    .mockRejectedValueOnce(new Error("cut"));
  expect((await team.call("DELETE", `/v2/volumes/${volume.id}`)).status).toBe(204);
  expect(api.logLines).toContainEqual(
    expect.stringMatching(`^The deletion of the data of do-volume-${volume.id} cannot go on`),
  );
  expect(remove).toHaveBeenCalledWith(`do-volume-${volume.id}`);
  await restart();
  expect((await team.call("GET", `/v2/volumes/${volume.id}`)).status).toBe(404);
  expect(api.cloud.store.collection("do-machine-discarded").all()).toEqual([]);
});
