/** The logins at database servers that a stack holds, by its resources and its outputs. */
import { type FactMap, isFactMap, type ResourceFact, reveal } from "../../isolation/facts.ts";
import { type Login, loginOfUrl, type ServerKind } from "../logins/login.ts";
import { listAt, mapsAt, numberAt, textAt } from "./facts.ts";

/** A login with the resource that holds it; undefined: an output of the stack does. */
export interface HeldLogin {
  readonly login: Login;
  readonly holder: ResourceFact | undefined;
  /** Where it is held, when an output holds it: `variables.shop.DATABASE_URL`. */
  readonly output?: string;
}

/** Type tokens of the resources that logins are read from. */
export const TYPES = {
  database: "bulkhead:postgres:Database",
  cluster: "digitalocean:index/databaseCluster:DatabaseCluster",
  clusterUser: "digitalocean:index/databaseUser:DatabaseUser",
  pool: "digitalocean:index/databaseConnectionPool:DatabaseConnectionPool",
  instance: "aws:rds/instance:Instance",
  cacheUser: "aws:elasticache/user:User",
  cacheUserGroup: "aws:elasticache/userGroup:UserGroup",
  cacheGroup: "aws:elasticache/replicationGroup:ReplicationGroup",
} as const;

/** DigitalOcean's names of the engines. */
const ENGINES: Readonly<Record<string, ServerKind>> = {
  pg: "postgres",
  valkey: "redis",
  redis: "redis",
};

/**
 * Every login, each once: the resource that makes a user comes before those that use it, and the
 * outputs come last.
 */
export function heldLogins(resources: readonly ResourceFact[], outputs: FactMap): HeldLogin[] {
  const of = (type: string) => resources.filter((each) => each.type === type);
  const all = [
    ...of(TYPES.cluster).flatMap(clusterLogin),
    ...of(TYPES.clusterUser).flatMap((user) => clusterUserLogin(user, of(TYPES.cluster))),
    ...of(TYPES.instance).flatMap(instanceLogin),
    ...of(TYPES.database).flatMap(databaseLogins),
    ...of(TYPES.pool).flatMap(poolLogin),
    ...of(TYPES.cacheUser).flatMap((user) =>
      cacheLogins(user, of(TYPES.cacheUserGroup), of(TYPES.cacheGroup)),
    ),
    ...outputLogins(outputs),
  ];
  const seen = new Set<string>();
  return all.filter(({ login }) => {
    const key = JSON.stringify([login.host, login.port, login.user, login.password]);
    return seen.size < seen.add(key).size;
  });
}

/** A login of which every part is known; else none. */
function held(
  holder: ResourceFact,
  kind: ServerKind,
  parts: { readonly [Part in keyof Omit<Login, "kind">]: Login[Part] | undefined },
): HeldLogin[] {
  const { host, port, user, password, database } = parts;
  if (host === undefined || port === undefined || user === undefined) return [];
  if (password === undefined || database === undefined) return [];
  return [{ holder, login: { kind, host, port, user, password, database } }];
}

function clusterLogin(cluster: ResourceFact): HeldLogin[] {
  const { outputs } = cluster;
  const kind = ENGINES[textAt(outputs, "engine") ?? ""];
  if (kind === undefined) return [];
  return held(cluster, kind, {
    ...addressOf(outputs, "host"),
    user: textAt(outputs, "user"),
    password: textAt(outputs, "password"),
    database: kind === "redis" ? "0" : textAt(outputs, "database"),
  });
}

function clusterUserLogin(user: ResourceFact, clusters: readonly ResourceFact[]): HeldLogin[] {
  const cluster = clusters.find(({ id }) => id === textAt(user.outputs, "clusterId"));
  const kind = ENGINES[textAt(cluster?.outputs ?? {}, "engine") ?? ""];
  if (cluster === undefined || kind === undefined) return [];
  return held(user, kind, {
    ...addressOf(cluster.outputs, "host"),
    user: textAt(user.outputs, "name"),
    password: textAt(user.outputs, "password"),
    database: kind === "redis" ? "0" : textAt(cluster.outputs, "database"),
  });
}

const instanceLogin = (instance: ResourceFact): HeldLogin[] =>
  textAt(instance.outputs, "engine") !== "postgres"
    ? []
    : held(instance, "postgres", {
        ...addressOf(instance.outputs, "address"),
        user: textAt(instance.outputs, "username"),
        password: textAt(instance.inputs, "password"),
        database: "postgres",
      });

/** The administrator, and the roles that the resource has made. */
function databaseLogins(database: ResourceFact): HeldLogin[] {
  const { inputs } = database;
  const server = addressOf(inputs, "server", "host");
  const administrator = held(database, "postgres", {
    ...server,
    user: textAt(inputs, "server", "user"),
    password: textAt(inputs, "server", "password"),
    database: textAt(inputs, "server", "database"),
  });
  const roles = mapsAt(inputs, "roles").flatMap((role) =>
    held(database, "postgres", {
      ...server,
      user: textAt(role, "name"),
      password: textAt(role, "password"),
      database: textAt(inputs, "name"),
    }),
  );
  return [...administrator, ...roles];
}

const poolLogin = (pool: ResourceFact): HeldLogin[] =>
  held(pool, "postgres", {
    ...addressOf(pool.outputs, "host"),
    user: textAt(pool.outputs, "user"),
    password: textAt(pool.outputs, "password"),
    database: textAt(pool.outputs, "name"),
  });

/** A user of ElastiCache at each server whose groups it is in. */
function cacheLogins(
  user: ResourceFact,
  userGroups: readonly ResourceFact[],
  servers: readonly ResourceFact[],
): HeldLogin[] {
  const id = textAt(user.outputs, "userId");
  const groups = userGroups
    .filter(({ outputs }) => listAt(outputs, "userIds").includes(id ?? null))
    .map(({ outputs }) => textAt(outputs, "userGroupId") ?? null);
  const [password] = listAt(user.inputs, "authenticationMode", "passwords").map(reveal);
  return servers
    .filter(({ outputs }) =>
      listAt(outputs, "userGroupIds").some((each) => groups.includes(each as string)),
    )
    .flatMap((server) =>
      held(user, "redis", {
        ...addressOf(server.outputs, "primaryEndpointAddress"),
        user: textAt(user.outputs, "userName"),
        password: typeof password === "string" ? password : undefined,
        database: "0",
      }),
    );
}

/** Connection URLs in the stack's outputs, at any depth. */
function outputLogins(outputs: FactMap): HeldLogin[] {
  const logins: HeldLogin[] = [];
  const visit = (map: FactMap, path: string) => {
    for (const [name, value] of Object.entries(map)) {
      const content = reveal(value);
      const output = path === "" ? name : `${path}.${name}`;
      if (isFactMap(content)) visit(content, output);
      const login = typeof content === "string" ? loginOfUrl(content) : undefined;
      if (login !== undefined && login.password !== "")
        logins.push({ login, holder: undefined, output });
    }
  };
  visit(outputs, "");
  return logins;
}

/** Host and port, which stand beside each other. */
const addressOf = (map: FactMap, ...path: readonly string[]) => ({
  host: textAt(map, ...path),
  port: numberAt(map, ...path.slice(0, -1), "port"),
});
