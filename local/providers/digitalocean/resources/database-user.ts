import { orMissing } from "../../../../providers/digitalocean-api/fault.ts";
import type { DatabaseUser } from "../../../../providers/digitalocean-api/types.ts";
import type { InputsOf } from "../../../../providers/sdk/properties.ts";
import { CLUSTER_CHILD, clusterId, clusterPath, define, splitPair } from "./shared.ts";

/** The vendor's own choice for MySQL logins. */
const DEFAULT_PLUGIN = "caching_sha2_password";

const settings = {
  type: {
    array: {
      object: {
        acls: {
          type: {
            array: {
              object: {
                id: { type: "string", mode: "output", doc: "Identifier of the entry." },
                topic: {
                  type: "string",
                  mode: "required",
                  doc: "Topics, as a regular expression.",
                },
                permission: {
                  type: "string",
                  mode: "required",
                  values: ["admin", "consume", "produce", "produceconsume"],
                  doc: "What the login may do with them.",
                },
              },
            },
          },
          mode: "optional",
          doc: "Topics of a Kafka cluster.",
        },
        opensearchAcls: {
          type: {
            array: {
              object: {
                index: {
                  type: "string",
                  mode: "required",
                  doc: "Indexes, as a regular expression.",
                },
                permission: {
                  type: "string",
                  mode: "required",
                  values: ["admin", "deny", "read", "readwrite", "write"],
                  doc: "What the login may do with them.",
                },
              },
            },
          },
          mode: "optional",
          doc: "Indexes of an OpenSearch cluster.",
        },
      },
    },
  },
  mode: "optional",
  doc: "What the login may do, where the engine knows such.",
} as const;

type Settings = InputsOf<{ settings: typeof settings }>["settings"];

/** `digitalocean.DatabaseUser`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#operation/databases_add_user */
export const databaseUser = define({
  token: "digitalocean:index/databaseUser:DatabaseUser",
  title: "database user",
  doc: "A login of a database cluster. https://docs.digitalocean.com/products/databases/",
  identity: ["clusterId", "name"],
  importFormat: CLUSTER_CHILD,
  properties: {
    clusterId,
    name: {
      type: "string",
      mode: "required",
      replace: true,
      autoname: { maxLength: 63 },
      doc: "The name of the login.",
    },
    mysqlAuthPlugin: {
      type: "string",
      mode: "optional",
      unset: DEFAULT_PLUGIN,
      values: [DEFAULT_PLUGIN, "mysql_native_password"],
      doc: "Authentication method of a MySQL login.",
    },
    settings,
    role: { type: "string", mode: "output", doc: "primary or normal." },
    password: { type: "string", mode: "output", secret: true, doc: "Password of the login." },
    accessCert: { type: "string", mode: "output", secret: true, doc: "Certificate for Kafka." },
    accessKey: { type: "string", mode: "output", secret: true, doc: "Private key for Kafka." },
  },
  parseImportId(id) {
    const pair = splitPair(id);
    return pair && { id: idOf(...pair), state: { clusterId: pair[0], name: pair[1] } };
  },
  async create({ client }, inputs) {
    const { clusterId, name, mysqlAuthPlugin } = inputs;
    const { user } = await client.api.post<{ user: DatabaseUser }>(
      clusterPath(clusterId, "users"),
      {
        name,
        ...(mysqlAuthPlugin && { mysql_settings: { auth_plugin: mysqlAuthPlugin } }),
        ...(inputs.settings && { settings: bodyOf(inputs.settings) }),
      },
    );
    return { id: idOf(clusterId, name), state: stateOf(user) };
  },
  async read({ client }, id, { state }) {
    const path = clusterPath(state.clusterId ?? "", "users", state.name ?? "");
    const found = await orMissing(client.api.get<{ user: DatabaseUser }>(path));
    return (
      found && {
        id,
        state: { clusterId: state.clusterId, name: found.user.name, ...stateOf(found.user) },
      }
    );
  },
  async update({ client }, _id, inputs, known) {
    const path = clusterPath(inputs.clusterId, "users", inputs.name);
    if (inputs.mysqlAuthPlugin !== known.inputs?.mysqlAuthPlugin)
      await client.api.post(`${path}/reset_auth`, {
        mysql_settings: { auth_plugin: inputs.mysqlAuthPlugin ?? DEFAULT_PLUGIN },
      });
    if (inputs.settings || known.inputs?.settings)
      await client.api.put(path, { settings: bodyOf(inputs.settings) });
    return stateOf((await client.api.get<{ user: DatabaseUser }>(path)).user);
  },
  async delete({ client }, _id, state) {
    await client.api.delete(clusterPath(state.clusterId ?? "", "users", state.name ?? ""));
  },
  creationTimeUnknown: true,
  async findExisting({ client }, { clusterId, name }) {
    const path = clusterPath(clusterId, "users", name);
    const found = await orMissing(client.api.get<{ user: DatabaseUser }>(path));
    return found && { id: idOf(clusterId, name), state: stateOf(found.user) };
  },
});

const idOf = (cluster: string, name: string): string => `${cluster}/user/${name}`;

/** Credentials that the vendor leaves out are told with the creation only, and stay what they were. */
function stateOf(user: DatabaseUser) {
  return {
    role: user.role || "normal",
    ...(user.password && { password: user.password }),
    ...(user.access_cert && { accessCert: user.access_cert }),
    ...(user.access_key && { accessKey: user.access_key }),
    ...(user.mysql_settings && { mysqlAuthPlugin: user.mysql_settings.auth_plugin }),
  };
}

function bodyOf(settings: Settings) {
  const [first] = settings ?? [];
  return {
    ...(first?.acls && { acl: first.acls }),
    ...(first?.opensearchAcls && { opensearch_acl: first.opensearchAcls }),
  };
}
