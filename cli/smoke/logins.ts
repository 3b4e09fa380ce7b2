import { Client } from "pg";
import { createClient } from "redis";
import { check, expectThat, type SmokeResult } from "./check.ts";

/** A system's connection URLs in one environment. */
export interface Connections {
  readonly environment: string;
  /** Variable names and URLs; what is no URL of a server is left out of account. */
  readonly variables: Readonly<Record<string, string>>;
}

type Kind = "postgres" | "redis";

const SCHEMES: Readonly<Record<string, Kind>> = { "postgresql:": "postgres", "rediss:": "redis" };

const TIMEOUT_MILLISECONDS = 10_000;

/** What each kind of server says to a user that it does not know, or to a wrong password. */
const REFUSALS: Readonly<Record<Kind, RegExp>> = {
  postgres: /password authentication failed|no such user|SASL/i,
  redis: /WRONGPASS/,
};

/** Logs in, and says so; throws the server's refusal. */
const LOGINS: Readonly<Record<Kind, (url: URL) => Promise<void>>> = {
  async postgres(url) {
    const client = new Client({
      host: url.hostname,
      port: Number(url.port),
      database: decodeURIComponent(url.pathname.slice(1)),
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      connectionTimeoutMillis: TIMEOUT_MILLISECONDS,
      // What is tried here is the password, not the certificate.
      ssl: { rejectUnauthorized: false },
    });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.query("SELECT 1");
    } finally {
      await client.end().catch(() => undefined);
    }
  },
  async redis(url) {
    const client = createClient({
      url: url.href,
      socket: {
        tls: true,
        rejectUnauthorized: false,
        reconnectStrategy: false,
        connectTimeout: TIMEOUT_MILLISECONDS,
      },
    });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.ping();
    } finally {
      client.destroy();
    }
  },
};

/**
 * One environment's logins are good at home and refused by the other's servers, in both directions;
 * the other's own logins are good there, so that a refusal is no outage.
 */
export async function loginIsolation(
  system: string,
  a: Connections,
  b: Connections,
): Promise<SmokeResult[]> {
  const pairs = serversOf(a).flatMap((home) =>
    serversOf(b)
      .filter(({ kind, role }) => kind === home.kind && role === home.role)
      .map((abroad) => [home, abroad] as const),
  );
  const directions = pairs.flatMap(([x, y]) => [
    { from: a.environment, to: b.environment, home: x, abroad: y },
    { from: b.environment, to: a.environment, home: y, abroad: x },
  ]);
  return Promise.all(
    directions.map(({ from, to, home, abroad }) =>
      check(`${system} ${to}: ${abroad.label} refuses the login of ${from}`, async () => {
        await LOGINS[home.kind](home.url);
        await LOGINS[abroad.kind](abroad.url);
        const said = await refusal(home.kind, withLoginOf(abroad.url, home.url));
        expectThat(
          said !== undefined && REFUSALS[home.kind].test(said),
          said ?? "the login was let in",
        );
        return `both log in at home; abroad: ${said}`;
      }),
    ),
  );
}

/** Each server that the connection URLs lead to lets its own user in. */
export const loginChecks = (system: string, connections: Connections): Promise<SmokeResult>[] =>
  serversOf(connections).map(({ kind, label, url }) =>
    check(`${system} ${connections.environment}: ${label} lets its user in`, async () => {
      await LOGINS[kind](url);
      return `${url.hostname}:${url.port}`;
    }),
  );

interface Server {
  readonly kind: Kind;
  /** Which of a system's servers of a kind it is: two environments name the variable alike, or have one. */
  readonly role: string;
  readonly label: string;
  readonly url: URL;
}

/** The servers that the variables lead to, each once. */
function serversOf({ variables }: Connections): Server[] {
  const found = Object.entries(variables).flatMap(([name, value]): Server[] => {
    const kind = SCHEMES[/^[a-z]+:/.exec(value)?.[0] ?? ""];
    // InstaInstru calls each tier's database by a name of its own.
    const role = name.replace(/^(TEST|STG|PROD)_/, "");
    return kind === undefined
      ? []
      : [{ kind, role, label: `${kind} of ${role}`, url: new URL(value) }];
  });
  return found.filter(
    ({ url }, index) => found.findIndex((each) => each.url.host === url.host) === index,
  );
}

function withLoginOf(server: URL, login: URL): URL {
  const url = new URL(server);
  url.username = login.username;
  url.password = login.password;
  return url;
}

async function refusal(kind: Kind, url: URL): Promise<string | undefined> {
  try {
    await LOGINS[kind](url);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
