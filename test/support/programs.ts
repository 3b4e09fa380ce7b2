import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { execa } from "execa";

/** Clients that the bootstrap looks for beside the servers. */
const CLIENTS = { psql: "psql", pgbench: "pgbench", "redis-cli": "valkey-cli" } as const;
export type ClientProgram = keyof typeof CLIENTS;

const ROOT = join(import.meta.dirname, "..", "..");

/** Path of a client; `redis-cli` is Valkey's where the machine has that. It needs no environment of its own. */
export function clientProgram(name: ClientProgram): string {
  const state = process.env.BULKHEAD_STATE;
  const file = join(state ? resolve(state) : join(ROOT, ".bulkhead"), "tools.json");
  const { programs } = JSON.parse(readFileSync(file, "utf8"));
  const path = programs?.[CLIENTS[name]]?.path;
  if (typeof path === "string") return path;
  throw new Error(
    `${file} does not say where ${name} is. Install it and run \`node tools/bootstrap.mjs\`.`,
  );
}

export interface ClientResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a client with this environment alone, besides the PATH, to its end; it may fail. */
export async function runClient(
  name: ClientProgram,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = "",
): Promise<ClientResult> {
  const { exitCode, stdout, stderr } = await execa(clientProgram(name), args, {
    env: { PATH: process.env.PATH ?? "", ...env },
    extendEnv: false,
    reject: false,
    input,
    timeout: 60_000,
  });
  return { exitCode, stdout, stderr };
}
