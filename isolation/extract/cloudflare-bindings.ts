import { type AccountKind, inAccount } from "../identity/account.ts";
import { r2Bucket } from "../identity/bucket.ts";
import { idIdentity } from "../identity/ids.ts";
import type { Identity } from "../observation.ts";
import type { Identify, ReferenceRule } from "./table.ts";

/** A thing that has its name within the resource's account. */
export const within =
  (kind: AccountKind): Identify =>
  (name, { account }) =>
    account === undefined ? undefined : inAccount(kind, account, name);

/** A bucket of R2 by its name; its jurisdiction stands beside it. */
export const r2: Identify = (name, { account, beside }) => {
  const owner = beside("accountId") ?? account;
  return owner === undefined ? undefined : r2Bucket(owner, name, beside("jurisdiction"));
};

/** An AI Search instance, in its namespace. */
export const aiSearch: Identify = (name, { account, beside }) =>
  account === undefined
    ? undefined
    : inAccount("ai-search", account, `${beside("namespace") ?? "default"}/${name}`);

/** A secret in a secrets store of the account. */
export const storedSecret = (
  store: string | undefined,
  name: string | undefined,
): Identity | undefined =>
  store === undefined || name === undefined
    ? undefined
    : `secret-store:${store.trim().toLowerCase()}/${name.trim()}`;

const worker = within("worker");

/**
 * The properties of a binding that name something, by the binding's type. Empty: it names nothing
 * that anybody else could have. Texts are mined.
 *
 * @see https://developers.cloudflare.com/workers/configuration/multipart-upload-metadata/#bindings
 */
export const BINDINGS: Readonly<Record<string, Readonly<Record<string, Identify>>>> = {
  ai: {},
  ai_search: { instanceName: aiSearch },
  ai_search_namespace: { namespace: within("ai-search") },
  analytics_engine: { dataset: within("analytics") },
  artifacts: {},
  assets: {},
  browser: {},
  d1: { databaseId: idIdentity, id: idIdentity },
  data_blob: {},
  dispatch_namespace: { namespace: within("dispatch") },
  durable_object_namespace: {
    namespaceId: idIdentity,
    scriptName: worker,
    dispatchNamespace: within("dispatch"),
  },
  flagship: { appId: idIdentity },
  hyperdrive: { id: idIdentity },
  images: {},
  inherit: {},
  json: {},
  k2: { stream: idIdentity },
  kv_namespace: { namespaceId: idIdentity },
  media: {},
  messaging: {},
  mtls_certificate: { certificateId: idIdentity },
  pipelines: { pipeline: within("pipeline") },
  plain_text: {},
  queue: { queueName: within("queue-name") },
  r2_bucket: { bucketName: r2 },
  ratelimit: {},
  secret_key: {},
  secret_text: {},
  secrets_store_secret: {
    secretName: (name, { beside }) => storedSecret(beside("storeId"), name),
    storeId: idIdentity,
  },
  send_email: {},
  service: { service: worker },
  text_blob: {},
  vectorize: { indexName: within("vectorize") },
  version_metadata: {},
  vpc_network: { tunnelId: idIdentity },
  vpc_service: { serviceId: idIdentity },
  wasm_module: {},
  workflow: { workflowName: within("workflow"), scriptName: worker },
};

/** References of a Worker's bindings. */
export const BINDING_RULES: readonly ReferenceRule[] = [
  ...Object.entries(BINDINGS).flatMap(([type, properties]) =>
    Object.entries(properties).map(([name, as]) => binding(`bindings.*.${name}`, as, { type })),
  ),
  binding("bindings.*.outbound.worker.service", worker),
];

/** What a Pages project is bound to, for previews and for production. */
const PAGES_BINDINGS: Readonly<Record<string, Identify>> = {
  "analyticsEngineDatasets.*.dataset": within("analytics"),
  "d1Databases.*.id": idIdentity,
  "durableObjectNamespaces.*.namespaceId": idIdentity,
  "hyperdriveBindings.*.id": idIdentity,
  "kvNamespaces.*.namespaceId": idIdentity,
  "mtlsCertificates.*.certificateId": idIdentity,
  "queueProducers.*.name": within("queue-name"),
  "r2Buckets.*.name": r2,
  "services.*.service": worker,
  "vectorizeBindings.*.indexName": within("vectorize"),
};

/** References of a Pages project's bindings. */
export const PAGES_RULES: readonly ReferenceRule[] = Object.entries(PAGES_BINDINGS).map(
  ([at, as]) => binding(`deploymentConfigs.*.${at}`, as),
);

function binding(at: string, as: Identify, when?: ReferenceRule["when"]): ReferenceRule {
  return { at, as, kind: "binding", when };
}
