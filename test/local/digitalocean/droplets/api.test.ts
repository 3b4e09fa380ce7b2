import { afterAll, beforeAll, expect, test } from "vitest";
import {
  startDigitalOcean,
  type TestDigitalOcean,
  type TestTeam,
} from "../../../support/digitalocean.ts";
import { type OwnCertificate, ownCertificate, serverUserData } from "../user-data.ts";
import { act, addressOf, createDroplet, dropletBody, REGION, untilStatus } from "./support.ts";

let api: TestDigitalOcean;
let team: TestTeam;
let certificate: OwnCertificate;
beforeAll(async () => {
  [api, certificate] = await Promise.all([startDigitalOcean(), ownCertificate()]);
  team = api.team("staging");
});
afterAll(() => api.close());

const create = (more: Readonly<Record<string, unknown>>) =>
  team.call("POST", "/v2/droplets", dropletBody(more));

test("a droplet without user data is active, in the region's default VPC and in a project", async () => {
  const droplet = await createDroplet(team, { name: "plain" });
  const { vpc } = (await team.call("GET", `/v2/vpcs/${droplet.vpc_uuid}`)).body;
  expect(vpc).toMatchObject({ name: `default-${REGION}`, region: REGION, default: true });
  expect(droplet).toMatchObject({
    memory: 1024,
    vcpus: 1,
    disk: 25,
    size: { slug: "s-1vcpu-1gb", price_monthly: 6 },
    region: { slug: REGION },
    image: { slug: "debian-13-x64" },
    features: ["private_networking"],
    volume_ids: [],
    backup_ids: [],
    next_backup_window: null,
  });
  expect(addressOf(droplet)).toMatch(/^127\./);
  expect(addressOf(droplet, "private")).toMatch(/^10\./);
  const members = await team.call("GET", `/v2/vpcs/${vpc.id}/members`);
  expect(members.body.members).toMatchObject([{ urn: `do:droplet:${droplet.id}`, name: "plain" }]);
  const resources = await team.call("GET", "/v2/projects/default/resources");
  expect(JSON.stringify(resources.body)).toContain(`do:droplet:${droplet.id}`);
});

test("a VPC with a droplet in it is not deleted, and without is", async () => {
  const { vpc } = (await team.call("POST", "/v2/vpcs", { name: "own", region: REGION })).body;
  const droplet = await createDroplet(team, { vpc_uuid: vpc.id });
  expect(await team.call("DELETE", `/v2/vpcs/${vpc.id}`)).toMatchObject({
    status: 403,
    body: { id: "forbidden", message: "Can not delete VPC with members." },
  });
  await team.call("DELETE", `/v2/droplets/${droplet.id}`);
  expect((await team.call("DELETE", `/v2/vpcs/${vpc.id}`)).status).toBe(204);
});

test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
  ["a name", { name: "not valid" }, /hostname/],
  ["a size", { size: "huge" }, /invalid size/],
  ["an image", { image: "windows-95" }, /invalid image/],
  ["a region", { region: "mars1" }, /mars1/],
  ["a VPC", { vpc_uuid: "00000000-0000-0000-0000-000000000000" }, /vpc_uuid/],
  ["a volume", { volumes: ["00000000-0000-0000-0000-000000000000"] }, /volumes/],
  ["an SSH key", { ssh_keys: [1] }, /ssh_keys/],
  ["no public address", { public_networking: false }, /public_networking/],
  ["IPv6", { ipv6: true }, /ipv6/],
  ["a field", { gpu: 1 }, /gpu/],
  ["user data", { user_data: "#!/bin/sh" }, /user_data.*#cloud-config/],
  ["a key of user data", { user_data: "#cloud-config\nbootcmd: [ls]\n" }, /user_data.*bootcmd/],
])("%s that is not served is refused by its name", async (_what, more, message) => {
  const before = (await team.call("GET", "/v2/droplets")).body.meta.total;
  const refused = await create(more);
  expect(refused.status).toBe(422);
  expect(refused.body.message).toMatch(message);
  expect((await team.call("GET", "/v2/droplets")).body.meta.total).toBe(before);
});

test("a server is refused on an image whose archive does not have its version", async () => {
  const user_data = serverUserData({ certificate });
  const refused = await create({ image: "ubuntu-24-04-x64", user_data });
  expect(refused.status).toBe(422);
  expect(refused.body.message).toMatch(/PostgreSQL 16 and not 17.*debian-13-x64/);
  expect((await create({ image: "ubuntu-24-04-x64" })).status).toBe(202);
});

test("actions that are not served are refused by their names, those that are complete", async () => {
  const { id } = await createDroplet(team);
  const path = `/v2/droplets/${id}`;
  const refused = await team.call("POST", `${path}/actions`, { type: "snapshot", name: "x" });
  expect(refused).toMatchObject({ status: 422, body: { message: expect.stringMatching(/^type/) } });
  const tooEarly = { type: "resize", size: "s-2vcpu-4gb" };
  expect((await team.call("POST", `${path}/actions`, tooEarly)).body.message).toMatch(/power off/);
  const action = await act(team, path, { type: "rename", name: "renamed" });
  expect(action).toMatchObject({ type: "rename", resource_id: id, region_slug: REGION });
  expect((await untilStatus(team, id, "active")).name).toBe("renamed");
  expect((await team.call("GET", `${path}/actions/${action.id}`)).body.action).toEqual(action);
  const { actions } = (await team.call("GET", `${path}/actions`)).body;
  expect(actions.map(({ type }) => type)).toEqual(["rename", "create"]);
});

test("backups are switched on and off", async () => {
  const { id, features } = await createDroplet(team, { backups: true, monitoring: true });
  expect(features).toEqual(["backups", "monitoring", "private_networking"]);
  await act(team, `/v2/droplets/${id}`, { type: "disable_backups" });
  expect((await untilStatus(team, id, "active")).features).not.toContain("backups");
});

test("droplets are found by name and by tag, and deleted by tag", async () => {
  const one = await createDroplet(team, { name: "tagged-1", tags: ["temporary"] });
  await createDroplet(team, { name: "tagged-2", tags: ["temporary"] });
  const total = async (query: string) =>
    (await team.call("GET", `/v2/droplets?${query}`)).body.meta.total;
  expect(await total("tag_name=temporary")).toBe(2);
  expect(await total("name=tagged-1")).toBe(1);
  expect((await team.call("DELETE", "/v2/droplets?tag_name=temporary")).status).toBe(204);
  expect(await total("tag_name=temporary")).toBe(0);
  expect((await team.call("GET", `/v2/droplets/${one.id}`)).status).toBe(404);
  expect((await team.call("DELETE", "/v2/droplets")).status).toBe(422);
});

test("another team's droplets, actions, volumes, firewalls and addresses are as if they were not", async () => {
  const droplet = await createDroplet(team);
  const action = await act(team, `/v2/droplets/${droplet.id}`, { type: "reboot" });
  const volume = (
    await team.call("POST", "/v2/volumes", { name: "v", region: REGION, size_gigabytes: 1 })
  ).body.volume;
  const sources = { addresses: ["10.0.0.0/8"] };
  const inbound_rules = [{ protocol: "tcp", ports: "22", sources }];
  const firewall = (await team.call("POST", "/v2/firewalls", { name: "f", inbound_rules })).body
    .firewall;
  const address = (await team.call("POST", "/v2/reserved_ips", { region: REGION })).body
    .reserved_ip;
  const stranger = api.team("stranger");
  for (const path of [
    `/v2/droplets/${droplet.id}`,
    `/v2/actions/${action.id}`,
    `/v2/volumes/${volume.id}`,
    `/v2/firewalls/${firewall.id}`,
    `/v2/reserved_ips/${address.ip}`,
  ]) {
    expect((await stranger.call("GET", path)).status).toBe(404);
    expect((await stranger.call("DELETE", path)).status).toBe(404);
    expect((await team.call("GET", path)).status).toBe(200);
  }
  const attach = { type: "attach", droplet_id: droplet.id };
  const own = (
    await stranger.call("POST", "/v2/volumes", { name: "v", region: REGION, size_gigabytes: 1 })
  ).body.volume;
  expect((await stranger.call("POST", `/v2/volumes/${own.id}/actions`, attach)).status).toBe(404);
  const rules = { name: "f", inbound_rules, droplet_ids: [droplet.id] };
  expect((await stranger.call("POST", "/v2/firewalls", rules)).status).toBe(422);
  expect((await team.call("PUT", `/v2/firewalls/${firewall.id}`, rules)).status).toBe(200);
});
