/** DigitalOcean's database clusters, and what is in them by the vendor's API. */
import { orMissing } from "../../../providers/digitalocean-api/fault.ts";
import type {
  Database,
  DatabasePool,
  DatabaseUser,
} from "../../../providers/digitalocean-api/types.ts";
import type { DigitalOceanAccess } from "../../vendors/accounts.ts";
import { type Owner, type Product, productsOf } from "../product.ts";
import { labelsOf } from "./tags.ts";

const product = productsOf<DigitalOceanAccess>();

const CLUSTER = "digitalocean:index/databaseCluster:DatabaseCluster";
const PERMISSION = "the scope database:read";

/** What a cluster has, with the cluster. */
interface Inside<T> {
  readonly cluster: Database;
  readonly found: T;
}

export const DATABASE_PRODUCTS: readonly Product<DigitalOceanAccess>[] = [
  product({
    types: [CLUSTER],
    thing: "database cluster",
    permission: PERMISSION,
    list: listClusters,
    item: ({ id, name, created_at: createdAt }) => ({ id, name, createdAt }),
    labels: (_, { tags }) => labelsOf(tags),
    holds: () => "databases",
    remove: ({ api }, { id }) => api.delete(clusterPath(id)),
  }),
  product({
    types: ["digitalocean:index/databaseDb:DatabaseDb"],
    thing: "database",
    permission: PERMISSION,
    list: (access) => listInside<{ readonly name: string }>(access, "dbs", ["pg", "mysql"]),
    item: ({ cluster, found: { name } }) => ({
      id: `${cluster.id}/database/${name}`,
      name,
      within: ownerOf(cluster),
      alsoOwnedAs: madeBySql(cluster, name),
    }),
    importId: (_, inside) => importId(inside),
    holds: () => "data",
    remove: ({ api }, { cluster, found }) => api.delete(clusterPath(cluster.id, "dbs", found.name)),
    defaults: [
      {
        because: "DigitalOcean makes a database `defaultdb` in every cluster.",
        fits: ({ found }) => found.name === "defaultdb",
      },
    ],
  }),
  product({
    types: ["digitalocean:index/databaseUser:DatabaseUser"],
    thing: "database user",
    permission: PERMISSION,
    list: (access) => listInside<DatabaseUser>(access, "users"),
    item: ({ cluster, found: { name } }) => ({
      id: `${cluster.id}/user/${name}`,
      name,
      within: ownerOf(cluster),
    }),
    importId: (_, inside) => importId(inside),
    remove: ({ api }, { cluster, found }) =>
      api.delete(clusterPath(cluster.id, "users", found.name)),
    defaults: [
      {
        because: "DigitalOcean makes an administrator in every cluster, which nobody can delete.",
        fits: ({ found }) =>
          found.role === "primary" || found.name === "doadmin" || found.name === "default",
      },
    ],
  }),
  product({
    types: ["digitalocean:index/databaseConnectionPool:DatabaseConnectionPool"],
    thing: "connection pool",
    permission: PERMISSION,
    list: (access) => listInside<DatabasePool>(access, "pools", ["pg"]),
    item: ({ cluster, found: { name } }) => ({
      id: `${cluster.id}/${name}`,
      name,
      within: ownerOf(cluster),
    }),
    importId: (_, inside) => importId(inside),
    remove: ({ api }, { cluster, found }) =>
      api.delete(clusterPath(cluster.id, "pools", found.name)),
  }),
];

const clusterPath = (cluster: string, ...rest: readonly string[]): string =>
  ["/databases", ...[cluster, ...rest].map(encodeURIComponent)].join("/");

function listClusters({ api }: DigitalOceanAccess): Promise<Database[]> {
  return api.list<Database>("/databases", "databases");
}

/** @param engines that have such things; undefined: all. */
async function listInside<T>(
  access: DigitalOceanAccess,
  key: string,
  engines?: readonly string[],
): Promise<Inside<T>[]> {
  const found: Inside<T>[] = [];
  for (const cluster of await listClusters(access)) {
    if (engines !== undefined && !engines.includes(cluster.engine)) continue;
    // A cluster that was deleted after the list was made has nothing in it.
    const all = await orMissing(access.api.list<T>(clusterPath(cluster.id, key), key));
    found.push(...(all ?? []).map((each) => ({ cluster, found: each })));
  }
  return found;
}

const ownerOf = ({ id }: Database): Owner => ({ type: CLUSTER, id });

/** The project's own resource makes databases by SQL, and its id says where. */
const madeBySql = ({ connection }: Database, name: string): readonly Owner[] =>
  connection?.host === undefined
    ? []
    : [
        {
          type: "bulkhead:postgres:Database",
          id: `${connection.host}:${connection.port}/${name}`,
        },
      ];

const importId = ({ cluster, found }: Inside<{ readonly name: string }>): string =>
  `${cluster.id},${found.name}`;
