import {
  type BucketCannedACL,
  PutBucketAclCommand,
  PutBucketVersioningCommand,
} from "@aws-sdk/client-s3";
import type { DriftCase } from "./drift-case.ts";
import type { Vendors } from "./vendors.ts";

const CLUSTER = ":DatabaseCluster";
const TRUSTED = ":DatabaseFirewall";
const POOL = ":DatabaseConnectionPool";
const DROPLET = ":Droplet";
const FIREWALL = "index/firewall:Firewall";
const BUCKET = ":SpacesBucket";
const KEY = ":SpacesKey";

const EVERYBODY = "0.0.0.0/0";

export const DIGITALOCEAN_DRIFTS: readonly DriftCase[] = [
  {
    name: "lets a queue forget its entries when memory is full",
    batch: 1,
    on: { staging: "medium", production: "high" },
    subject: [CLUSTER, "agentverse-redis"],
    path: "evictionPolicy",
    make: (vendors) =>
      ofCluster(vendors, "agentverse-redis", "PUT", "/eviction_policy", {
        eviction_policy: "allkeys_lru",
      }),
  },
  {
    name: "takes a database's standby away",
    batch: 1,
    on: { production: "high" },
    subject: [CLUSTER, "handled-primary"],
    path: "nodeCount",
    rules: ["production-backups"],
    make: (vendors) =>
      ofCluster(vendors, "handled-primary", "PUT", "/resize", {
        size: vendors.find(CLUSTER, "handled-primary").outputs.size,
        num_nodes: 1,
      }),
  },
  {
    name: "gives a database a bigger machine",
    batch: 3,
    on: { staging: "low", production: "medium" },
    fix: "accept",
    subject: [CLUSTER, "agentverse-postgres"],
    path: "size",
    make: (vendors) =>
      ofCluster(vendors, "agentverse-postgres", "PUT", "/resize", {
        size: "db-s-2vcpu-4gb",
        num_nodes: vendors.find(CLUSTER, "agentverse-postgres").outputs.nodeCount,
      }),
  },
  {
    name: "tags a database",
    batch: 1,
    on: { staging: "low" },
    subject: [CLUSTER, "handled-primary"],
    path: /^tags/,
    make: async ({ digitalocean, find }) => {
      await digitalocean("POST", "/tags", { name: "by-hand" });
      await digitalocean("POST", "/tags/by-hand/resources", {
        resources: [
          { resource_id: find(CLUSTER, "handled-primary").id, resource_type: "database" },
        ],
      });
    },
  },
  {
    name: "deletes a cache's server",
    batch: 2,
    on: { staging: "high" },
    kind: "deleted",
    subject: [CLUSTER, "agentverse-redis"],
    echoes: [[TRUSTED, "agentverse-redis"]],
    make: (vendors) => ofCluster(vendors, "agentverse-redis", "DELETE", ""),
  },
  {
    name: "deletes a database of a server",
    batch: 2,
    on: { staging: "high" },
    kind: "deleted",
    subject: [":DatabaseDb", "agentverse-postgres-main"],
    echoes: [["postgres:Database", "agentverse-postgres-main"]],
    make: (vendors) => ofCluster(vendors, "agentverse-postgres", "DELETE", "/dbs/agentverse"),
  },
  {
    name: "resets a database user's password",
    batch: 1,
    on: { staging: "medium", production: "high" },
    kind: "secret",
    subject: [":DatabaseUser", "agentverse-postgres-agentverse_api"],
    make: (vendors) =>
      ofCluster(vendors, "agentverse-postgres", "POST", "/users/agentverse_api/reset_auth", {}),
  },
  {
    name: "deletes a database user",
    batch: 2,
    on: { production: "high" },
    kind: "deleted",
    subject: [":DatabaseUser", "agentverse-postgres-agentverse_api"],
    echoes: [["postgres:Database", "agentverse-postgres-main"]],
    make: (vendors) => ofCluster(vendors, "agentverse-postgres", "DELETE", "/users/agentverse_api"),
  },
  {
    name: "makes a connection pool smaller",
    batch: 1,
    on: { staging: "low", production: "medium" },
    subject: [POOL, "handled-primary"],
    path: "size",
    make: (vendors) => pool(vendors, { mode: "transaction", size: 5 }),
  },
  {
    name: "has a pool keep connections for whole sessions",
    batch: 2,
    on: { production: "medium" },
    subject: [POOL, "handled-primary"],
    path: "mode",
    make: (vendors) => pool(vendors, { mode: "session", size: 12 }),
  },
  {
    name: "deletes a connection pool",
    batch: 2,
    on: { staging: "medium" },
    kind: "deleted",
    subject: [POOL, "handled-primary"],
    make: (vendors) =>
      ofCluster(vendors, "handled-primary", "DELETE", "/pools/handled_primary_pool"),
  },
  {
    name: "opens a database to everybody",
    batch: 1,
    on: { staging: "medium", production: "high" },
    subject: [TRUSTED, "agentverse-postgres"],
    path: /^rules\[0\.0\.0\.0\/0\]/,
    rules: ["no-public-database"],
    make: (vendors) =>
      trust(vendors, "agentverse-postgres", (rules) => [
        ...rules,
        { type: "ip_addr", value: EVERYBODY },
      ]),
  },
  {
    name: "lets one more address reach a cache",
    batch: 1,
    on: { production: "high", staging: "medium" },
    subject: [TRUSTED, "agentverse-redis"],
    path: /^rules\[203\.0\.113\.7\]/,
    make: (vendors) =>
      trust(vendors, "agentverse-redis", (rules) => [
        ...rules,
        { type: "ip_addr", value: "203.0.113.7" },
      ]),
  },
  {
    name: "takes an address off those that reach a database",
    batch: 2,
    on: { staging: "low" },
    subject: [TRUSTED, "handled-primary"],
    path: /^rules\[/,
    make: (vendors) => trust(vendors, "handled-primary", (rules) => rules.slice(1)),
  },
  {
    name: "takes all addresses off those that reach a database, which opens it",
    batch: 2,
    on: { production: "high" },
    subject: [TRUSTED, "handled-primary"],
    path: "rules",
    echoes: [[CLUSTER, "handled-primary"]],
    make: (vendors) => trust(vendors, "handled-primary", () => []),
  },
  {
    name: "switches a machine's backups off",
    batch: 1,
    on: { production: "high" },
    subject: [DROPLET, "handled-data"],
    path: "backups",
    rules: ["production-backups"],
    make: (vendors) => ofDroplet(vendors, { type: "disable_backups" }),
  },
  {
    name: "renames a machine",
    batch: 1,
    on: { staging: "low" },
    subject: [DROPLET, "handled-data"],
    path: "name",
    make: (vendors) => ofDroplet(vendors, { type: "rename", name: "renamed-by-hand-staging" }),
  },
  {
    name: "grows a volume",
    batch: 3,
    on: { staging: "low", production: "medium" },
    fix: "accept",
    subject: [":Volume", "handled-data"],
    path: "size",
    make: ({ digitalocean, find }) =>
      digitalocean("POST", `/volumes/${find(":Volume", "handled-data").id}/actions`, {
        type: "resize",
        size_gigabytes: 60,
      }),
  },
  {
    name: "tags a volume",
    batch: 1,
    on: { production: "low" },
    subject: [":Volume", "handled-data"],
    path: /^tags/,
    make: async ({ digitalocean, find }) => {
      await digitalocean("POST", "/tags", { name: "by-hand" });
      await digitalocean("POST", "/tags/by-hand/resources", {
        resources: [{ resource_id: find(":Volume", "handled-data").id, resource_type: "volume" }],
      });
    },
  },
  {
    name: "opens a machine's SSH port",
    batch: 1,
    on: { production: "high" },
    subject: [FIREWALL, "handled-data"],
    path: /^inboundRules/,
    make: (vendors) => openPort(vendors, "22"),
  },
  {
    name: "opens a machine's database to everybody",
    batch: 1,
    on: { staging: "medium" },
    subject: [FIREWALL, "handled-data"],
    path: /^inboundRules/,
    rules: ["no-public-database"],
    make: (vendors) => openPort(vendors, "5432"),
  },
  {
    name: "takes a rule out of a machine's firewall",
    batch: 2,
    on: { production: "medium" },
    subject: [FIREWALL, "handled-data"],
    path: /^inboundRules/,
    make: ({ digitalocean, find }) => {
      const { id, inputs } = find(FIREWALL, "handled-data");
      const [{ protocol, portRange, sourceAddresses }] = inputs.inboundRules;
      return digitalocean("DELETE", `/firewalls/${id}/rules`, {
        inbound_rules: [{ protocol, ports: portRange, sources: { addresses: sourceAddresses } }],
      });
    },
  },
  {
    name: "deletes a machine's firewall",
    batch: 2,
    on: { staging: "medium" },
    kind: "deleted",
    subject: [FIREWALL, "handled-data"],
    make: ({ digitalocean, find }) =>
      digitalocean("DELETE", `/firewalls/${find(FIREWALL, "handled-data").id}`),
  },
  {
    name: "publishes a bucket",
    batch: 1,
    on: { staging: "medium", production: "high" },
    kind: "access",
    subject: [BUCKET, "agentverse-reps"],
    // Neither provider reads the list again, so that `up` sees nothing to change.
    undo: (vendors) => publish(vendors, "private"),
    make: (vendors) => publish(vendors, "public-read"),
  },
  {
    name: "has a bucket keep no earlier versions",
    batch: 2,
    on: { staging: "medium", production: "high" },
    subject: [BUCKET, "agentverse-reps"],
    path: "versioning.enabled",
    make: ({ spaces, find }) =>
      spaces.send(
        new PutBucketVersioningCommand({
          Bucket: find(BUCKET, "agentverse-reps").id,
          VersioningConfiguration: { Status: "Suspended" },
        }),
      ),
  },
  {
    name: "lets a key reach every bucket",
    batch: 1,
    on: { production: "high" },
    subject: [KEY, "agentverse-reps"],
    path: /^grants/,
    make: ({ digitalocean, find }) =>
      digitalocean("PATCH", `/spaces/keys/${find(KEY, "agentverse-reps").id}`, {
        grants: [{ bucket: "", permission: "fullaccess" }],
      }),
  },
  {
    name: "deletes a bucket's key",
    batch: 1,
    on: { staging: "medium" },
    kind: "deleted",
    subject: [KEY, "agentverse-reps"],
    make: ({ digitalocean, find }) =>
      digitalocean("DELETE", `/spaces/keys/${find(KEY, "agentverse-reps").id}`),
  },
  {
    name: "renames a bucket's key",
    batch: 2,
    on: { production: "low" },
    subject: [KEY, "agentverse-reps"],
    path: "name",
    make: ({ digitalocean, find }) =>
      digitalocean("PATCH", `/spaces/keys/${find(KEY, "agentverse-reps").id}`, {
        name: "renamed-by-hand",
      }),
  },
];

const ofCluster = (
  { digitalocean, find }: Vendors,
  name: string,
  method: string,
  path: string,
  body?: unknown,
) => digitalocean(method, `/databases/${find(CLUSTER, name).id}${path}`, body);

const pool = (vendors: Vendors, settings: { readonly mode: string; readonly size: number }) =>
  ofCluster(vendors, "handled-primary", "PUT", "/pools/handled_primary_pool", {
    ...settings,
    db: "handled_primary",
    user: "handled_user",
  });

interface TrustedSource {
  readonly type: string;
  readonly value: string;
}

/** Changes who may reach a managed database. */
async function trust(
  vendors: Vendors,
  name: string,
  change: (rules: readonly TrustedSource[]) => readonly TrustedSource[],
): Promise<void> {
  const { rules } = await ofCluster(vendors, name, "GET", "/firewall");
  await ofCluster(vendors, name, "PUT", "/firewall", { rules: change(rules) });
}

const publish = ({ spaces, find }: Vendors, ACL: BucketCannedACL) =>
  spaces.send(new PutBucketAclCommand({ Bucket: find(BUCKET, "agentverse-reps").id, ACL }));

const ofDroplet = ({ digitalocean, find }: Vendors, action: object) =>
  digitalocean("POST", `/droplets/${find(DROPLET, "handled-data").id}/actions`, action);

const openPort = ({ digitalocean, find }: Vendors, ports: string) =>
  digitalocean("POST", `/firewalls/${find(FIREWALL, "handled-data").id}/rules`, {
    inbound_rules: [{ protocol: "tcp", ports, sources: { addresses: [EVERYBODY] } }],
  });
