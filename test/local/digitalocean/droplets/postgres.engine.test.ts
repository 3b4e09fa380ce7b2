import { afterAll, beforeAll, expect, test } from "vitest";
import {
  startDigitalOcean,
  type TestDigitalOcean,
  type TestTeam,
} from "../../../support/digitalocean.ts";
import { type OwnCertificate, ownCertificate, SQL, serverUserData } from "../user-data.ts";
import { act, addressOf, createDroplet, failureOf, query, REGION, untilStatus } from "./support.ts";

const PASSWORD = "correct-horse-battery-staple";
const SETUP = `
  CREATE ROLE app LOGIN PASSWORD '${PASSWORD}';
  CREATE DATABASE app OWNER app;
`;
const REFUSED = "ECONNREFUSED";
const NO_RULE = "28000";

let api: TestDigitalOcean;
let team: TestTeam;
let certificate: OwnCertificate;
beforeAll(async () => {
  [api, certificate] = await Promise.all([startDigitalOcean(), ownCertificate()]);
  team = api.team("staging");
});
afterAll(() => api.close());

const userData = (more: object = {}) => serverUserData({ certificate, sql: SETUP, ...more });
const loginTo = (host: string, more: object = {}) => ({
  host,
  ca: certificate.authority,
  user: "app",
  password: PASSWORD,
  database: "app",
  ...more,
});
const createVolume = async (name: string, more: object = {}) => {
  const body = { name, region: REGION, size_gigabytes: 10, filesystem_type: "ext4", ...more };
  return (await team.call("POST", "/v2/volumes", body)).body.volume;
};
const destroy = async (id: number) =>
  expect((await team.call("DELETE", `/v2/droplets/${id}`)).status).toBe(204);

test("a droplet runs the PostgreSQL of its user data, with the certificate that it was given", async () => {
  const droplet = await createDroplet(team, {
    user_data: userData({ conf: "work_mem = 3MB\n" }),
    tags: ["db"],
  });
  expect(droplet).toMatchObject({ name: "db-1", size_slug: "s-1vcpu-1gb", tags: ["db"] });
  const host = addressOf(droplet);
  const rows = await query(
    loginTo(host),
    "SELECT current_user AS who, current_setting('work_mem') AS mem, ssl, current_setting('server_version_num')::int / 10000 AS major FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
  );
  expect(rows).toEqual([{ who: "app", mem: "3MB", ssl: true, major: 17 }]);

  const another = await ownCertificate();
  expect(await failureOf(loginTo(host, { ca: another.authority }))).toMatch(
    /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_SIGNATURE_FAILURE)$/,
  );
  expect(await failureOf(loginTo(host, { password: "wrong" }))).toBe("28P01");
  await destroy(droplet.id);
  expect(await failureOf(loginTo(host))).toBe(REFUSED);
  expect((await team.call("GET", `/v2/droplets/${droplet.id}`)).status).toBe(404);
});

test("neither answers nor the log show user data, and the data on disk does not either", async () => {
  const droplet = await createDroplet(team, { user_data: userData() });
  expect(JSON.stringify(droplet)).not.toContain(PASSWORD);
  expect(JSON.stringify(droplet)).not.toContain("user_data");
  expect(api.logLines.join("\n")).not.toContain(PASSWORD);
  const stored = api.cloud.store
    .collection<object>("do-droplet")
    .get(team.accountId, `${droplet.id}`);
  expect(stored).toBeDefined();
  expect(JSON.stringify(stored)).not.toContain(PASSWORD);
  await destroy(droplet.id);
});

test("a droplet that is off has no server, and one that is on again has its data", async () => {
  const { id, ...droplet } = await createDroplet(team, { user_data: userData() });
  const login = loginTo(addressOf(droplet));
  await query(login, "CREATE TABLE kept AS SELECT 42 AS answer");
  const path = `/v2/droplets/${id}`;

  expect((await act(team, path, { type: "power_off" })).type).toBe("power_off");
  await untilStatus(team, id, "off");
  expect(await failureOf(login)).toBe(REFUSED);
  expect((await team.call("POST", `${path}/actions`, { type: "power_off" })).status).toBe(422);

  await act(team, path, { type: "resize", size: "s-2vcpu-4gb", disk: false });
  await act(team, path, { type: "power_on" });
  expect(await untilStatus(team, id, "active")).toMatchObject({
    size_slug: "s-2vcpu-4gb",
    memory: 4096,
    disk: 25,
  });
  expect(await query(login, "TABLE kept")).toEqual([{ answer: 42 }]);

  const started = "SELECT pg_postmaster_start_time()::text AS started";
  const before = await query(login, started);
  await act(team, path, { type: "reboot" });
  expect(await query(login, started)).not.toEqual(before);
  expect(await query(login, "TABLE kept")).toEqual([{ answer: 42 }]);
  await destroy(id);
});

test("a volume's data outlives its droplet, and set-up is not repeated on it", async () => {
  const volume = await createVolume("pg-data");
  const create = (name: string, sql: string) =>
    createDroplet(team, {
      name,
      user_data: userData({ volume: "pg-data", sql }),
      volumes: [{ id: volume.id }],
    });
  const first = await create("first", SETUP);
  expect(first.volume_ids).toEqual([volume.id]);
  await query(loginTo(addressOf(first)), "CREATE TABLE kept AS SELECT 42 AS answer");
  const attached = await team.call("DELETE", `/v2/volumes/${volume.id}`);
  expect(attached).toMatchObject({ status: 409, body: { id: "conflict" } });
  await destroy(first.id);

  const second = await create("second", "CREATE ROLE must_not_be_run");
  const login = loginTo(addressOf(second));
  expect(await query(login, "TABLE kept")).toEqual([{ answer: 42 }]);
  expect(await query(login, "SELECT FROM pg_roles WHERE rolname = 'must_not_be_run'")).toEqual([]);
  await destroy(second.id);
  expect((await team.call("DELETE", `/v2/volumes/${volume.id}`)).status).toBe(204);
  expect(api.cloud.engines.postgres.state(`do-volume-${volume.id}`)).toBe("absent");

  // The same name again is another volume, without the data.
  const anew = await createVolume("pg-data");
  const third = await createDroplet(team, {
    user_data: userData({ volume: "pg-data" }),
    volumes: [anew.id],
  });
  expect(await failureOf(loginTo(addressOf(third)), "TABLE kept")).toBe("42P01");
  await destroy(third.id);
});

test("a server whose data is on a volume runs while the volume is attached", async () => {
  const volume = await createVolume("late", { filesystem_type: "" });
  const droplet = await createDroplet(team, { user_data: userData({ volume: "late" }) });
  const login = loginTo(addressOf(droplet));
  const other = await createDroplet(team, { name: "other" });
  expect(await failureOf(login)).toBe(REFUSED);

  const path = `/v2/volumes/${volume.id}`;
  const attach = { type: "attach", droplet_id: droplet.id };
  expect((await act(team, path, attach)).type).toBe("attach_volume");
  await query(login, "CREATE TABLE kept AS SELECT 42 AS answer");
  const second = await team.call("POST", `${path}/actions`, { ...attach, droplet_id: other.id });
  expect(second.status).toBe(409);
  const wrong = { type: "detach", droplet_id: other.id };
  expect((await team.call("POST", `${path}/actions`, wrong)).status).toBe(422);

  await act(team, path, { type: "detach", droplet_id: droplet.id });
  expect(await failureOf(login)).toBe(REFUSED);
  expect((await team.call("GET", path)).body.volume.droplet_ids).toEqual([]);
  await act(team, path, attach);
  expect(await query(login, "TABLE kept")).toEqual([{ answer: 42 }]);
  await destroy(droplet.id);
  await destroy(other.id);
});

test("a volume without a filesystem that nothing formats is not mounted, and the log says so", async () => {
  const volume = await createVolume("raw", { filesystem_type: "" });
  const droplet = await createDroplet(team, {
    user_data: userData({ volume: "raw", more: { fs_setup: [] } }),
    volumes: [volume.id],
  });
  expect(await failureOf(loginTo(addressOf(droplet)))).toBe(REFUSED);
  expect(api.logLines.join("\n")).toMatch(/volume "raw" has no filesystem/);
  await destroy(droplet.id);
});

test("a failing setup.sql leaves the droplet active, its port closed and the cause in the log", async () => {
  const sql = `${SETUP}\nCREATE ROLE app PASSWORD '${PASSWORD}'; CREATE ROLE later;`;
  const droplet = await createDroplet(team, { user_data: userData({ sql }) });
  const path = `/v2/droplets/${droplet.id}`;
  expect(await failureOf(loginTo(addressOf(droplet)))).toBe(REFUSED);
  const log = api.logLines.join("\n");
  expect(log).toContain(`statement 3 of ${SQL} (CREATE ROLE) failed with SQLSTATE 42710`);
  expect(log).not.toContain(PASSWORD);
  await act(team, path, { type: "reboot" });
  expect(await failureOf(loginTo(addressOf(droplet)))).toBe(REFUSED);
  await destroy(droplet.id);
});

test("a half filled data folder of another droplet is begun anew", async () => {
  const volume = await createVolume("half");
  const create = (sql: string) =>
    createDroplet(team, { user_data: userData({ volume: "half", sql }), volumes: [volume.id] });
  const broken = await create(`${SETUP} SELECT 1 / 0;`);
  await destroy(broken.id);
  const good = await create(SETUP);
  expect(await query(loginTo(addressOf(good)), "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  await destroy(good.id);
});

test("only what both pg_hba.conf and a firewall let in reaches the server; this computer always does", async () => {
  const droplet = await createDroplet(team, {
    user_data: userData({ hba: "hostssl app app 127.0.0.0/24 scram-sha-256\n" }),
  });
  const from = (address: string) => loginTo(addressOf(droplet), { from: address });
  expect(await failureOf(from("127.0.0.9"))).toBe("none");
  expect(await failureOf(from("127.0.1.9"))).toBe(NO_RULE);

  const rules = (addresses: string[], ports = "5432") => ({
    name: "db",
    droplet_ids: [droplet.id],
    inbound_rules: [{ protocol: "tcp", ports, sources: { addresses } }],
    outbound_rules: [
      { protocol: "tcp", ports: "all", destinations: { addresses: ["0.0.0.0/0", "::/0"] } },
    ],
  });
  const created = await team.call("POST", "/v2/firewalls", rules(["127.0.0.8", "127.0.1.9"]));
  expect(created.status).toBe(202);
  expect(await failureOf(from("127.0.0.8"))).toBe("none");
  expect(await failureOf(from("127.0.0.9"))).toBe(NO_RULE);
  expect(await failureOf(from("127.0.1.9"))).toBe(NO_RULE);
  expect(await failureOf(loginTo(addressOf(droplet)))).toBe("none");

  const path = `/v2/firewalls/${created.body.firewall.id}`;
  await team.call("PUT", path, rules(["127.0.0.0/8"], "80"));
  expect(await failureOf(from("127.0.0.9"))).toBe(NO_RULE);
  await team.call("PUT", path, rules(["127.0.0.0/8"], "5000-6000"));
  expect(await failureOf(from("127.0.0.9"))).toBe("none");
  await team.call("PUT", path, rules(["127.0.0.8"]));
  await team.call("DELETE", `${path}/droplets`, { droplet_ids: [droplet.id] });
  expect(await failureOf(from("127.0.0.9"))).toBe("none");
  await team.call("POST", `${path}/tags`, { tags: ["behind"] });
  const resources = [{ resource_id: `${droplet.id}`, resource_type: "droplet" }];
  await team.call("POST", "/v2/tags/behind/resources", { resources });
  expect(await failureOf(from("127.0.0.9"))).toBe(NO_RULE);
  await team.call("DELETE", path);
  expect(await failureOf(from("127.0.0.9"))).toBe("none");
  await destroy(droplet.id);
});

test.runIf(process.platform === "linux")(
  "a reserved IP leads to the droplet it is assigned to",
  async () => {
    const created = await team.call("POST", "/v2/reserved_ips", { region: REGION });
    expect(created).toMatchObject({ status: 202, body: { reserved_ip: { droplet: null } } });
    const { ip } = created.body.reserved_ip;
    const sql = (name: string) => `${SETUP} ALTER DATABASE app SET application_name = '${name}';`;
    const named = (name: string) =>
      createDroplet(team, { name, user_data: userData({ sql: sql(name) }) });
    const [one, two] = await Promise.all([named("one"), named("two")]);
    const who = () => query(loginTo(ip), "SELECT current_setting('application_name') AS name");
    const path = `/v2/reserved_ips/${ip}`;

    expect(await failureOf(loginTo(ip))).toBe(REFUSED);
    expect((await act(team, path, { type: "assign", droplet_id: one.id })).type).toBe("assign_ip");
    expect(await who()).toEqual([{ name: "one" }]);
    expect((await team.call("GET", path)).body.reserved_ip.droplet?.id).toBe(one.id);
    await act(team, path, { type: "assign", droplet_id: two.id });
    expect(await who()).toEqual([{ name: "two" }]);
    await act(team, path, { type: "unassign" });
    expect(await failureOf(loginTo(ip))).toBe(REFUSED);
    expect(await failureOf(loginTo(addressOf(two)))).toBe("none");
    await act(team, path, { type: "assign", droplet_id: two.id });
    await destroy(two.id);
    expect((await team.call("GET", path)).body.reserved_ip.droplet).toBeNull();
    expect((await team.call("DELETE", path)).status).toBe(204);
    await destroy(one.id);
  },
);
