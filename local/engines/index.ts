import { ownerVariable } from "../processes.ts";
import { createAuthority } from "./certificates.ts";
import { Endpoints } from "./endpoints.ts";
import type { Endpoint, Engines } from "./engines.ts";
import { pgbouncerServers } from "./pgbouncer/pgbouncer-servers.ts";
import { postgresServers } from "./postgres/postgres-servers.ts";
import { type Programs, readProgram } from "./programs.ts";
import { valkeyServers } from "./valkey/valkey-servers.ts";

export interface EnginesOptions {
  /** The cloud's folder of durable data. */
  readonly dataDir: string;
  readonly log: (line: string) => void;
  /** Default: this process's; BULKHEAD_STATE and PATH are read. */
  readonly env?: NodeJS.ProcessEnv;
}

/** The engines of one cloud. Nothing is started before it is asked for. */
export function openEngines({ dataDir, log, env = process.env }: EnginesOptions): Engines {
  const endpoints = new Endpoints();
  const claim = (endpoint: Endpoint) => endpoints.claim(endpoint);
  const options = {
    dataDir,
    log,
    claim,
    // No server gets the credentials that this process may have in its environment.
    env: { PATH: env.PATH ?? "", ...ownerVariable(dataDir) },
  };
  const pathOf = (purpose: keyof Programs) => () => readProgram(purpose, env).path;
  const postgres = postgresServers({ ...options, programPath: pathOf("postgres") });
  const pgbouncer = pgbouncerServers({ ...options, programPath: pathOf("pgbouncer") });
  const valkey = valkeyServers({ ...options, programPath: pathOf("valkey") });
  let isDisposed = false;
  return {
    postgres,
    pgbouncer,
    valkey,
    authority: createAuthority,
    endpoints: (ports) => endpoints.find(ports),
    claim,
    async versions() {
      const { product: name, version } = readProgram("valkey", env);
      return { postgres: readProgram("postgres", env).version, valkey: { name, version } };
    },
    get isDisposed() {
      return isDisposed;
    },
    async dispose() {
      isDisposed = true;
      await Promise.all([postgres, pgbouncer, valkey].map((servers) => servers.dispose()));
    },
  };
}
