import { orMissing } from "../../../../providers/digitalocean-api/fault.ts";
import type { DatabasePool } from "../../../../providers/digitalocean-api/types.ts";
import { CLUSTER_CHILD, clusterId, clusterPath, define, splitPair } from "./shared.ts";

/** `digitalocean.DatabaseConnectionPool`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#operation/databases_add_connectionPool */
export const databaseConnectionPool = define({
  token: "digitalocean:index/databaseConnectionPool:DatabaseConnectionPool",
  title: "connection pool",
  doc: "A connection pool in front of a PostgreSQL cluster. https://docs.digitalocean.com/products/databases/postgresql/how-to/manage-connection-pools/",
  identity: ["clusterId", "name"],
  importFormat: CLUSTER_CHILD,
  properties: {
    clusterId,
    name: {
      type: "string",
      mode: "required",
      replace: true,
      autoname: { maxLength: 63 },
      doc: "The name of the pool, which clients ask for as a database.",
    },
    dbName: {
      type: "string",
      mode: "required",
      replace: true,
      doc: "The database that the pool connects to.",
    },
    mode: {
      type: "string",
      mode: "required",
      replace: true,
      values: ["session", "transaction", "statement"],
      doc: "The transaction mode.",
    },
    size: { type: "integer", mode: "required", replace: true, doc: "Connections to the database." },
    user: {
      type: "string",
      mode: "optional",
      replace: true,
      doc: "The user that the pool works as; else whoever connects.",
    },
    host: { type: "string", mode: "output", doc: "Host name of the pool." },
    port: { type: "integer", mode: "output", doc: "Port of the pool." },
    password: { type: "string", mode: "output", secret: true, doc: "Password of the pool's user." },
    uri: { type: "string", mode: "output", secret: true, doc: "The full URI of the pool." },
    privateHost: { type: "string", mode: "output", doc: "Host name inside of the VPC." },
    privateUri: {
      type: "string",
      mode: "output",
      secret: true,
      doc: "The full URI inside of the VPC.",
    },
  },
  parseImportId(id) {
    const pair = splitPair(id);
    return pair && { id: idOf(...pair), state: { clusterId: pair[0], name: pair[1] } };
  },
  async create({ client }, { clusterId, name, mode, size, dbName, user }) {
    const path = clusterPath(clusterId, "pools");
    const body = { name, mode, size, db: dbName, user };
    const { pool } = await client.api.post<{ pool: DatabasePool }>(path, body);
    return live(clusterId, pool);
  },
  async read({ client }, _id, { state }) {
    const { clusterId = "", name } = state;
    const path = clusterPath(clusterId ?? "", "pools", name ?? "");
    const found = await orMissing(client.api.get<{ pool: DatabasePool }>(path));
    return found && live(clusterId ?? "", found.pool);
  },
  async delete({ client }, _id, state) {
    await client.api.delete(clusterPath(state.clusterId ?? "", "pools", state.name ?? ""));
  },
  creationTimeUnknown: true,
  async findExisting({ client }, { clusterId, name }) {
    const path = clusterPath(clusterId, "pools", name);
    const found = await orMissing(client.api.get<{ pool: DatabasePool }>(path));
    return found && live(clusterId, found.pool);
  },
});

const idOf = (cluster: string, name: string): string => `${cluster}/${name}`;

function live(clusterId: string, pool: DatabasePool) {
  const { connection, private_connection: inside } = pool;
  return {
    id: idOf(clusterId, pool.name),
    state: {
      clusterId,
      name: pool.name,
      dbName: pool.db,
      mode: pool.mode,
      size: pool.size,
      user: pool.user || null,
      host: connection?.host,
      port: connection?.port,
      uri: connection?.uri,
      ...(connection?.password && { password: connection.password }),
      privateHost: inside?.host,
      privateUri: inside?.uri,
    },
  };
}
