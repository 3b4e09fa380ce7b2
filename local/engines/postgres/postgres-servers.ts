import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { ensureCertificate, placeCertificate } from "../certificates.ts";
import type { PostgresServers, PostgresSpec } from "../engines.ts";
import { type PreparedServer, ServerPool, type ServerPoolOptions } from "../server-pool.ts";
import { own, writeOwned } from "../server-user.ts";
import { withPostgresClient } from "./client.ts";
import { copyRunning } from "./clone.ts";
import { accessFile, postgresConfiguration } from "./configuration.ts";
import {
  dataFolder,
  endStrays,
  ensureDataFolder,
  madeWhole,
  type PostgresProgram,
  setSuperuserPassword,
} from "./data-folder.ts";

const RELOAD_TIMEOUT_MS = 10_000;
const POLL_MS = 20;
/**
 * What each start, stop, reload and early client makes it say; and statements, which it shows when it
 * breaks down, whatever its settings say.
 */
const NOISE =
  /^LOG: {2}(starting PostgreSQL|listening on|database system (was shut down|is) |received (SIGHUP|fast)|aborting any active|background worker "logical|shutting down)|^FATAL: {2}the database system is |STATEMENT:|^LOG: {2}(duration: .*)?(statement|execute|parse|bind)\b|^\t/;
const OWN_DATABASE = "postgres";

/** PostgreSQL servers by the program that `programPath` names. */
export function postgresServers(
  options: ServerPoolOptions,
): PostgresServers & { dispose(): Promise<void> } {
  const program = (): PostgresProgram => ({ path: options.programPath(), env: options.env });
  const pool = new ServerPool<PostgresSpec>(
    { name: "postgres", prepare: (...server) => prepare(program(), ...server) },
    options,
  );

  return {
    ensure: (spec) => pool.ensure(spec),
    state: (id) => pool.state(id),
    pid: (id) => pool.pid(id),
    stop: (id) => pool.stop(id),
    remove: (id) => pool.remove(id),
    dispose: () => pool.dispose(),

    async as(spec, database, work) {
      await pool.ready(spec);
      return withClient(spec, database, work);
    },

    async clone(source, target) {
      await pool.ready(source);
      if (source.superuser.name !== target.superuser.name) {
        throw new Error(
          `A clone's superuser is "${source.superuser.name}" as its source's, not ` +
            `"${target.superuser.name}". Give both the same name.`,
        );
      }
      await pool.exclusively(target.id, async (signal) => {
        signal.throwIfAborted();
        const folder = pool.folder(target.id);
        const data = dataFolder(folder);
        // A clone that was cut off is continued by its server's start.
        if (existsSync(data)) return;
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        own(folder);
        await madeWhole(data, async (preparing) => {
          await withClient(source, OWN_DATABASE, (client) =>
            copyRunning(client, dataFolder(pool.folder(source.id)), preparing, signal),
          );
          await setSuperuserPassword(program(), preparing, target, signal);
        });
      });
      await pool.ensure(target);
    },
  };
}

async function prepare(
  program: PostgresProgram,
  spec: PostgresSpec,
  folder: string,
  signal: AbortSignal,
): Promise<PreparedServer> {
  await ensureDataFolder(program, folder, spec, signal);
  const { endpoint, names = [] } = spec;
  const certificates =
    spec.certificate === undefined
      ? await ensureCertificate(folder, spec.authority, [endpoint.host, ...names])
      : placeCertificate(folder, spec.authority, spec.certificate);
  const files = { ...certificates, accessFile: join(folder, "pg_hba.conf") };
  const settingsFile = join(folder, "postgresql.conf");
  const configuration = postgresConfiguration(spec, files);
  const access = accessFile(spec);
  writeOwned(settingsFile, configuration);
  writeOwned(files.accessFile, access);
  return {
    plan: {
      command: {
        program: program.path,
        args: ["-D", dataFolder(folder), "-c", `config_file=${settingsFile}`],
      },
      // Fast shutdown: clients are cut off, everything committed is kept.
      stopSignal: "SIGINT",
      noise: NOISE,
      beforeStart: () => endStrays(dataFolder(folder)),
      probe: () =>
        withClient(spec, OWN_DATABASE, async (client) => {
          await client.query("SELECT 1");
        }),
    },
    fixed: configuration + spec.authority.certificate + spec.certificate?.certificate,
    reloadable: access + certificates.certificate,
    reload: () => reload(spec),
  };
}

/** Resolves when new connections are judged by the files as they are now. */
async function reload(spec: PostgresSpec): Promise<void> {
  const before = await withClient(spec, OWN_DATABASE, async (client) => {
    const { rows } = await client.query("SELECT error FROM pg_hba_file_rules WHERE error <> ''");
    if (rows.length > 0) throw new Error(`Its access rules are wrong: ${rows[0].error}.`);
    const loaded = await loadTime(client);
    await client.query("SELECT pg_reload_conf()");
    return loaded;
  });
  const deadline = Date.now() + RELOAD_TIMEOUT_MS;
  while ((await withClient(spec, OWN_DATABASE, loadTime)) === before) {
    if (Date.now() > deadline) throw new Error("It did not read its changed access rules.");
    await sleep(POLL_MS);
  }
}

async function loadTime(client: Client): Promise<string> {
  const { rows } = await client.query("SELECT pg_conf_load_time()::text AS time");
  return rows[0].time;
}

const withClient = <R>(
  { endpoint, authority, certificate, superuser }: PostgresSpec,
  database: string,
  work: (client: Client) => Promise<R>,
): Promise<R> =>
  withPostgresClient(
    { endpoint, authority, certificate: certificate?.certificate, database, user: superuser },
    work,
  );
