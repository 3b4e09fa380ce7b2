import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { ensureCertificate } from "../certificates.ts";
import type { AccessRule, PgBouncerSpec, Servers } from "../engines.ts";
import { withPostgresClient } from "../postgres/client.ts";
import { accessFile } from "../postgres/configuration.ts";
import { scramVerifier } from "../postgres/scram.ts";
import { type PreparedServer, ServerPool, type ServerPoolOptions } from "../server-pool.ts";
import { writeOwned } from "../server-user.ts";
import {
  ADMINISTRATOR,
  CONSOLE,
  pgbouncerSettings,
  poolSection,
  usersFile,
} from "./configuration.ts";

/** What each start and reload makes it say. */
const NOISE = / LOG (kernel file descriptor|listening on|process up|RELOAD command)/;
const PASSWORD_BYTES = 32;
const EVERYWHERE: readonly AccessRule[] = ["0.0.0.0/0", "::/0"].map((address) => ({
  database: "all",
  user: "all",
  address,
  method: "scram-sha-256",
}));

/** PgBouncer servers by the program that `programPath` names. */
export function pgbouncerServers(
  options: ServerPoolOptions,
): Servers<PgBouncerSpec> & { dispose(): Promise<void> } {
  // Each process of this cloud is given it at its start, so it need not be kept.
  const password = randomBytes(PASSWORD_BYTES).toString("base64url");
  const verifier = scramVerifier(password);
  return new ServerPool<PgBouncerSpec>(
    {
      name: "pgbouncer",
      prepare: (spec, folder) => prepare(options.programPath(), spec, folder, password, verifier),
    },
    options,
  );
}

async function prepare(
  program: string,
  spec: PgBouncerSpec,
  folder: string,
  password: string,
  verifier: string,
): Promise<PreparedServer> {
  const certificates = await ensureCertificate(folder, spec.authority, [spec.endpoint.host]);
  const files = {
    ...certificates,
    usersFile: join(folder, "users.txt"),
    accessFile: join(folder, "pg_hba.conf"),
  };
  const settings = pgbouncerSettings(spec, files);
  const pools = poolSection(spec);
  const users = usersFile(spec, verifier);
  const configurationFile = join(folder, "pgbouncer.ini");
  const { endpoint, access: rules = EVERYWHERE } = spec;
  const access = accessFile({ superuser: { name: ADMINISTRATOR }, endpoint, access: rules });
  writeOwned(files.usersFile, users);
  writeOwned(files.accessFile, access);
  writeOwned(configurationFile, pools + settings);
  const onConsole = (statement: string) =>
    withPostgresClient(
      { ...spec, database: CONSOLE, user: { name: ADMINISTRATOR, password } },
      async (client) => {
        await client.query(statement);
      },
    );
  return {
    plan: {
      command: { program, args: [configurationFile] },
      // It keeps nothing, and what the other signals mean depends on its version.
      stopSignal: "SIGKILL",
      noise: NOISE,
      probe: () => onConsole("SHOW VERSION"),
    },
    fixed: settings + certificates.certificate + spec.authority.certificate,
    reloadable: pools + users + access,
    reload: () => onConsole("RELOAD"),
  };
}
