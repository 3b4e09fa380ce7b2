import { afterAll, beforeAll, expect, test } from "vitest";
import {
  startDigitalOcean,
  type TestDigitalOcean,
  type TestTeam,
} from "../../support/digitalocean.ts";
import { createDroplet } from "./droplets/support.ts";

let api: TestDigitalOcean;
let team: TestTeam;
beforeAll(async () => {
  api = await startDigitalOcean();
  team = api.team("staging");
});
afterAll(() => api.close());

const everywhere = { addresses: ["0.0.0.0/0", "::/0"] };
const ssh = { protocol: "tcp", ports: "22", sources: everywhere };
const all = { protocol: "udp", ports: "all", destinations: everywhere };
const create = (more: object) =>
  team.call("POST", "/v2/firewalls", { name: "web", inbound_rules: [ssh], ...more });
const read = async (id: string) => (await team.call("GET", `/v2/firewalls/${id}`)).body.firewall;

test("a firewall is created, read, replaced and deleted, with all ports as the vendor writes them", async () => {
  const droplet = await createDroplet(team);
  const created = await create({ outbound_rules: [all], droplet_ids: [droplet.id], tags: ["web"] });
  const { firewall } = created.body;
  expect(firewall).toMatchObject({
    name: "web",
    status: "succeeded",
    inbound_rules: [ssh],
    outbound_rules: [{ ...all, ports: "0" }],
    droplet_ids: [droplet.id],
    tags: ["web"],
    pending_changes: [],
  });
  expect(await read(firewall.id)).toEqual(firewall);
  const path = `/v2/firewalls/${firewall.id}`;
  const icmp = { protocol: "icmp", sources: { tags: ["web"] } };
  const put = await team.call("PUT", path, { name: "web-2", inbound_rules: [icmp] });
  expect(put.body.firewall).toMatchObject({
    name: "web-2",
    inbound_rules: [{ ...icmp, ports: "0" }],
    outbound_rules: [],
    droplet_ids: [],
    tags: [],
  });
  expect((await team.call("DELETE", path)).status).toBe(204);
  expect((await team.call("GET", path)).status).toBe(404);
});

test("droplets, tags and rules are added and taken away one by one", async () => {
  const droplet = await createDroplet(team);
  const { id } = (await create({ name: "parts" })).body.firewall;
  const change = async (method: string, part: string, body: object) =>
    expect((await team.call(method, `/v2/firewalls/${id}/${part}`, body)).status).toBe(204);
  const web = { ...ssh, ports: "8000-9000" };
  await change("POST", "droplets", { droplet_ids: [droplet.id] });
  await change("POST", "tags", { tags: ["edge"] });
  await change("POST", "rules", { inbound_rules: [web], outbound_rules: [all] });
  const before = await team.call("GET", `/v2/droplets/${droplet.id}/firewalls`);
  expect(before.body.firewalls).toMatchObject([{ id, tags: ["edge"], inbound_rules: [ssh, web] }]);
  await change("DELETE", "rules", { inbound_rules: [ssh], outbound_rules: [all] });
  await change("DELETE", "tags", { tags: ["edge"] });
  expect(await read(id)).toMatchObject({ inbound_rules: [web], outbound_rules: [], tags: [] });
  await team.call("DELETE", `/v2/droplets/${droplet.id}`);
  expect((await read(id)).droplet_ids).toEqual([]);
});

test.each<[string, object]>([
  ["no rules", { inbound_rules: [] }],
  ["a protocol", { inbound_rules: [{ ...ssh, protocol: "sctp" }] }],
  ["ports", { inbound_rules: [{ ...ssh, ports: "9000-8000" }] }],
  ["a port", { inbound_rules: [{ ...ssh, ports: "70000" }] }],
  ["an address", { inbound_rules: [{ ...ssh, sources: { addresses: ["10.0.0.0/33"] } }] }],
  ["no sources", { inbound_rules: [{ ...ssh, sources: {} }] }],
  ["load balancers", { inbound_rules: [{ ...ssh, sources: { load_balancer_uids: ["x"] } }] }],
  ["a droplet", { droplet_ids: [1] }],
  ["a droplet in a rule", { inbound_rules: [{ ...ssh, sources: { droplet_ids: [1] } }] }],
  ["a field", { default: "deny" }],
])("%s that cannot be is refused", async (_what, more) => {
  expect((await create({ name: "bad", ...more })).status).toBe(422);
  const good = await create({ name: "bad" });
  expect(good.status).toBe(202);
  await team.call("DELETE", `/v2/firewalls/${good.body.firewall.id}`);
});

test("a name is used once in a team", async () => {
  expect((await create({ name: "once" })).status).toBe(202);
  expect((await create({ name: "once" })).status).toBe(409);
});
