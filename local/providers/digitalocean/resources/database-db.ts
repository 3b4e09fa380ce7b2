import { orMissing } from "../../../../providers/digitalocean-api/fault.ts";
import { CLUSTER_CHILD, clusterId, clusterPath, define, splitPair } from "./shared.ts";

/** `digitalocean.DatabaseDb`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#operation/databases_add */
export const databaseDb = define({
  token: "digitalocean:index/databaseDb:DatabaseDb",
  title: "database",
  doc: "A database in a cluster. https://docs.digitalocean.com/products/databases/",
  identity: ["clusterId", "name"],
  importFormat: CLUSTER_CHILD,
  properties: {
    clusterId,
    name: {
      type: "string",
      mode: "required",
      replace: true,
      autoname: { maxLength: 63 },
      doc: "The name of the database.",
    },
  },
  parseImportId(id) {
    const pair = splitPair(id);
    return pair && { id: idOf(...pair), state: { clusterId: pair[0], name: pair[1] } };
  },
  async create({ client }, { clusterId, name }) {
    await client.api.post(clusterPath(clusterId, "dbs"), { name });
    return { id: idOf(clusterId, name), state: {} };
  },
  async read({ client }, id, { state }) {
    const path = clusterPath(state.clusterId ?? "", "dbs", state.name ?? "");
    const found = await orMissing(client.api.get<{ db: { name: string } }>(path));
    return found && { id, state: { clusterId: state.clusterId, name: found.db.name } };
  },
  async delete({ client }, _id, state) {
    await client.api.delete(clusterPath(state.clusterId ?? "", "dbs", state.name ?? ""));
  },
  creationTimeUnknown: true,
  async findExisting({ client }, { clusterId, name }) {
    const found = await orMissing(client.api.get(clusterPath(clusterId, "dbs", name)));
    return found === undefined ? undefined : { id: idOf(clusterId, name), state: {} };
  },
});

const idOf = (cluster: string, name: string): string => `${cluster}/database/${name}`;
