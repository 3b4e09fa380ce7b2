import type { CheckFailure } from "../../../../providers/sdk/check.ts";
import type { Properties } from "../../../../providers/sdk/properties.ts";
import type { PlainValue, RevealedMap } from "../../../../providers/sdk/values.ts";
import { lowerCase, tags } from "./shared.ts";

/** Seconds make no difference: the vendor answers `13:00:00` for `13:00`. */
const toMinutes = (value: PlainValue): PlainValue =>
  typeof value === "string" ? value.split(":").slice(0, 2).join(":") : value;

/** A place or a way to reach the cluster, known once it exists. */
const output = (type: "string" | "integer", doc: string) =>
  ({ type, mode: "output", doc }) as const;
const secretOutput = (doc: string) =>
  ({ type: "string", mode: "output", secret: true, doc }) as const;

/** The properties of `digitalocean.DatabaseCluster`. */
export const databaseClusterProperties = {
  name: {
    type: "string",
    mode: "required",
    replace: true,
    autoname: { maxLength: 63 },
    doc: "The name of the database cluster.",
  },
  engine: {
    type: "string",
    mode: "required",
    replace: true,
    doc: "Database engine: pg, mysql, valkey, mongodb, kafka or opensearch.",
  },
  version: { type: "string", mode: "optional", doc: "Engine version, such as 17." },
  size: { type: "string", mode: "required", doc: "Size slug of the nodes: db-s-1vcpu-1gb, …" },
  region: {
    type: "string",
    mode: "required",
    normalize: lowerCase,
    doc: "Slug of the region; a change migrates the cluster.",
  },
  nodeCount: { type: "integer", mode: "required", doc: "Number of nodes." },
  tags,
  privateNetworkUuid: {
    type: "string",
    mode: "inherited",
    replace: true,
    doc: "The ID of the VPC; else the region's default one.",
  },
  projectId: {
    type: "string",
    mode: "inherited",
    doc: "The ID of the project; else the default one.",
  },
  storageSizeMib: {
    type: "string",
    mode: "inherited",
    doc: "Disk size in MiB, in increments of 10240.",
  },
  maintenanceWindows: {
    type: {
      array: {
        object: {
          day: { type: "string", mode: "required", normalize: lowerCase, doc: "Day of the week." },
          hour: {
            type: "string",
            mode: "required",
            normalize: toMinutes,
            doc: "Hour in UTC at which it begins, in 24 hour format.",
          },
        },
      },
    },
    mode: "inherited",
    doc: "When the vendor may maintain the cluster.",
  },
  evictionPolicy: {
    type: "string",
    mode: "optional",
    values: [
      "noeviction",
      "allkeys_lru",
      "allkeys_random",
      "volatile_lru",
      "volatile_random",
      "volatile_ttl",
    ],
    doc: "What a Redis or Valkey cluster does when its memory is full.",
  },
  sqlMode: { type: "string", mode: "inherited", doc: "SQL modes of a MySQL cluster." },
  backupRestore: {
    type: {
      object: {
        databaseName: { type: "string", mode: "required", doc: "Name of the source cluster." },
        backupCreatedAt: { type: "string", mode: "optional", doc: "When the backup was made." },
      },
    },
    mode: "optional",
    // Says where the data came from, once.
    silent: true,
    doc: "The backup to create the cluster from.",
  },
  clusterUrn: output("string", "The uniform resource name of the cluster."),
  host: output("string", "Host name of the cluster."),
  port: output("integer", "Port that the cluster listens on."),
  database: output("string", "Name of the cluster's default database."),
  user: output("string", "Name of the cluster's default user."),
  password: secretOutput("Password of the default user."),
  uri: secretOutput("The full URI for connecting to the cluster."),
  privateHost: output("string", "Host name inside of the VPC."),
  privateUri: secretOutput("The full URI inside of the VPC."),
  uiHost: output("string", "Host name of the dashboard."),
  uiPort: output("integer", "Port of the dashboard."),
  uiDatabase: output("string", "Name of the dashboard's default database."),
  uiUser: output("string", "Name of the dashboard's default user."),
  uiPassword: secretOutput("Password of the dashboard's default user."),
  uiUri: secretOutput("The full URI of the dashboard."),
  metricsEndpoints: {
    type: { array: "string" },
    mode: "output",
    doc: "URLs of the cluster's metrics.",
  },
} as const satisfies Properties;

/** What fits together, as the official provider checks it. */
export function checkCluster(inputs: RevealedMap): readonly CheckFailure[] {
  const { engine, version, evictionPolicy, sqlMode, storageSizeMib } = inputs;
  const failures: CheckFailure[] = [];
  if (version === undefined)
    failures.push({
      property: "version",
      reason:
        '"version" is missing. A database cluster requires it: set the version of the engine, such as 17.',
    });
  if (evictionPolicy !== undefined && engine !== "redis" && engine !== "valkey" && isKnown(engine))
    failures.push({
      property: "evictionPolicy",
      reason: `"evictionPolicy" is for Redis and Valkey clusters, and the engine is ${String(engine)}. Take it out.`,
    });
  if (sqlMode !== undefined && engine !== "mysql" && isKnown(engine))
    failures.push({
      property: "sqlMode",
      reason: `"sqlMode" is for MySQL clusters, and the engine is ${String(engine)}. Take it out.`,
    });
  if (typeof storageSizeMib === "string" && !/^\d+$/.test(storageSizeMib))
    failures.push({
      property: "storageSizeMib",
      reason: `"storageSizeMib" is ${JSON.stringify(storageSizeMib)}, and must be a whole number of MiB. Use a text such as "30720".`,
    });
  return failures;
}

const isKnown = (engine: RevealedMap[string] | undefined): boolean => typeof engine === "string";
