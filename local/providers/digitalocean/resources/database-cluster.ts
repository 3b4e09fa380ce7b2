import { orMissing } from "../../../../providers/digitalocean-api/fault.ts";
import type { Database } from "../../../../providers/digitalocean-api/types.ts";
import { UnfinishedError } from "../../../../providers/sdk/fault.ts";
import type { InputsOf } from "../../../../providers/sdk/properties.ts";
import { SERVER_TIMEOUT_MS, waitUntil } from "../../../../providers/sdk/wait.ts";
import {
  checkCluster,
  databaseClusterProperties as properties,
} from "./database-cluster-properties.ts";
import { clusterPath, type DigitalOceanContext, dateOf, define, setTags } from "./shared.ts";

type Inputs = InputsOf<typeof properties>;

/** The vendor's states of a cluster whose first start has not ended. */
const STARTING: ReadonlySet<string> = new Set(["creating", "forking"]);

/** What the vendor uses where no policy was chosen. */
const NO_EVICTION = "noeviction";

/** `digitalocean.DatabaseCluster`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#tag/Databases */
export const databaseCluster = define({
  token: "digitalocean:index/databaseCluster:DatabaseCluster",
  title: "database cluster",
  doc: "A managed database cluster. https://docs.digitalocean.com/products/databases/",
  identity: ["name"],
  importFormat: "<id>",
  properties,
  validate: checkCluster,
  parseImportId: (id) => ({ id, state: {} }),
  async create({ client }, inputs) {
    const { database } = await client.api.post<{ database: Database }>("/databases", {
      name: inputs.name,
      engine: inputs.engine,
      version: inputs.version,
      size: inputs.size,
      region: inputs.region.toLowerCase(),
      num_nodes: inputs.nodeCount,
      tags: inputs.tags,
      private_network_uuid: inputs.privateNetworkUuid,
      project_id: inputs.projectId,
      storage_size_mib: mebibytes(inputs.storageSizeMib),
      backup_restore: inputs.backupRestore && {
        database_name: inputs.backupRestore.databaseName,
        backup_created_at: inputs.backupRestore.backupCreatedAt,
      },
    });
    return live(database);
  },
  // A cluster takes changes only while it is online, so a change waits like a creation does.
  async finish(context, { id }, inputs) {
    let found = await untilOnline(context, id, "creating");
    for (const change of CHANGES) {
      if (!(await change.make(context, found, inputs))) continue;
      found = await untilOnline(context, id, change.doing);
    }
    return live(found);
  },
  async read({ client }, id, known) {
    const answer = await orMissing(client.api.get<{ database: Database }>(clusterPath(id)));
    if (answer === undefined) return undefined;
    const { database } = answer;
    const { id: _, state } = live(database);
    const found = {
      id,
      state: { ...state, ...(await settingsOf(client.api, database, known.inputs)) },
    };
    if (STARTING.has(database.status))
      throw new UnfinishedError(
        `The database cluster "${database.name}" is still ${database.status}. Run \`pulumi up\` to wait for it.`,
        found,
      );
    return found;
  },
  async update({ client }, id, inputs, known) {
    // Everything else is made in `finish`, which cannot know what was taken out.
    if (known.inputs?.evictionPolicy !== undefined && inputs.evictionPolicy === undefined)
      await client.api.put(clusterPath(id, "eviction_policy"), { eviction_policy: NO_EVICTION });
    return {};
  },
  async delete({ client }, id) {
    await client.api.delete(clusterPath(id));
  },
  async findExisting({ client }, inputs) {
    const all = await client.api.list<Database>("/databases", "databases");
    const found = all.find((each) => each.name === inputs.name);
    return found && { ...live(found), createdAt: dateOf(found.created_at) };
  },
});

/** A part of a cluster that can be changed; `make` says whether it had to. */
interface Change {
  /** What the cluster does meanwhile. */
  readonly doing: string;
  make(context: DigitalOceanContext, found: Database, inputs: Inputs): Promise<boolean>;
}

const CHANGES: readonly Change[] = [
  {
    doing: "resizing",
    async make({ client }, found, { size, nodeCount, storageSizeMib }) {
      const storage = mebibytes(storageSizeMib);
      const grown = storage !== undefined && storage !== found.storage_size_mib;
      if (size === found.size && nodeCount === found.num_nodes && !grown) return false;
      await client.api.put(clusterPath(found.id, "resize"), {
        size,
        num_nodes: nodeCount,
        // A size of its own goes with each plan, so the vendor chooses unless the program does.
        ...(grown ? { storage_size_mib: storage } : {}),
      });
      return true;
    },
  },
  {
    doing: "migrating",
    async make({ client }, found, inputs) {
      const region = inputs.region.toLowerCase();
      if (region === found.region) return false;
      await client.api.put(clusterPath(found.id, "migrate"), { region });
      return true;
    },
  },
  {
    doing: "upgrading",
    async make({ client }, found, { version }) {
      if (version === undefined || version === found.version) return false;
      await client.api.put(clusterPath(found.id, "upgrade"), { version });
      return true;
    },
  },
  {
    doing: "setting its maintenance window",
    async make({ client }, found, { maintenanceWindows }) {
      const [wanted] = maintenanceWindows ?? [];
      const has = found.maintenance_window;
      if (wanted === undefined) return false;
      if (wanted.day === has?.day && minutes(wanted.hour) === minutes(has.hour)) return false;
      await client.api.put(clusterPath(found.id, "maintenance"), {
        day: wanted.day,
        hour: wanted.hour,
      });
      return true;
    },
  },
  {
    doing: "setting its eviction policy",
    async make({ client }, { id }, { evictionPolicy }) {
      if (evictionPolicy === undefined) return false;
      if ((await evictionPolicyOf(client.api, id)) === evictionPolicy) return false;
      await client.api.put(clusterPath(id, "eviction_policy"), { eviction_policy: evictionPolicy });
      return true;
    },
  },
  {
    doing: "setting its SQL mode",
    async make({ client }, { id }, { sqlMode }) {
      if (sqlMode === undefined || (await sqlModeOf(client.api, id)) === sqlMode) return false;
      await client.api.put(clusterPath(id, "sql_mode"), { sql_mode: sqlMode });
      return true;
    },
  },
  {
    doing: "changing its tags",
    async make({ client }, found, { tags = [] }) {
      const has = found.tags ?? [];
      await setTags(client.api, { id: found.id, type: "database" }, has, tags);
      return has.length !== tags.length || has.some((tag) => !tags.includes(tag));
    },
  },
  {
    doing: "moving to another project",
    async make({ client }, found, { projectId }) {
      if (projectId === undefined || projectId === found.project_id) return false;
      const resources = [`do:dbaas:${found.id}`];
      await client.api.post(`/projects/${encodeURIComponent(projectId)}/resources`, { resources });
      return true;
    },
  },
];

function untilOnline(context: DigitalOceanContext, id: string, doing: string): Promise<Database> {
  return waitUntil(context, {
    doing,
    timeoutMs: SERVER_TIMEOUT_MS,
    async probe() {
      const { database } = await context.client.api.get<{ database: Database }>(clusterPath(id));
      const outcome = database.status === "online" ? "ready" : "waiting";
      return { value: database, status: database.status, outcome };
    },
  });
}

type Api = DigitalOceanContext["client"]["api"];

async function evictionPolicyOf(api: Api, id: string): Promise<string> {
  const path = clusterPath(id, "eviction_policy");
  return (await api.get<{ eviction_policy: string }>(path)).eviction_policy;
}

async function sqlModeOf(api: Api, id: string): Promise<string> {
  return (await api.get<{ sql_mode: string }>(clusterPath(id, "sql_mode"))).sql_mode;
}

/** Settings that have answers of their own are asked for only when the program sets them. */
async function settingsOf(
  api: Api,
  { id, maintenance_window }: Database,
  inputs?: Partial<Inputs>,
) {
  return {
    ...(inputs?.maintenanceWindows === undefined
      ? {}
      : { maintenanceWindows: maintenance_window ? [maintenance_window] : [] }),
    ...(inputs?.evictionPolicy === undefined
      ? {}
      : { evictionPolicy: await evictionPolicyOf(api, id) }),
    ...(inputs?.sqlMode === undefined ? {} : { sqlMode: await sqlModeOf(api, id) }),
  };
}

function live(found: Database) {
  const { connection, private_connection: inside, ui_connection: ui } = found;
  return {
    id: found.id,
    state: {
      name: found.name,
      engine: found.engine,
      version: found.version,
      size: found.size,
      region: found.region,
      nodeCount: found.num_nodes,
      tags: found.tags ?? [],
      privateNetworkUuid: found.private_network_uuid,
      projectId: found.project_id,
      storageSizeMib: found.storage_size_mib === undefined ? null : String(found.storage_size_mib),
      clusterUrn: `do:dbaas:${found.id}`,
      host: connection?.host,
      port: connection?.port,
      database: connection?.database,
      user: connection?.user,
      password: connection?.password,
      uri: connection?.uri,
      privateHost: inside?.host,
      privateUri: inside?.uri,
      uiHost: ui?.host,
      uiPort: ui?.port,
      uiDatabase: ui?.database,
      uiUser: ui?.user,
      uiPassword: ui?.password,
      uiUri: ui?.uri,
      metricsEndpoints: (found.metrics_endpoints ?? []).map(
        ({ host, port }) => `https://${host}:${port}/metrics`,
      ),
    },
  };
}

const mebibytes = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

/** `13:00:00` and `13:00` are the same time. */
const minutes = (hour: string): string => hour.split(":").slice(0, 2).join(":");
