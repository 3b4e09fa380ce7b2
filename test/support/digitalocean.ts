import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { type IssuedTeam, issueTeam } from "../../local/digitalocean/accounts.ts";
import { digitalOceanApi } from "../../local/digitalocean/api.ts";
import { services } from "../../local/digitalocean/services.ts";
import { openEngines } from "../../local/engines/index.ts";
import { openDocumentStore } from "../../local/store/document-store.ts";
import { openVault } from "../../local/store/vault.ts";
import type { VendorContext } from "../../local/vendor-context.ts";

/** An answer of the API: status and JSON body, `undefined` where there is none. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every route.
  readonly body: any;
}

/** A team with the calls of its token. */
export interface TestTeam extends IssuedTeam {
  /** `path` begins with `/v2`. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<Answer>;
}

/** DigitalOcean's API over real engines, on a free loopback port, with its data in a folder of its own. */
export interface TestDigitalOcean {
  readonly cloud: VendorContext;
  /** `http://127.0.0.1:PORT`, without `/v2`. */
  readonly origin: string;
  readonly logLines: readonly string[];
  /** A team of that name with a new token; an earlier token of it ends. */
  readonly team: (environment: string) => TestTeam;
  /** Calls of a token that was issued earlier. */
  readonly caller: (apiToken: string) => TestTeam["call"];
  /** Ends server and engines, keeps the data. */
  readonly stop: () => Promise<void>;
  /** Stops, and starts again on the same data as a new cloud does. Tokens stay valid. */
  readonly restart: () => Promise<TestDigitalOcean>;
  /** Stops, and deletes the data. */
  readonly close: () => Promise<void>;
}

export async function startDigitalOcean(
  dataDir = mkdtempSync(join(tmpdir(), "bulkhead-digitalocean-")),
): Promise<TestDigitalOcean> {
  const logLines: string[] = [];
  const log = (line: string) => logLines.push(line);
  const store = openDocumentStore(join(dataDir, "store.sqlite"));
  const engines = openEngines({ dataDir, log });
  const cloud: VendorContext = {
    store,
    vault: openVault(join(dataDir, "store.key")),
    engines,
    dataDir,
    s3Origin: () => "http://127.0.0.1:1",
    log,
  };
  const api = digitalOceanApi(cloud);
  const server = createAdaptorServer({ fetch: api.fetch }) as Server;
  // A client that was busy for long would else find its idle connection closed under it.
  server.keepAliveTimeout = 300_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await Promise.all(services.map(({ start }) => start?.(cloud)));

  const stop = async () => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    await Promise.all(services.map((service) => service.stop?.(cloud)));
    await engines.dispose();
    store.close();
  };
  return {
    cloud,
    origin,
    logLines,
    team(environment) {
      const issued = issueTeam(cloud, environment);
      return { ...issued, call: caller(origin, issued.apiToken) };
    },
    caller: (apiToken) => caller(origin, apiToken),
    stop,
    async restart() {
      await stop();
      return startDigitalOcean(dataDir);
    },
    async close() {
      await stop();
      // A server that was being made when the engines were stopped may still write a moment.
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

/** Calls of one token at the API of that origin. */
const caller =
  (origin: string, apiToken: string): TestTeam["call"] =>
  async (method, path, body) => {
    const response = await fetch(origin + path, {
      method,
      headers: { authorization: `Bearer ${apiToken}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  };
