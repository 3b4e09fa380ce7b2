import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { Endpoints } from "../../../local/engines/endpoints.ts";

it.runIf(process.platform === "linux")(
  "gives each server an address of its own with the vendor's ports on Linux",
  async () => {
    const endpoints = new Endpoints("linux");
    const all = await Promise.all(Array.from({ length: 50 }, () => endpoints.find([25060, 25061])));
    for (const [server, pooler] of all) {
      expect(server.host).toBe(pooler.host);
      expect([server.port, pooler.port]).toEqual([25060, 25061]);
      const [first, second = 0, , last = 0] = server.host.split(".").map(Number);
      expect(first).toBe(127);
      expect(second >= 64 && second <= 127 && last >= 1 && last <= 254).toBe(true);
    }
    expect(new Set(all.map(([{ host }]) => host)).size).toBe(all.length);
  },
);

it("gives free ports of 127.0.0.1 elsewhere, never the same twice", async () => {
  const endpoints = new Endpoints("darwin");
  const all = (await Promise.all(Array.from({ length: 50 }, () => endpoints.find([5432])))).flat();
  expect(new Set(all.map(({ port }) => port)).size).toBe(all.length);
  for (const { host, port } of all) {
    expect(host).toBe("127.0.0.1");
    expect(port >= 10_240 && port < 32_000).toBe(true);
  }
});

it("says so when a port cannot be had", async () => {
  const server = createServer();
  await once(server.listen(0, "0.0.0.0"), "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  await expect(new Endpoints("linux").find([port])).rejects.toThrow(
    `No free address was found for the ports ${port}.`,
  );
});

it("never gives the endpoint of a server that is stopped", async () => {
  const endpoints = new Endpoints("darwin");
  for (let port = 10_240; port < 31_990; port += 1) endpoints.claim({ host: "127.0.0.1", port });
  // Chance finds one of the ten that are left, or none.
  const found = await endpoints.find([5432]).catch(() => undefined);
  expect(found === undefined || found[0].port >= 31_990).toBe(true);
});
