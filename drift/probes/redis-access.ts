/** Who may log in to each Redis server, and whose keys are on it. */

import { type FactMap, isFactMap, type ResourceFact, reveal } from "../../isolation/facts.ts";
import { messageOf } from "../../policy/wording.ts";
import type { Difference } from "../finding.ts";
import { type Login, onRedis, type RedisSession } from "../logins/login.ts";
import {
  found,
  grouped,
  isThere,
  lookAtEach,
  openOutputs,
  openResources,
  textAt,
  valueAt,
} from "./facts.ts";
import type { Probe, ProbeInput } from "./probe.ts";
import { heldLogins } from "./stack-logins.ts";
import { trustOf } from "./trust.ts";

/** Keys that are looked at on each server: enough to meet a second environment, and soon done. */
const MOST_KEYS = 10_000;
const KEYS_AT_A_TIME = 1000;

interface Server {
  readonly login: Login;
  readonly resource: ResourceFact;
  /** Users that the stack declares. */
  readonly users: ReadonlySet<string>;
}

export const redisAccess: Probe = {
  name: "redis-access",
  looksAt: "the users and keys of the Redis servers",
  async run(input) {
    // What is gone is told of by the refresh.
    const resources = (await openResources(input)).filter((each) => isThere(input, each));
    const servers = serversOf(resources);
    if (servers.length === 0) return [];
    const prefixes = keyPrefixes(await openOutputs(input));
    const trustFor = await trustOf(input, resources);
    return lookAtEach(servers, async (server) =>
      onRedis(server.login, await trustFor(server.login), async (client) => [
        ...(await users(client, server)),
        ...(await keys(client, server, prefixes, input)),
      ]).catch(nothingWhenRefused),
    );
  },
};

/** A login that no longer works is told of by the probe of logins. */
function nothingWhenRefused(error: unknown): readonly Difference[] {
  if (error instanceof Error && error.message.startsWith("WRONGPASS")) return [];
  throw error;
}

function serversOf(resources: readonly ResourceFact[]): Server[] {
  const held = heldLogins(resources, {}).filter(({ login }) => login.kind === "redis");
  const byAddress = grouped(held, ({ login }) => `${login.host}:${login.port}`);
  return [...byAddress.values()].flatMap((logins): Server[] => {
    const [first] = logins;
    if (first === undefined) return [];
    const { host } = first.login;
    const resource =
      resources.find(({ outputs }) =>
        ["host", "primaryEndpointAddress"].some((name) => textAt(outputs, name) === host),
      ) ?? first.holder;
    if (resource === undefined) return [];
    return [
      { login: first.login, resource, users: new Set(logins.map(({ login }) => login.user)) },
    ];
  });
}

/**
 * Users beyond the declared ones, where the server tells. Managed ones do not: DigitalOcean's users are
 * listed with all that no stack owns, and AWS's are in a group that a refresh sees.
 */
async function users(client: RedisSession, { resource, users }: Server): Promise<Difference[]> {
  const lines = (await accessList(client)) ?? [];
  const open = lines.filter((line) => /\son\s/.test(line)).map((line) => line.split(" "));
  return open.flatMap((words) => {
    const name = words[1] ?? "";
    const what = [
      ...(users.has(name) ? [] : ["whom the stack does not declare"]),
      ...(words.includes("nopass") ? ["who needs no password"] : []),
    ];
    if (what.length === 0) return [];
    const message = `${resource.name} lets the user ${name} in, ${what.join(", and ")}.`;
    return [found("access", resource, message, { key: `user ${name}` })];
  });
}

/** Undefined where the user may not ask; managed servers keep that to themselves. */
async function accessList(client: RedisSession): Promise<readonly string[] | undefined> {
  try {
    return (await client.sendCommand(["ACL", "LIST"])) as string[];
  } catch (error) {
    const said = messageOf(error);
    if (/NOPERM|unknown command/i.test(said)) return undefined;
    throw error;
  }
}

/** Keys that another environment of a system of this stack's has written. */
async function keys(
  client: RedisSession,
  { resource }: Server,
  prefixes: readonly string[],
  { note }: ProbeInput,
): Promise<Difference[]> {
  const environments = new Map(
    prefixes.flatMap((prefix) => {
      const [system, environment] = prefix.split(":");
      return system === undefined || environment === undefined ? [] : [[system, environment]];
    }),
  );
  const namespaces = new Set<string>();
  let seen = 0;
  let isCut = false;
  for (let cursor = "0"; ; ) {
    const answer = (await client.sendCommand([
      ...["SCAN", cursor, "COUNT", String(KEYS_AT_A_TIME)],
    ])) as [string, string[]];
    cursor = String(answer[0]);
    for (const key of answer[1]) {
      const [system = "", environment = ""] = key.split(":", 2);
      const own = environments.get(system);
      // A key's own words may be a secret, such as a session's.
      const isName = /^[a-z0-9-]{1,32}$/.test(environment);
      if (own === undefined || environment === own || !isName) continue;
      namespaces.add(`${system}:${environment}:`);
    }
    seen += answer[1].length;
    isCut = cursor !== "0" && seen >= MOST_KEYS;
    if (cursor === "0" || isCut) break;
  }
  if (isCut)
    note(`${resource.name} has many keys: whose they are was looked at for ${MOST_KEYS} of them.`);
  // How many there are is another number at each run, and would be another finding.
  return [...namespaces]
    .sort()
    .map((prefix) =>
      found(
        "access",
        resource,
        `${resource.name} holds keys that begin with ${prefix}, which is another environment's namespace.`,
        { key: prefix },
      ),
    );
}

/** The namespaces of the applications, by the stack's outputs. */
function keyPrefixes(outputs: FactMap): readonly string[] {
  const systems = valueAt(outputs, "systems");
  if (!isFactMap(systems)) return [];
  return Object.values(systems).flatMap((system) => {
    const content = reveal(system);
    const redis = isFactMap(content) ? valueAt(content, "redis") : undefined;
    if (!isFactMap(redis)) return [];
    return Object.values(redis).flatMap((server) => {
      const state = reveal(server);
      const applications = isFactMap(state) ? valueAt(state, "applications") : undefined;
      return isFactMap(applications)
        ? Object.values(applications).flatMap((prefix) =>
            typeof prefix === "string" ? [prefix] : [],
          )
        : [];
    });
  });
}
