import { mkdirSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createAdaptorServer, getRequestListener } from "@hono/node-server";
import { type AdminOptions, adminApi } from "./admin.ts";
import { findAccount, type IssuedEnvironment, issueEnvironment } from "./cloudflare/accounts.ts";
import { cloudflareApi } from "./cloudflare/api.ts";
import { recordingR2 } from "./cloudflare/audit-logs/record.ts";
import type { CloudContext } from "./cloudflare/service.ts";
import { accountInventory, describeAccount } from "./cloudflare/services.ts";
import { openEngines } from "./engines/index.ts";
import { frontServer } from "./front-server.ts";
import { ingress } from "./ingress.ts";
import { RuntimePool } from "./runtime/runtime-pool.ts";
import { s3Api } from "./s3/index.ts";
import { openDocumentStore } from "./store/document-store.ts";
import { openVault } from "./store/vault.ts";
import { type IssuedElsewhere, openVendors } from "./vendors.ts";

export const LOOPBACK = "127.0.0.1";

export interface CloudServerOptions {
  /** Folder of all durable data. */
  readonly dataDir: string;
  /** Port of the APIs of Cloudflare and DigitalOcean and of the Workers; 0 takes a free one. */
  readonly port: number;
  /** Port of the S3 API of R2, Spaces and S3, and of AWS's other services; 0 takes a free one. */
  readonly s3Port: number;
  /** What a caller of the administration routes must present. */
  readonly adminToken: string;
  readonly log: (line: string) => void;
}

/** The local cloud in this process. */
export interface CloudServer {
  /** `http://127.0.0.1:PORT`, without a path. */
  readonly apiUrl: string;
  readonly s3Url: string;
  readonly issueEnvironment: (environment: string) => IssuedEnvironment;
  readonly issueElsewhere: (environment: string) => Promise<IssuedElsewhere>;
  /** Resolves when the database servers run that are to run, as far as they can. */
  readonly started: Promise<void>;
  readonly close: () => Promise<void>;
}

/** A port that the cloud was told to use is taken by another program. */
export class PortInUseError extends Error {
  constructor(port: number, option: string) {
    super(
      `Port ${port} on ${LOOPBACK} is in use by another program, so the local cloud cannot listen there. ` +
        `Choose another with \`npx bulkhead local up ${option} NUMBER\`.`,
    );
  }
}

/** Starts the local cloud and resolves once it listens. */
export async function startCloudServer(options: CloudServerOptions): Promise<CloudServer> {
  const { dataDir, log } = options;
  let apiUrl = "";
  let s3Url = "";
  // Before anything in the folder is touched: it fails when another process serves the same data.
  const store = openDocumentStore(join(dataDir, "store.sqlite"));
  const scratchDir = join(dataDir, "scratch");
  rmSync(scratchDir, { recursive: true, force: true });
  mkdirSync(scratchDir, { recursive: true, mode: 0o700 });
  const runtimes = new RuntimePool({
    accountsDir: join(dataDir, "accounts"),
    inventory: (accountId) => cloud.inventory(accountId),
    describe: (accountId) => describeAccount(cloud, accountId),
    trustedAuthorities: async (accountId) => {
      const environment = findAccount(cloud, accountId)?.name;
      return environment === undefined ? [] : vendors.authorities(environment);
    },
    log,
  });
  const vault = openVault(join(dataDir, "store.key"));
  const engines = openEngines({ dataDir, log });
  const cloud: CloudContext = {
    store,
    vault,
    runtimes,
    inventory: (accountId) => accountInventory(cloud, accountId),
    origin: () => apiUrl,
    scratchDir,
  };

  await runtimes.sweep();

  const vendors = openVendors(
    { store, vault, engines, dataDir, s3Origin: () => s3Url, log },
    recordingR2(cloud, s3Api(cloud, log), log),
  );
  const admin: AdminOptions = { cloud, vendors, adminToken: options.adminToken };
  const cloudflare = cloudflareApi(cloud, log).route("/local", adminApi(admin));
  const api = (request: Request) =>
    new URL(request.url).pathname.startsWith("/v2/")
      ? vendors.digitalOcean(request)
      : cloudflare.fetch(request);
  const front = frontServer(getRequestListener(api), ingress(cloud, log));

  const servers: Server[] = [];
  const close = async () => {
    // Together: a WebSocket keeps a server open until the Worker's end of it is gone.
    await Promise.all([...servers.map(closeServer), runtimes.dispose()]);
    // First of all, so that nothing waits for a server that hangs.
    await engines.dispose();
    await started;
    await vendors.close();
    store.close();
  };
  let started: Promise<void> = Promise.resolve();
  try {
    const apiServer = await listen(front, options.port, "--port");
    servers.push(apiServer);
    apiUrl = urlOf(apiServer);
    const s3Server = await listen(
      createAdaptorServer({ fetch: vendors.signed }) as Server,
      options.s3Port,
      "--s3-port",
    );
    servers.push(s3Server);
    s3Url = urlOf(s3Server);
    started = vendors.start().catch((error) => log(`Not everything could be started: ${error}`));
    return {
      apiUrl,
      s3Url,
      started,
      issueEnvironment: (environment) => issueEnvironment(cloud, environment),
      issueElsewhere: (environment) => vendors.issue(environment),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function listen(server: Server, port: number, option: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? new PortInUseError(port, option) : error);
    });
    server.listen(port, LOOPBACK, () => resolve(server));
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

const urlOf = (server: Server) => `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`;
