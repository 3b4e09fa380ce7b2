import { orMissing } from "../../../../providers/digitalocean-api/fault.ts";
import type { DatabaseFirewallRule } from "../../../../providers/digitalocean-api/types.ts";
import type { PlainMap, PlainValue } from "../../../../providers/sdk/values.ts";
import { clusterId, clusterPath, define, sorted, uniqueId } from "./shared.ts";

/** What a rule says, whatever ids the vendor has given it and wherever it stands. */
const meaning = (value: PlainValue): PlainValue =>
  Array.isArray(value)
    ? sorted((value as PlainMap[]).map(({ type = "", value = "" }) => ({ type, value })))
    : value;

/** `digitalocean.DatabaseFirewall`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#operation/databases_update_firewall_rules */
export const databaseFirewall = define({
  token: "digitalocean:index/databaseFirewall:DatabaseFirewall",
  title: "database firewall",
  doc: "Who may reach a database cluster. https://docs.digitalocean.com/products/databases/postgresql/how-to/secure/",
  identity: ["clusterId"],
  importFormat: "<cluster_id>",
  properties: {
    clusterId,
    rules: {
      type: {
        array: {
          object: {
            type: {
              type: "string",
              mode: "required",
              values: ["app", "droplet", "ip_addr", "k8s", "tag"],
              doc: "What kind of source may connect.",
            },
            value: {
              type: "string",
              mode: "required",
              doc: "The source: an id, a tag, an address or a range in CIDR notation.",
            },
            uuid: { type: "string", mode: "output", doc: "Identifier of the rule." },
            createdAt: { type: "string", mode: "output", doc: "When the rule was made." },
          },
        },
      },
      mode: "required",
      normalize: meaning,
      doc: "The sources that may connect.",
    },
  },
  parseImportId: (id) => ({ id: uniqueId(id), state: { clusterId: id } }),
  async create({ client }, { clusterId, rules }) {
    const path = clusterPath(clusterId, "firewall");
    await client.api.put(path, { rules });
    return { id: uniqueId(clusterId), state: { rules: await rulesAt(client, path) } };
  },
  async read({ client }, id, { state }) {
    const path = clusterPath(state.clusterId ?? "", "firewall");
    const rules = await orMissing(rulesAt(client, path));
    return rules && { id, state: { clusterId: state.clusterId, rules } };
  },
  async update({ client }, _id, { clusterId, rules }) {
    const path = clusterPath(clusterId, "firewall");
    await client.api.put(path, { rules });
    return { rules: await rulesAt(client, path) };
  },
  async delete({ client }, _id, state) {
    await client.api.put(clusterPath(state.clusterId ?? "", "firewall"), { rules: [] });
  },
});

async function rulesAt(client: { api: { get<T>(path: string): Promise<T> } }, path: string) {
  const { rules } = await client.api.get<{ rules?: DatabaseFirewallRule[] | null }>(path);
  return (rules ?? []).map(({ type, value, uuid, created_at }) => ({
    type,
    value,
    ...(uuid === undefined ? {} : { uuid }),
    ...(created_at === undefined ? {} : { createdAt: created_at }),
  }));
}
