/** What an account at Cloudflare holds. Of R2, the buckets without a jurisdiction. */
import { NotFoundError } from "cloudflare";
import type { CloudflareAccess } from "../vendors/accounts.ts";
import { collected, type Labels, type Product, productsOf } from "./product.ts";

const product = productsOf<CloudflareAccess>();

/** Buckets on one page: the most that R2 puts there. */
const BUCKETS_PER_PAGE = 1000;

/** The API's code for a path of a product that it does not have, as on the local cloud. */
const NO_ROUTE = 7000;

/** Tables but SQLite's and D1's own. */
const APPLICATION_TABLES =
  "SELECT count(*) AS tables FROM sqlite_schema WHERE type = 'table' " +
  "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'";

/** @see https://developers.cloudflare.com/fundamentals/api/reference/permissions/ for the names of permissions. */
export const CLOUDFLARE_PRODUCTS: readonly Product<CloudflareAccess>[] = [
  product({
    types: ["cloudflare:index/d1Database:D1Database"],
    thing: "D1 database",
    permission: "the permission D1 Read",
    list: ({ client, accountId }) => collected(client.d1.database.list({ account_id: accountId })),
    item: ({ uuid = "", name = uuid, created_at: createdAt }) => ({ id: uuid, name, createdAt }),
    importId: ({ accountId }, { uuid }) => `${accountId}/${uuid}`,
    async holds({ client, accountId }, { uuid = "" }) {
      const query = { account_id: accountId, sql: APPLICATION_TABLES };
      const [answer] = await collected(client.d1.database.query(uuid, query));
      const [row] = (answer?.results ?? []) as readonly { readonly tables?: number }[];
      return row?.tables === 0 ? undefined : "tables";
    },
    remove: ({ client, accountId }, { uuid = "" }) =>
      client.d1.database.delete(uuid, { account_id: accountId }),
  }),
  product({
    types: ["cloudflare:index/r2Bucket:R2Bucket"],
    thing: "R2 bucket",
    permission: "the permission Workers R2 Storage Read",
    list: listBuckets,
    item: ({ name = "", creation_date: createdAt }) => ({ id: name, name, createdAt }),
    importId: ({ accountId }, { name }) => `${accountId}/${name}/default`,
    async holds(access, { name = "" }) {
      for await (const _ of objectsOf(access, name)) return "objects";
      return undefined;
    },
    async remove(access, { name = "" }) {
      const { client, accountId: account_id } = access;
      for (const { key = "" } of await collected(objectsOf(access, name)))
        await client.r2.buckets.objects.delete(key, { account_id, bucket_name: name });
      await client.r2.buckets.delete(name, { account_id });
    },
  }),
  product({
    types: ["cloudflare:index/workersKvNamespace:WorkersKvNamespace"],
    thing: "KV namespace",
    permission: "the permission Workers KV Storage Read",
    list: ({ client, accountId }) =>
      collected(client.kv.namespaces.list({ account_id: accountId })),
    item: ({ id, title }) => ({ id, name: title }),
    importId: ({ accountId }, { id }) => `${accountId}/${id}`,
    async holds({ client, accountId: account_id }, { id }) {
      for await (const _ of client.kv.namespaces.keys.list(id, { account_id })) return "keys";
      return undefined;
    },
    remove: ({ client, accountId }, { id }) =>
      client.kv.namespaces.delete(id, { account_id: accountId }),
  }),
  product({
    types: ["cloudflare:index/queue:Queue"],
    thing: "queue",
    permission: "the permission Queues Read",
    list: ({ client, accountId }) =>
      orWithoutProduct(collected(client.queues.list({ account_id: accountId }))),
    item: ({ queue_id: id = "", queue_name: name = id, created_on: createdAt }) => ({
      id,
      name,
      createdAt,
    }),
    importId: ({ accountId }, { queue_id: id }) => `${accountId}/${id}`,
    holds: () => "messages",
    remove: ({ client, accountId }, { queue_id: id = "" }) =>
      client.queues.delete(id, { account_id: accountId }),
  }),
  product({
    types: [
      "cloudflare:index/workersScript:WorkersScript",
      "cloudflare:index/workerScript:WorkerScript",
    ],
    thing: "Worker",
    permission: "the permission Workers Scripts Read",
    list: ({ client, accountId }) =>
      collected(client.workers.scripts.list({ account_id: accountId })),
    item: ({ id = "", created_on: createdAt }) => ({ id, name: id, createdAt }),
    importId: ({ accountId }, { id }) => `${accountId}/${id}`,
    labels: (access, { id = "" }) => variablesOf(access, id),
    remove: ({ client, accountId }, { id = "" }) =>
      client.workers.scripts.delete(id, { account_id: accountId }),
  }),
  product({
    types: ["cloudflare:index/workersRoute:WorkersRoute"],
    thing: "Worker's route",
    permission: "the permission Workers Routes Read",
    list: listRoutes,
    item: ({ id, pattern }) => ({ id, name: pattern }),
    importId: (_, { zoneId, id }) => `${zoneId}/${id}`,
    labels: (access, { script }) => (script ? variablesOf(access, script) : {}),
    remove: ({ client }, { zoneId, id }) => client.workers.routes.delete(id, { zone_id: zoneId }),
  }),
  product({
    types: [
      "cloudflare:index/workersCustomDomain:WorkersCustomDomain",
      "cloudflare:index/workerDomain:WorkerDomain",
    ],
    thing: "Worker's custom domain",
    permission: "the permission Workers Scripts Read",
    list: ({ client, accountId }) =>
      collected(client.workers.domains.list({ account_id: accountId })),
    item: ({ id, hostname }) => ({ id, name: hostname }),
    importId: ({ accountId }, { id }) => `${accountId}/${id}`,
    labels: (access, { service }) => variablesOf(access, service),
    remove: ({ client, accountId }, { id }) =>
      client.workers.domains.delete(id, { account_id: accountId }),
  }),
  product({
    types: ["cloudflare:index/hyperdriveConfig:HyperdriveConfig"],
    thing: "Hyperdrive configuration",
    permission: "the permission Hyperdrive Read",
    list: ({ client, accountId }) =>
      collected(client.hyperdrive.configs.list({ account_id: accountId })),
    item: ({ id, name, created_on: createdAt }) => ({ id, name, createdAt }),
    importId: ({ accountId }, { id }) => `${accountId}/${id}`,
    remove: ({ client, accountId }, { id }) =>
      client.hyperdrive.configs.delete(id, { account_id: accountId }),
  }),
  product({
    types: ["cloudflare:index/mtlsCertificate:MtlsCertificate"],
    thing: "mTLS certificate",
    permission: "the permission SSL and Certificates Read",
    list: ({ client, accountId }) =>
      collected(client.mtlsCertificates.list({ account_id: accountId })),
    item: ({ id = "", name = id, uploaded_on: createdAt }) => ({ id, name, createdAt }),
    importId: ({ accountId }, { id }) => `${accountId}/${id}`,
    remove: ({ client, accountId }, { id = "" }) =>
      client.mtlsCertificates.delete(id, { account_id: accountId }),
  }),
];

/** The SDK's list ends after a page: R2 goes on by the last name. */
async function listBuckets({ client, accountId }: CloudflareAccess) {
  const found = [];
  for (let after: string | undefined; ; ) {
    const { buckets = [] } = await client.r2.buckets.list({
      account_id: accountId,
      direction: "asc",
      order: "name",
      per_page: BUCKETS_PER_PAGE,
      ...(after === undefined ? {} : { start_after: after }),
    });
    found.push(...buckets);
    after = buckets.at(-1)?.name;
    if (buckets.length < BUCKETS_PER_PAGE || after === undefined) return found;
  }
}

const objectsOf = ({ client, accountId }: CloudflareAccess, bucket: string) =>
  client.r2.buckets.objects.list(bucket, { account_id: accountId });

/** The routes of every zone of the account. */
async function listRoutes({ client, accountId }: CloudflareAccess) {
  const found = [];
  for await (const { id: zoneId } of client.zones.list({ account: { id: accountId } }))
    for await (const { id, pattern, script } of client.workers.routes.list({ zone_id: zoneId }))
      found.push({ zoneId, id, pattern, script });
  return found;
}

/** A Worker's plain variables: the program gives each one its project, system and environment. */
async function variablesOf(
  { client, accountId }: CloudflareAccess,
  script: string,
): Promise<Labels> {
  const { bindings = [] } = await client.workers.scripts.scriptAndVersionSettings.get(script, {
    account_id: accountId,
  });
  return Object.fromEntries(
    bindings.flatMap((binding) =>
      binding.type === "plain_text" ? [[binding.name.toLowerCase(), binding.text]] : [],
    ),
  );
}

/** Nothing, where the API does not have the product at all. */
async function orWithoutProduct<T>(list: Promise<T[]>): Promise<T[]> {
  try {
    return await list;
  } catch (error) {
    if (error instanceof NotFoundError && error.errors.some(({ code }) => code === NO_ROUTE))
      return [];
    throw error;
  }
}
