import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type {
  Endpoint,
  Engines,
  KeyPair,
  PostgresSpec,
  ValkeySpec,
} from "../../../local/engines/engines.ts";
import { openEngines } from "../../../local/engines/index.ts";
import { signal } from "../../../local/processes.ts";
import { type ClientResult, runClient } from "../../support/programs.ts";

/** The engines of one test file. */
export interface TestEngines {
  readonly engines: Engines;
  readonly dataDir: string;
  readonly logLines: string[];
  readonly authority: KeyPair;
  /** File of the authority's certificate. */
  readonly authorityFile: string;
}

/** Engines for the tests of a file, with their data in a folder of its own. */
export function useEngines(): TestEngines {
  const dataDir = mkdtempSync(join(tmpdir(), "bulkhead-engines-"));
  const logLines: string[] = [];
  const engines = openEngines({ dataDir, log: (line) => logLines.push(line) });
  const authorityFile = join(dataDir, "authority.crt");
  const test = {
    engines,
    dataDir,
    logLines,
    authorityFile,
    authority: { certificate: "", privateKey: "" },
  };
  beforeAll(async () => {
    test.authority = await engines.authority("Test authority");
    writeFileSync(authorityFile, test.authority.certificate);
  });
  afterAll(async () => {
    await engines.dispose();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return test;
}

export const SUPERUSER = { name: "engine_root", password: "root-password-for-tests" };
export const APP = { name: "app", password: "app-password-for-tests" };

/** Lets `app` into every database from this machine. */
export const APP_ACCESS = [
  { database: "all", user: APP.name, address: "127.0.0.0/8", method: "scram-sha-256" },
] as const;

/** A server with the role `app`, which owns the database `shop`. */
export async function startPostgres(
  { engines, authority }: TestEngines,
  id: string,
  settings: PostgresSpec["settings"] = {},
): Promise<PostgresSpec> {
  const [endpoint] = await engines.endpoints([5432]);
  const spec: PostgresSpec = {
    id,
    endpoint,
    authority,
    superuser: SUPERUSER,
    settings,
    access: APP_ACCESS,
  };
  await engines.postgres.ensure(spec);
  await engines.postgres.as(spec, "postgres", async (client) => {
    await client.query(`CREATE ROLE ${APP.name} LOGIN PASSWORD '${APP.password}'`);
    await client.query(`CREATE DATABASE shop OWNER ${APP.name}`);
  });
  return spec;
}

/** Runs a statement by psql as `app` on `shop`, with the server's certificate and name checked. */
export function psql(
  { authorityFile }: TestEngines,
  { host, port }: Endpoint,
  statement: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<ClientResult> {
  return runClient("psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement], {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: APP.name,
    PGPASSWORD: APP.password,
    PGDATABASE: "shop",
    PGSSLMODE: "verify-full",
    PGSSLROOTCERT: authorityFile,
    PGCONNECT_TIMEOUT: "5",
    ...settings,
  });
}

export async function startValkey(
  { engines, authority }: TestEngines,
  id: string,
  users: ValkeySpec["users"],
): Promise<ValkeySpec> {
  const [endpoint] = await engines.endpoints([6379]);
  const spec = { id, endpoint, authority, users };
  await engines.valkey.ensure(spec);
  return spec;
}

/** Runs a command by redis-cli, with the server's certificate checked. */
export function redisCli(
  { authorityFile }: TestEngines,
  { host, port }: Endpoint,
  { name, password }: { readonly name: string; readonly password: string },
  command: readonly string[],
): Promise<ClientResult> {
  const server = ["-h", host, "-p", String(port), "--tls", "--cacert", authorityFile];
  return runClient("redis-cli", [...server, "--user", name, ...command], {
    REDISCLI_AUTH: password,
  });
}

/** Ends a server's process as a fault would. */
export function kill(pid: number | undefined): void {
  if (pid === undefined) throw new Error("The server does not run.");
  signal(pid, "SIGKILL");
}
