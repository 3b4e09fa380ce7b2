import { type AddressInfo, createServer as createPlainServer, type Server } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { bundleWorker } from "../../../components/worker-bundle.ts";
import { issueCertificate } from "../../../local/engines/certificates.ts";
import type { KeyPair } from "../../../local/engines/engines.ts";
import type { AccountSpec, RuntimeBinding } from "../../../local/runtime/account-spec.ts";
import { inventoryOf } from "../../../local/runtime/account-spec.ts";
import { WORKER_HEADER } from "../../../local/runtime/ingress-worker.ts";
import { INGRESS_WORKER } from "../../../local/runtime/miniflare-options.ts";
import { RuntimePool } from "../../../local/runtime/runtime-pool.ts";
import { startValkey, useEngines } from "../engines/support.ts";

/** Connects over TLS by `connect` and by `node:tls`, or once without it; answers with what the server said. */
const GREETER = `
import { connect } from "cloudflare:sockets";
import tls from "node:tls";
async function byConnect(address, secureTransport) {
  const socket = connect(address, { secureTransport, allowHalfOpen: false });
  try {
    const { value } = await socket.readable.getReader().read();
    return value === undefined ? "nothing" : new TextDecoder().decode(value);
  } catch (error) { return "error"; }
}
const byNode = ({ hostname, port }) => new Promise((resolve) => {
  const socket = tls.connect({ host: hostname, port });
  socket.once("data", (data) => { resolve(String(data)); socket.destroy(); });
  socket.once("error", () => resolve("error"));
});
export default { async fetch(request) {
  const { plain, ...address } = await request.json();
  return Response.json(
    plain ? [await byConnect(address, "off")] : [await byConnect(address, "on"), await byNode(address)],
  );
} };`;

const TRUSTED = ["hello", "hello"];

const test = useEngines();
let others: KeyPair;
const trusted = new Map<string, readonly string[]>();
const servers: Server[] = [];
let pool: RuntimePool;

beforeAll(async () => {
  others = await test.engines.authority("Another account's authority");
  pool = new RuntimePool({
    accountsDir: join(test.dataDir, "accounts"),
    inventory: (accountId) => inventoryOf(describeAccount(accountId)),
    describe: describeAccount,
    trustedAuthorities: async (accountId) => trusted.get(accountId) ?? [],
    log: () => undefined,
  });
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
afterAll(() => pool.dispose());

/** Every account has the same two Workers. */
function describeAccount(accountId: string): AccountSpec {
  return {
    databases: [],
    buckets: [],
    namespaces: [],
    hyperdrives: [],
    workers: [
      worker("greeter", GREETER),
      worker("redis", redisCode(), [
        { name: "REDIS_URL", type: "text", text: redisUrls.get(accountId) ?? "rediss://127.0.0.1" },
      ]),
    ],
  };
}

const redisUrls = new Map<string, string>();
let bundled: string | undefined;
function redisCode(): string {
  bundled ??= bundleWorker(fileURLToPath(new URL("./redis-worker.ts", import.meta.url)));
  return bundled;
}

const worker = (name: string, code: string, bindings: readonly RuntimeBinding[] = []) => ({
  name,
  mainModule: "index.js",
  modules: [
    {
      name: "index.js",
      contentType: "application/javascript+module",
      base64: Buffer.from(code).toString("base64"),
    },
  ],
  compatibilityDate: "2026-01-01",
  compatibilityFlags: ["nodejs_compat", "enable_nodejs_perf_hooks_module"],
  bindings,
});

/** A server that says hello to whoever completes the handshake. */
async function greeter(authority: KeyPair, hosts: [string, ...string[]], listenOn = hosts[0]) {
  const { certificate: cert, privateKey: key } = await issueCertificate(authority, hosts);
  const server = createServer({ cert, key }, (socket) => {
    socket.on("error", () => undefined);
    socket.end("hello");
  });
  server.on("tlsClientError", () => undefined);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, listenOn, resolve));
  return { hostname: hosts[0], port: (server.address() as AddressInfo).port };
}

function request(accountId: string, name: string, body?: string): Promise<string> {
  return pool.of(accountId).worker(name, async (entry) => {
    const response = await fetch(entry, {
      headers: { "mf-route-override": INGRESS_WORKER, [WORKER_HEADER]: name },
      ...(body === undefined ? {} : { method: "POST", body }),
    });
    return response.text();
  });
}

const greet = async (accountId: string, address: object): Promise<string[]> =>
  JSON.parse(await request(accountId, "greeter", JSON.stringify(address)));

describe("a Worker's TLS connections", () => {
  it("trust the account's authorities, at names and at addresses, and no others", async () => {
    trusted.set("own", [test.authority.certificate]);
    const byName = await greeter(test.authority, ["localhost"], "127.0.0.1");
    const byAddress = await greeter(test.authority, ["127.0.0.1"]);
    const foreign = await greeter(others, ["127.0.0.1"]);
    const misnamed = await greeter(test.authority, ["db.example.com"], "127.0.0.1");
    expect(await greet("own", byName)).toEqual(TRUSTED);
    expect(await greet("own", byAddress)).toEqual(TRUSTED);
    expect(await greet("own", foreign)).not.toContain("hello");
    expect(await greet("own", { ...misnamed, hostname: "127.0.0.1" })).not.toContain("hello");
  });

  it("trust what their own account does, and not what another's does", async () => {
    trusted.set("own", [test.authority.certificate]);
    trusted.set("other", [others.certificate]);
    const own = await greeter(test.authority, ["127.0.0.1"]);
    const other = await greeter(others, ["127.0.0.1"]);
    expect(await greet("own", own)).toEqual(TRUSTED);
    expect(await greet("other", other)).toEqual(TRUSTED);
    expect(await greet("own", other)).not.toContain("hello");
    expect(await greet("other", own)).not.toContain("hello");
  });

  it("trust an authority that came up after the runtime's start", async () => {
    const server = await greeter(test.authority, ["127.0.0.1"]);
    trusted.delete("late");
    expect(await greet("late", server)).not.toContain("hello");
    trusted.set("late", [test.authority.certificate]);
    expect(await greet("late", server)).toEqual(TRUSTED);
  });

  it("reach servers without TLS as before", async () => {
    trusted.set("own", [test.authority.certificate]);
    const server = createPlainServer((socket) => socket.end("hello"));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    expect(await greet("own", { hostname: "127.0.0.1", port, plain: true })).toEqual(["hello"]);
  });
});

describe("node-redis in a Worker", () => {
  it("reads and writes over verified TLS, and is refused by a server that the account does not trust", async () => {
    const app = { name: "app", password: "app-password-for-tests", rules: ["~app:*", "+@all"] };
    const spec = await startValkey(test, "cache", [app]);
    const { host, port } = spec.endpoint;
    const url = `rediss://${app.name}:${app.password}@${host}:${port}`;
    trusted.set("cached", [test.authority.certificate]);
    trusted.set("stranger", [others.certificate]);
    redisUrls.set("cached", url);
    redisUrls.set("stranger", url);
    expect(await request("cached", "redis", "from a Worker")).toBe('{"note":"from a Worker"}');
    expect(await request("cached", "redis")).toBe('{"note":"from a Worker"}');
    const kept = await test.engines.valkey.as(spec, (client) => client.get("app:note"));
    expect(kept).toBe("from a Worker");
    expect(await request("stranger", "redis", "from a stranger")).not.toContain("note");
    expect(await request("cached", "redis")).toBe('{"note":"from a Worker"}');
  });
});
