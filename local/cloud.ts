import { mkdirSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { type AdminOptions, adminApi } from "./admin.ts";
import { type IssuedEnvironment, issueEnvironment } from "./cloudflare/accounts.ts";
import { cloudflareApi } from "./cloudflare/api.ts";
import type { CloudContext } from "./cloudflare/service.ts";
import { describeAccount } from "./cloudflare/services.ts";
import { ingress, isApiHost } from "./ingress.ts";
import { RuntimePool } from "./runtime/runtime-pool.ts";
import { s3Api } from "./s3/index.ts";
import { openDocumentStore } from "./store/document-store.ts";
import { openVault } from "./store/vault.ts";

export const LOOPBACK = "127.0.0.1";

export interface CloudServerOptions {
  /** Folder of all durable data. */
  readonly dataDir: string;
  /** Port of the Cloudflare API and of the Workers; 0 takes a free one. */
  readonly port: number;
  /** Port of R2's S3 API; 0 takes a free one. */
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
  const scratchDir = join(dataDir, "scratch");
  rmSync(scratchDir, { recursive: true, force: true });
  mkdirSync(scratchDir, { recursive: true, mode: 0o700 });

  let apiUrl = "";
  const store = openDocumentStore(join(dataDir, "store.sqlite"));
  const runtimes = new RuntimePool({
    accountsDir: join(dataDir, "accounts"),
    describe: (accountId) => cloud.describeAccount(accountId),
    log,
  });
  const cloud: CloudContext = {
    store,
    vault: openVault(join(dataDir, "store.key")),
    runtimes,
    describeAccount: (accountId) => describeAccount(cloud, accountId),
    origin: () => apiUrl,
    scratchDir,
  };

  const admin: AdminOptions = { cloud, adminToken: options.adminToken };
  const api = cloudflareApi(cloud, log).route("/local", adminApi(admin));
  const workers = ingress(cloud, log);
  const front = (request: Request) => (isApiHost(request) ? api.fetch(request) : workers(request));

  const servers: Server[] = [];
  const close = async () => {
    await Promise.all(servers.map(closeServer));
    await runtimes.dispose();
    store.close();
  };
  try {
    const apiServer = await listen(front, options.port, "--port");
    servers.push(apiServer);
    apiUrl = urlOf(apiServer);
    const s3 = s3Api(cloud, log);
    const s3Server = await listen((request) => s3.fetch(request), options.s3Port, "--s3-port");
    servers.push(s3Server);
    return {
      apiUrl,
      s3Url: urlOf(s3Server),
      issueEnvironment: (environment) => issueEnvironment(cloud, environment),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Fetch = (request: Request) => Response | Promise<Response>;

function listen(fetch: Fetch, port: number, option: string): Promise<Server> {
  const server = createAdaptorServer({ fetch }) as Server;
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
