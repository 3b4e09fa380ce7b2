import { Socket } from "node:net";
import pg from "pg";
import { expect, vi } from "vitest";
import type { TestTeam } from "../../../support/digitalocean.ts";
import { SERVER_NAME } from "../user-data.ts";

export const REGION = "ams3";
/** How long a machine may take on a busy computer. */
const PATIENCE = { timeout: 60_000, interval: 50 };

export const dropletBody = (more: Readonly<Record<string, unknown>> = {}) => ({
  name: "db-1",
  region: REGION,
  size: "s-1vcpu-1gb",
  image: "debian-13-x64",
  ...more,
});

/** Creates a droplet and waits until it is active. */
export async function createDroplet(team: TestTeam, more?: Readonly<Record<string, unknown>>) {
  const created = await team.call("POST", "/v2/droplets", dropletBody(more));
  expect(created).toMatchObject({ status: 202, body: { droplet: { status: "new" } } });
  return untilStatus(team, created.body.droplet.id, "active");
}

export async function untilStatus(team: TestTeam, id: number, status: string) {
  return vi.waitFor(async () => {
    const { droplet } = (await team.call("GET", `/v2/droplets/${id}`)).body;
    expect(droplet).toMatchObject({ status, locked: false });
    return droplet;
  }, PATIENCE);
}

/** Begins an action and waits until it is done. */
export async function act(team: TestTeam, path: string, body: object) {
  const begun = await team.call("POST", `${path}/actions`, body);
  expect(begun.body).toMatchObject({ action: { id: expect.any(Number) } });
  return vi.waitFor(async () => {
    const { action } = (await team.call("GET", `/v2/actions/${begun.body.action.id}`)).body;
    expect(action.status).toBe("completed");
    return action;
  }, PATIENCE);
}

/** The droplet's address of that type. */
export function addressOf(
  droplet: { networks: { v4: { type: string; ip_address: string }[] } },
  type = "public",
): string {
  return droplet.networks.v4.find((network) => network.type === type)?.ip_address ?? "";
}

export interface Login {
  readonly host: string;
  /** PEM of the authority that the client trusts. */
  readonly ca: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** The address that the client comes from. */
  readonly from?: string;
}

/** Runs one statement on a connection of its own and gives the rows. */
export async function query(login: Login, text: string): Promise<Record<string, unknown>[]> {
  const { host, ca, user, password, database, from } = login;
  const client = new pg.Client({
    host,
    user,
    password,
    database,
    ssl: { ca, servername: SERVER_NAME },
    connectionTimeoutMillis: 10_000,
    ...(from === undefined ? {} : { stream: () => socketFrom(from) }),
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A socket that connects from that address. */
function socketFrom(localAddress: string): Socket {
  const socket = new Socket();
  const connect = socket.connect.bind(socket);
  return Object.assign(socket, {
    connect: (port: number, host: string) => connect({ port, host, localAddress }),
  });
}

/** The code of the error that a statement or its connection ends with: an SQLSTATE or `ECONNREFUSED`. */
export async function failureOf(login: Login, text = "SELECT 1"): Promise<string> {
  try {
    await query(login, text);
    return "none";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}
