import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  startDigitalOcean,
  type TestDigitalOcean,
  type TestTeam,
} from "../../../support/digitalocean.ts";
import { createOnline, type TestCluster, VALKEY } from "./clusters.ts";

let vendor: TestDigitalOcean;
let team: TestTeam;
let cluster: TestCluster;

beforeAll(async () => {
  vendor = await startDigitalOcean();
  team = vendor.team("staging");
  cluster = await createOnline(team, "cache", VALKEY);
});
afterAll(() => vendor.close());

const call = (method: string, path: string, body?: unknown) =>
  team.call(method, cluster.path + path, body);

/** Sends commands as node-redis does, with the server verified; answers the last reply. */
async function send(
  commands: readonly string[][],
  { uri = cluster.connection.uri, from }: { uri?: string; from?: string } = {},
): Promise<unknown> {
  const client = createClient({
    url: uri,
    socket: {
      host: cluster.connection.host,
      tls: true,
      ca: cluster.ca,
      reconnectStrategy: false,
      ...(from === undefined ? {} : { localAddress: from }),
    },
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    let reply: unknown;
    for (const command of commands) reply = await client.sendCommand(command);
    return reply;
  } finally {
    client.destroy();
  }
}

/** What the server itself has for a parameter. */
const parameter = async (name: string) => {
  const info = String(await send([["INFO", "memory"]]));
  return new RegExp(`^${name}:(.*)$`, "m").exec(info)?.[1]?.trim();
};

describe("a Valkey cluster", () => {
  it("is the vendor's version, and is reached with TLS and its password alone", async () => {
    const { body } = await team.call("GET", cluster.path);
    expect(body.database).toMatchObject({ engine: "valkey", version: "8", db_names: null });
    expect(cluster.connection.uri).toMatch(/^rediss:\/\/default:AVNS_[\w-]{19}@[\d.]+:\d+$/);
    expect(
      await send([
        ["SET", "a", "1"],
        ["GET", "a"],
      ]),
    ).toBe("1");
    const wrong = cluster.connection.uri.replace(/AVNS_[^@]*/, "AVNS_wrong");
    await expect(send([["PING"]], { uri: wrong })).rejects.toThrow("WRONGPASS");
  });

  it("lets its user do everything but run the server", async () => {
    expect(await send([["FLUSHALL"]])).toBe("OK");
    for (const command of [["CONFIG", "GET", "*"], ["SHUTDOWN"], ["ACL", "LIST"]]) {
      await expect(send([command])).rejects.toThrow("NOPERM");
    }
  });

  it("keeps a password until it is reset", async () => {
    const { user } = (await call("POST", "/users/default/reset_auth", {})).body;
    await expect(send([["PING"]])).rejects.toThrow("WRONGPASS");
    const { connection } = (await team.call("GET", cluster.path)).body.database;
    expect(connection.password).toBe(user.password);
    cluster = { ...cluster, connection };
    expect(await send([["PING"]])).toBe("PONG");
  });

  it("takes eviction policies and settings over, and keeps its data meanwhile", async () => {
    await send([["SET", "kept", "yes"]]);
    expect((await call("GET", "/eviction_policy")).body).toEqual({ eviction_policy: "noeviction" });
    const policy = { eviction_policy: "allkeys_lru" };
    expect((await call("PUT", "/eviction_policy", policy)).status).toBe(204);
    expect((await call("GET", "/eviction_policy")).body).toEqual(policy);
    expect(await parameter("maxmemory_policy")).toBe("allkeys-lru");
    const config = {
      valkey_maxmemory_policy: "volatile_ttl",
      valkey_number_of_databases: 32,
      valkey_pubsub_client_output_buffer_limit: 64,
      valkey_notify_keyspace_events: "Ex",
    };
    expect((await call("PATCH", "/config", { config })).status).toBe(200);
    expect((await call("GET", "/config")).body.config).toMatchObject({
      ...config,
      valkey_timeout: 300,
    });
    expect(await parameter("maxmemory_policy")).toBe("volatile-ttl");
    expect(
      await send([
        ["GET", "kept"],
        ["SELECT", "31"],
      ]),
    ).toBe("OK");
    expect(await send([["GET", "kept"]])).toBe("yes");
  });

  it("refuses what it has not, in the vendor's shape", async () => {
    for (const [method, path, request] of [
      ["POST", "/users", { name: "app" }],
      ["DELETE", "/users/default", undefined],
      ["GET", "/dbs", undefined],
      ["POST", "/dbs", { name: "shop" }],
      ["GET", "/pools", undefined],
      ["GET", "/backups", undefined],
      ["PUT", "/eviction_policy", { eviction_policy: "oldest" }],
      ["PATCH", "/config", { config: { valkey_persistence: "off" } }],
      ["PATCH", "/config", { config: { work_mem: 8 } }],
    ] as const) {
      const { status, body } = await call(method, path, request);
      expect([status, body.id], path).toEqual([422, "unprocessable_entity"]);
    }
    const copy = { ...VALKEY, name: "copy", backup_restore: { database_name: "cache" } };
    const { status, body } = await team.call("POST", "/v2/databases", copy);
    expect([status, body.message]).toEqual([
      422,
      expect.stringContaining("not supported for Valkey"),
    ]);
  });

  it("keeps everybody but its trusted sources out, until it has none again", async () => {
    const from = "127.0.0.9";
    await send([["SET", "kept", "still"]]);
    expect(await send([["PING"]], { from })).toBe("PONG");
    await call("PUT", "/firewall", { rules: [{ type: "ip_addr", value: "10.1.0.0/16" }] });
    await expect(send([["PING"]], { from })).rejects.toThrow();
    expect(await send([["GET", "kept"]])).toBe("still");
    const { rules } = (await call("GET", "/firewall")).body;
    await call("PUT", "/firewall", {
      rules: [...rules, { type: "ip_addr", value: "127.0.0.8/30" }],
    });
    expect(await send([["PING"]], { from })).toBe("PONG");

    vendor = await vendor.restart();
    expect(await send([["PING"]], { from })).toBe("PONG");
    await expect(send([["PING"]], { from: "127.0.0.20" })).rejects.toThrow();
    team = { ...team, call: vendor.caller(team.apiToken) };
    await call("PUT", "/firewall", { rules: [] });
    expect(await send([["GET", "kept"]], { from: "127.0.0.20" })).toBe("still");
    expect((await team.call("DELETE", cluster.path)).status).toBe(204);
    await expect(send([["PING"]])).rejects.toThrow("ECONNREFUSED");
  });
});
