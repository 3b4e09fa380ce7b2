import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "redis";
import { expect, it } from "vitest";
import { runClient } from "../../support/programs.ts";
import { kill, redisCli, startValkey, useEngines } from "./support.ts";

const test = useEngines();
const { engines, dataDir } = test;

const OWNER = {
  name: "default",
  password: "owner-password-for-tests",
  rules: ["~*", "&*", "+@all"],
};
const SHOP = {
  name: "shop",
  password: "shop-password-for-tests",
  rules: ["~shop:*", "+@read", "+@write", "-@dangerous"],
};

it("serves redis-cli and node-redis over TLS that they can check, and refuses all else", async () => {
  const { endpoint } = await startValkey(test, "tls", [OWNER]);
  const { host, port } = endpoint;
  expect(await redisCli(test, endpoint, OWNER, ["PING"])).toMatchObject({ stdout: "PONG" });
  const ca = test.authority.certificate;
  const client = createClient({ password: OWNER.password, socket: { host, port, tls: true, ca } });
  await client.connect();
  expect(await client.ping()).toBe("PONG");
  client.destroy();

  const plain = await runClient("redis-cli", ["-h", host, "-p", String(port), "PING"]);
  expect(plain.stdout).not.toContain("PONG");
  const otherFile = join(dataDir, "other.crt");
  writeFileSync(otherFile, (await engines.authority("Another")).certificate);
  const other = await redisCli({ ...test, authorityFile: otherFile }, endpoint, OWNER, ["PING"]);
  expect(other.stderr).toContain("certificate verify failed");
  const wrong = await redisCli(test, endpoint, { ...OWNER, password: "wrong" }, ["PING"]);
  expect(wrong.stdout).toContain("NOAUTH");
});

it("keeps a user to its keys and commands, as its rules say", async () => {
  const { endpoint } = await startValkey(test, "acl", [SHOP]);
  const as = async (user: typeof SHOP, ...command: string[]) =>
    (await redisCli(test, endpoint, user, command)).stdout;
  expect(await as(SHOP, "SET", "shop:1", "a")).toBe("OK");
  expect(await as(SHOP, "SET", "other:1", "a")).toContain("NOPERM");
  expect(await as(SHOP, "FLUSHALL")).toContain("NOPERM");
  // `default` is off as it is not listed.
  expect(await as({ ...OWNER, password: "" }, "PING")).toContain("NOAUTH");
});

it("takes over other users while it runs, and other settings by a restart that keeps the data", async () => {
  const spec = await startValkey(test, "changed", [OWNER]);
  const pid = engines.valkey.pid("changed");
  await redisCli(test, spec.endpoint, OWNER, ["SET", "kept", "yes"]);
  const renewed = { ...OWNER, password: "another-password" };
  await engines.valkey.ensure({ ...spec, users: [renewed] });
  expect(engines.valkey.pid("changed")).toBe(pid);
  expect((await redisCli(test, spec.endpoint, renewed, ["GET", "kept"])).stdout).toBe("yes");
  expect((await redisCli(test, spec.endpoint, OWNER, ["GET", "kept"])).stdout).toContain("NOAUTH");

  const settings = { "maxmemory-policy": "allkeys-lru" };
  await engines.valkey.ensure({ ...spec, users: [renewed], settings });
  expect(engines.valkey.pid("changed")).not.toBe(pid);
  expect((await redisCli(test, spec.endpoint, renewed, ["GET", "kept"])).stdout).toBe("yes");
  const policy = await engines.valkey.as({ ...spec, users: [renewed], settings }, (client) =>
    client.configGet("maxmemory-policy"),
  );
  expect(policy).toEqual({ "maxmemory-policy": "allkeys-lru" });
});

it("keeps every acknowledged write when its process is killed, and comes back without a call", async () => {
  const { endpoint, authority } = await startValkey(test, "killed", [OWNER]);
  const client = createClient({
    password: OWNER.password,
    socket: { ...endpoint, tls: true, ca: authority.certificate, reconnectStrategy: false },
  });
  client.on("error", () => undefined);
  await client.connect();
  let acknowledged = 0;
  const writing = (async () => {
    for (let next = 1; ; next += 1) {
      await client.set("counter", next);
      acknowledged = next;
      if (next === 200) kill(engines.valkey.pid("killed"));
    }
  })();
  await expect(writing).rejects.toThrow();
  const counter = async () => (await redisCli(test, endpoint, OWNER, ["GET", "counter"])).stdout;
  await expect.poll(counter, { timeout: 60_000 }).toMatch(/^\d+$/);
  // The last write may have been done without its answer arriving.
  expect(Number(await counter())).toBeGreaterThanOrEqual(acknowledged);
  expect(acknowledged).toBeGreaterThanOrEqual(199);
});

it("shares nothing between two servers, and gives its own user's password to none", async () => {
  const [one, two] = await Promise.all([
    startValkey(test, "one", [OWNER]),
    startValkey(test, "two", [{ ...OWNER, password: "of-two" }]),
  ]);
  const ping = async (at: typeof one, password: string) =>
    (await redisCli(test, at.endpoint, { name: "default", password }, ["PING"])).stdout;
  expect([await ping(one, OWNER.password), await ping(two, "of-two")]).toEqual(["PONG", "PONG"]);
  expect(await ping(one, "of-two")).toContain("NOAUTH");
  expect(await ping(two, OWNER.password)).toContain("NOAUTH");
});
