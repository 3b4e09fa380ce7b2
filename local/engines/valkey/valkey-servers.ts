import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { checkServerIdentity } from "node:tls";
import type { RedisClientType } from "redis";
import { ensureCertificate } from "../certificates.ts";
import type { ValkeyServers, ValkeySpec } from "../engines.ts";
import { type PreparedServer, ServerPool, type ServerPoolOptions } from "../server-pool.ts";
import { own, writeOwned } from "../server-user.ts";
import { ADMINISTRATOR, usersFile, valkeyConfiguration } from "./configuration.ts";

const CONNECT_TIMEOUT_MS = 10_000;
/** What each start and stop makes it say; of the system's settings it asks for what a cache needs not. */
const NOISE =
  /^\d+:\S+ .*(oO0Oo|(Redis|Valkey) (version=|is now ready to exit)|Configuration loaded|Server initialized|overcommit|Received SIGTERM|User requested shutdown)/;
const PASSWORD_BYTES = 32;

/** Valkey or Redis servers by the program that `programPath` names. */
export function valkeyServers(
  options: ServerPoolOptions,
): ValkeyServers & { dispose(): Promise<void> } {
  // Each process of this cloud is given its hash at its start, so it need not be kept.
  const password = randomBytes(PASSWORD_BYTES).toString("base64url");
  const pool = new ServerPool<ValkeySpec>(
    {
      name: "valkey",
      prepare: (spec, folder) => prepare(options.programPath(), spec, folder, password),
    },
    options,
  );
  return {
    ensure: (spec) => pool.ensure(spec),
    state: (id) => pool.state(id),
    pid: (id) => pool.pid(id),
    stop: (id) => pool.stop(id),
    remove: (id) => pool.remove(id),
    dispose: () => pool.dispose(),

    async as(spec, work) {
      await pool.ready(spec);
      return withClient(spec, password, work);
    },
  };
}

async function prepare(
  program: string,
  spec: ValkeySpec,
  folder: string,
  password: string,
): Promise<PreparedServer> {
  const { endpoint, names = [] } = spec;
  const dataFolder = join(folder, "data");
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  own(dataFolder);
  // Earlier versions kept the password of the engine's own user there.
  rmSync(join(folder, "administrator-password"), { force: true });
  const certificates = await ensureCertificate(folder, spec.authority, [endpoint.host, ...names]);
  const files = { ...certificates, dataFolder, usersFile: join(folder, "users.acl") };
  const configuration = valkeyConfiguration(spec, files);
  const users = usersFile(spec, password);
  const configurationFile = join(folder, "server.conf");
  writeOwned(configurationFile, configuration);
  writeOwned(files.usersFile, users);
  return {
    plan: {
      command: { program, args: [configurationFile] },
      stopSignal: "SIGTERM",
      noise: NOISE,
      probe: () =>
        withClient(spec, password, async (client) => {
          await client.ping();
        }),
    },
    fixed: configuration + certificates.certificate,
    reloadable: users,
    reload: () =>
      withClient(spec, password, async (client) => {
        await client.aclLoad();
      }),
  };
}

async function withClient<R>(
  { endpoint, authority }: ValkeySpec,
  password: string,
  work: (client: RedisClientType) => Promise<R>,
): Promise<R> {
  // Loading the library takes longer than starting the cloud, so it waits for the first need.
  const { createClient } = await import("redis");
  const client: RedisClientType = createClient({
    username: ADMINISTRATOR,
    password,
    disableOfflineQueue: true,
    socket: {
      host: endpoint.host,
      port: endpoint.port,
      tls: true,
      ca: authority.certificate,
      checkServerIdentity: (_host, certificate) => checkServerIdentity(endpoint.host, certificate),
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectStrategy: false,
    },
  });
  // The call under way tells.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    if (client.isOpen) client.destroy();
  }
}
