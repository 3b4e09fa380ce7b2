import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { spacesFault } from "../../../local/providers/digitalocean/client.ts";
import { digitalOceanProvider } from "../../../local/providers/digitalocean/provider.ts";
import { DigitalOceanApi } from "../../../providers/digitalocean-api/client.ts";
import { refusalFault } from "../../../providers/digitalocean-api/fault.ts";
import { VendorFault } from "../../../providers/sdk/fault.ts";
import { Provider } from "../../../providers/sdk/provider.ts";
import { parseUrn } from "../../../providers/sdk/target.ts";
import type { PropertyMap } from "../../../providers/sdk/values.ts";

const definition = digitalOceanProvider("1.0.0");
const provider = new Provider(definition);

function target(name: string) {
  const found = definition.resources.find(({ token }) => token.endsWith(`:${name}`));
  if (found === undefined) throw new Error(`There is no resource ${name}.`);
  return parseUrn(`urn:pulumi:dev::p::${found.token}::r`);
}

const diff = (name: string, olds: PropertyMap, news: PropertyMap) =>
  provider.diff(target(name), olds, olds, news).changes;
const reasons = (name: string, news: PropertyMap, olds: PropertyMap = {}) =>
  provider.check(target(name), olds, news).failures.map(({ reason }) => reason);
const parse = (name: string, id: string) =>
  definition.resources.find(({ token }) => token.endsWith(`:${name}`))?.parseImportId?.(id);

const cluster = {
  name: "primary",
  engine: "pg",
  version: "17",
  size: "db-s-1vcpu-1gb",
  nodeCount: 1,
  region: "fra1",
};

describe("what is the same at the vendor is no change", () => {
  test("a region's case, a window's seconds, the order and case of tags", () => {
    const olds = {
      ...cluster,
      tags: ["a", "b"],
      maintenanceWindows: [{ day: "sunday", hour: "04:00:00" }],
    };
    const news = {
      ...cluster,
      region: "FRA1",
      tags: ["B", "a"],
      maintenanceWindows: [{ day: "Sunday", hour: "04:00" }],
    };
    expect(diff("DatabaseCluster", olds, news)).toEqual([]);
  });

  test("the order of trusted sources and of a firewall's rules, and how all ports are written", () => {
    const sources = [
      { type: "ip_addr", value: "10.0.0.1" },
      { type: "tag", value: "web" },
    ];
    const clusterId = "c";
    const reversed = sources.toReversed();
    expect(
      diff("DatabaseFirewall", { clusterId, rules: sources }, { clusterId, rules: reversed }),
    ).toEqual([]);
    const rules = [
      { protocol: "tcp", portRange: "all", sourceAddresses: ["10.0.0.1", "10.0.0.2"] },
      { protocol: "icmp", sourceTags: ["web"] },
    ];
    const same = [
      { protocol: "icmp", sourceTags: ["web"], sourceAddresses: [] },
      { protocol: "tcp", portRange: "1-65535", sourceAddresses: ["10.0.0.2", "10.0.0.1"] },
    ];
    const wall = { name: "wall" };
    expect(
      diff("Firewall", { ...wall, inboundRules: rules }, { ...wall, inboundRules: same }),
    ).toEqual([]);
  });

  test("the spaces in a bucket's policy", () => {
    const at = { bucket: "b", region: "fra1" };
    const policy = { Version: "2012-10-17", Statement: [] };
    expect(
      diff(
        "SpacesBucketPolicy",
        { ...at, policy: JSON.stringify(policy) },
        { ...at, policy: JSON.stringify(policy, null, 2) },
      ),
    ).toEqual([]);
  });
});

describe("what replaces a resource is what the official provider replaces", () => {
  const replaced = (name: string, olds: PropertyMap, change: PropertyMap) =>
    diff(name, olds, { ...olds, ...change }).map(({ replace }) => replace);

  test("a cluster's engine, name and network replace it; its size, region and version do not", () => {
    const olds = { ...cluster, privateNetworkUuid: "v" };
    for (const change of [{ engine: "valkey" }, { name: "other" }, { privateNetworkUuid: "w" }])
      expect(replaced("DatabaseCluster", olds, change)).toEqual([true]);
    for (const change of [{ size: "db-s-2vcpu-4gb" }, { region: "ams3" }, { version: "18" }])
      expect(replaced("DatabaseCluster", olds, change)).toEqual([false]);
  });

  test("a droplet's image and keys replace it, its size and name do not; the new one comes first", () => {
    const olds = { name: "web", image: "debian-13-x64", size: "s-1vcpu-1gb" };
    expect(replaced("Droplet", olds, { image: "ubuntu-24-04-x64" })).toEqual([true]);
    expect(replaced("Droplet", olds, { sshKeys: ["1"] })).toEqual([true]);
    expect(replaced("Droplet", olds, { size: "s-2vcpu-2gb", name: "w" })).toEqual([false, false]);
    const news = { ...olds, image: "ubuntu-24-04-x64" };
    expect(provider.diff(target("Droplet"), olds, olds, news).deleteBeforeReplace).toBe(false);
  });

  test("a replacement that keeps its unique name deletes the old one first", () => {
    const olds = { clusterId: "c", name: "pool", dbName: "d", mode: "session", size: 1 };
    const oldGoesFirst = (news: PropertyMap) =>
      provider.diff(target("DatabaseConnectionPool"), olds, olds, news).deleteBeforeReplace;
    expect(oldGoesFirst({ ...olds, size: 2 })).toBe(true);
    expect(oldGoesFirst({ ...olds, size: 2, name: "other" })).toBe(false);
  });
});

test("what does not fit together is refused with the remedy, and what fits is not", () => {
  expect(reasons("DatabaseCluster", cluster)).toEqual([]);
  expect(reasons("DatabaseCluster", { ...cluster, storageSizeMib: "many" })[0]).toContain("MiB");
  expect(reasons("DatabaseCluster", { ...cluster, sqlMode: "ANSI" })[0]).toContain("MySQL");
  const valkey = { ...cluster, engine: "valkey", evictionPolicy: "allkeys_lru" };
  expect(reasons("DatabaseCluster", valkey)).toEqual([]);
  const droplet = { name: "d", image: "i", size: "s", backupPolicy: { plan: "daily" } };
  expect(reasons("Droplet", droplet)[0]).toContain("Set backups to true");
  expect(reasons("Droplet", { ...droplet, backups: true })).toEqual([]);
  const volume = { name: "v", region: "fra1", size: 10 };
  expect(reasons("Volume", { ...volume, size: 5 }, volume)[0]).toContain("cannot shrink");
  expect(reasons("Volume", { ...volume, size: 20 }, volume)).toEqual([]);
  const at = { bucket: "b", region: "fra1" };
  expect(reasons("SpacesBucketPolicy", { ...at, policy: "{" })[0]).toContain("JSON.stringify");
  expect(reasons("ReservedIp", { region: "fra1", ipAddress: "192.0.2.1" })[0]).toContain("vendor");
});

test("import ids have the documented forms", () => {
  expect(parse("DatabaseUser", "c,app")).toEqual({
    id: "c/user/app",
    state: { clusterId: "c", name: "app" },
  });
  expect(parse("DatabaseDb", "c,orders")?.id).toBe("c/database/orders");
  expect(parse("DatabaseConnectionPool", "c,pool")?.id).toBe("c/pool");
  expect(parse("SpacesBucket", "fra1,uploads")).toEqual({
    id: "uploads",
    state: { region: "fra1", name: "uploads" },
  });
  expect(parse("ReservedIpAssignment", "192.0.2.1,12")?.state).toEqual({
    ipAddress: "192.0.2.1",
    dropletId: 12,
  });
  for (const [name, id] of [
    ["DatabaseUser", "app"],
    ["DatabaseDb", "c,"],
    ["SpacesBucket", "fra1,a,b"],
    ["Droplet", "web"],
    ["ReservedIpAssignment", "192.0.2.1,web"],
  ] as const)
    expect(parse(name, id)).toBeUndefined();
});

describe("the API's client", () => {
  const servers: ReturnType<typeof createServer>[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function api(answer: (url: string) => { status?: number; body: string }) {
    const server = createServer(({ url = "" }, response) => {
      const { status = 200, body } = answer(url);
      response.writeHead(status, { connection: "close" }).end(body);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return new DigitalOceanApi({ token: "t", url: `http://127.0.0.1:${port}/` });
  }

  test("reads a list to its last page", async () => {
    const client = await api((url) => {
      const page = Number(new URL(url, "http://x").searchParams.get("page"));
      const links = page < 3 ? { pages: { next: "more" } } : {};
      return { body: JSON.stringify({ things: [page], links }) };
    });
    expect(await client.list("/things", "things")).toEqual([1, 2, 3]);
  });

  test("gives the vendor's own words, and survives a gateway's answer in HTML", async () => {
    const body = JSON.stringify({
      id: "forbidden",
      message: "You are not allowed.",
      request_id: "r",
    });
    const refused = await api(() => ({ status: 403, body }));
    await expect(refused.get("/x")).rejects.toMatchObject({
      kind: "refused",
      code: "forbidden",
      message: "You are not allowed.",
    });
    const broken = await api(() => ({ status: 502, body: "<html>Bad gateway</html>" }));
    await expect(broken.get("/x")).rejects.toMatchObject({ kind: "lost" });
  });

  test("tells a vendor that is not there from one that did not answer", async () => {
    const nobody = await api(() => ({ body: "" }));
    await new Promise((resolve) => servers.pop()?.close(resolve));
    await expect(nobody.get("/x")).rejects.toMatchObject({
      kind: "unavailable",
      remedy: expect.stringContaining("npx bulkhead local up"),
    });
  });
});

test("a taken name is a conflict, in every product's words; a busy resource is not", () => {
  const kind = (status: number, message: string) => refusalFault(status, { message }).kind;
  expect(kind(422, "cluster name is not available")).toBe("conflict");
  expect(kind(422, "SSH Key is already in use on your account")).toBe("conflict");
  expect(kind(409, 'name: a VPC named "a" exists already.')).toBe("conflict");
  expect(kind(409, "The cluster is not ready: it is resizing.")).toBe("unavailable");
  expect(kind(422, "invalid size")).toBe("refused");
  expect(kind(501, "not here")).toBe("refused");
  expect(kind(404, "gone")).toBe("not-found");
});

test("an error that is not of the connection is not taken for the vendor's silence", () => {
  const error = (code: string) => Object.assign(new Error("x"), { code });
  expect(spacesFault(error("ECONNRESET"), "http://127.0.0.1:1")).toBeInstanceOf(VendorFault);
  expect(spacesFault(error("ENOENT"), "http://127.0.0.1:1")).toBeUndefined();
  expect(spacesFault(new Error("a defect"), "http://127.0.0.1:1")).toBeUndefined();
});
