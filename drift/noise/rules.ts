/**
 * Every difference that is taken for harmless. What is not in this table is drift. All of it is outputs:
 * what the official providers read anew at each refresh, and nobody has declared.
 */
import { type FactValue, isFactMap } from "../../isolation/facts.ts";
import {
  DIGITALOCEAN_DATABASE,
  ELASTICACHE_GROUP,
  HYPERDRIVE,
  RDS_CLUSTER,
  RDS_INSTANCE,
  S3_BUCKETS,
  WORKER,
} from "../../policy/vendor-types.ts";
import type { NoiseRule } from "./rule.ts";

const DROPLET = "digitalocean:index/droplet:Droplet";

export const NOISE_RULES: readonly NoiseRule[] = [
  {
    name: "d1-size",
    why: "D1 counts bytes and tables while the application writes; a schema is compared by itself.",
    types: ["cloudflare:index/d1Database:D1Database"],
    path: /^(?:fileSize|numTables)$/,
  },
  {
    name: "worker-times",
    why: "A Worker's route, its secrets and each upload of the same code set its times.",
    types: [WORKER],
    path: /^(?:modifiedOn|startupTimeMs)$/,
  },
  {
    name: "change-times",
    why: "The vendor writes down when it touched the record; what was changed has a property of its own.",
    types: [
      HYPERDRIVE,
      "cloudflare:index/mtlsCertificate:MtlsCertificate",
      "cloudflare:index/queue:Queue",
    ],
    path: /^(?:modifiedOn|restartedOn|updatedAt)$/,
  },
  {
    name: "queue-counts",
    why: "Cloudflare counts who is connected to a queue; bindings and consumers have their own records.",
    types: ["cloudflare:index/queue:Queue"],
    path: /^(?:producersTotalCount|consumersTotalCount)$/,
  },
  {
    name: "firewall-progress",
    why: "DigitalOcean tells how far a change of its rules has reached the droplets.",
    types: ["digitalocean:index/firewall:Firewall"],
    path: /^(?:status|pendingChanges)(?:$|[.[])/,
  },
  {
    name: "trusted-source-records",
    why: "A trusted source gets another record when it is written again; who it is stays.",
    types: ["digitalocean:index/databaseFirewall:DatabaseFirewall"],
    path: /^rules\[[^\]]*\]\.(?:uuid|createdAt)$/,
  },
  {
    name: "droplet-price",
    why: "The vendor's prices and its own work on the machine are nobody's change.",
    types: [DROPLET],
    path: /^(?:priceHourly|priceMonthly|locked)$/,
  },
  {
    name: "volume-attached",
    why: "A volume is recorded before the droplet that names it; the droplet's volumes are compared.",
    types: ["digitalocean:index/volume:Volume"],
    path: /^dropletIds$/,
    when: (before) => isNothing(before),
  },
  {
    name: "metrics-addresses",
    why: "Each node of a cluster has an address for metrics, and the vendor replaces nodes.",
    types: [DIGITALOCEAN_DATABASE],
    path: /^metricsEndpoints(?:$|\[)/,
  },
  {
    name: "engine-patch",
    why: "The vendor installs patches by itself; the version that was asked for is an input.",
    types: [RDS_INSTANCE, RDS_CLUSTER, ELASTICACHE_GROUP],
    path: /^engineVersionActual$/,
    when: (before, after) => sameMajor(before, after),
  },
  {
    name: "restorable-time",
    why: "The last moment that can be restored moves on by itself.",
    types: [RDS_INSTANCE, RDS_CLUSTER],
    path: /^latestRestorableTime$/,
  },
  {
    name: "vendor-windows",
    why: "When a vendor works on a server is its own choice where the program declares none.",
    types: [RDS_INSTANCE, RDS_CLUSTER, ELASTICACHE_GROUP],
    path: /^(?:backupWindow|preferredBackupWindow|maintenanceWindow|preferredMaintenanceWindow|snapshotWindow)$/,
  },
  {
    name: "vendor-working",
    why: "A server is in another state while the vendor backs it up or patches it, and comes back.",
    types: [RDS_INSTANCE, RDS_CLUSTER, ELASTICACHE_GROUP],
    path: /^status$/,
    when: (_before, after) => AT_WORK.has(after),
  },
  {
    name: "bucket-of-parts",
    why: "A bucket repeats what resources of their own declare, which are compared by themselves, and that S3 encrypts.",
    types: S3_BUCKETS,
    path: /^(?:versioning|serverSideEncryptionConfiguration)(?:$|[.[])/,
    when: (before, after) => isNothing(before) && isSafe(after),
  },
];

const AT_WORK: ReadonlySet<FactValue | undefined> = new Set([
  "backing-up",
  "configuring-enhanced-monitoring",
  "maintenance",
  "snapshotting",
  "storage-optimization",
  "upgrading",
]);

const isNothing = (value: FactValue | undefined): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

/** `17.4` and `17.10`. */
function sameMajor(before: FactValue | undefined, after: FactValue | undefined): boolean {
  if (typeof before !== "string" || typeof after !== "string") return false;
  return before.split(".")[0] === after.split(".")[0];
}

/** Versions kept, or objects encrypted by the vendor's own key: more than nothing, and of nobody's. */
function isSafe(value: FactValue | undefined): boolean {
  if (!isFactMap(value)) return false;
  const { enabled, rule } = value;
  if (typeof enabled === "boolean") return enabled;
  const by = isFactMap(rule) ? rule.applyServerSideEncryptionByDefault : undefined;
  return isFactMap(by) && by.sseAlgorithm === "AES256";
}
