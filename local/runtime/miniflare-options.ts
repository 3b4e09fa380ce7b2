import { getCACertificates } from "node:tls";
import type { MiniflareOptions, WorkerOptions } from "miniflare";
import type {
  AccountSpec,
  HyperdriveSpec,
  RuntimeBinding,
  WorkerModule,
  WorkerSpec,
} from "./account-spec.ts";
import { BUCKET_ENDPOINT_KEY } from "./bucket-endpoint.ts";
import { INGRESS_SCRIPT } from "./ingress-worker.ts";

// No user's Worker can have one of these names: the vendor allows no dot.
/** The Worker through which the API reaches databases, buckets and namespaces. */
export const STORAGE_WORKER = "bulkhead.storage";
/** The Worker through which requests reach the others. */
export const INGRESS_WORKER = "bulkhead.ingress";
const AI_WORKER = "bulkhead.ai";
const hyperdriveWorker = (id: string) => `bulkhead.hyperdrive.${id}`;

export const storageBinding = {
  database: (id: string) => `d1:${id}`,
  bucket: (name: string) => `r2:${name}`,
  namespace: (id: string) => `kv:${id}`,
};

/** Models run on the vendor's GPUs; answering with invented text would be a lie, so the call fails. */
const AI_SCRIPT = `
class InferenceUpstreamError extends Error {
  constructor(model) {
    super("5028: Workers AI is not available on the local cloud, so the model " + model + " cannot run here. Deploy to Cloudflare to use it.");
    this.name = "InferenceUpstreamError";
  }
}
export default () => ({
  async run(model) { throw new InferenceUpstreamError(model); },
});`;

type ModuleType = "ESModule" | "CommonJS" | "Text" | "Data" | "CompiledWasm";

const MODULE_TYPES: Readonly<Record<string, ModuleType>> = {
  "application/javascript+module": "ESModule",
  "application/javascript": "CommonJS",
  "text/javascript+module": "ESModule",
  "text/plain": "Text",
  "application/octet-stream": "Data",
  "application/wasm": "CompiledWasm",
};

/** Whether the runtime can load a module of this content type. */
export const isModuleType = (contentType: string): boolean => contentType in MODULE_TYPES;

/** What an account's runtime is given beside its records. */
export interface Surroundings {
  readonly persistDir: string;
  /** Loopback ports at which the databases of the Hyperdrive configurations in use answer without TLS, by id. */
  readonly databasePorts: ReadonlyMap<string, number>;
  /** Certificate authorities (PEM) that Workers trust beside the public ones. */
  readonly trustedAuthorities: readonly string[];
}

/** Everything of one account as miniflare wants it. Pure. */
export function miniflareOptions(
  spec: AccountSpec,
  { persistDir, databasePorts, trustedAuthorities }: Surroundings,
): Pick<MiniflareOptions, "defaultPersistRoot"> & { workers: WorkerOptions[] } {
  return {
    defaultPersistRoot: persistDir,
    workers: [
      storageWorker(spec),
      aiWorker(),
      ingressWorker(spec),
      ...spec.hyperdrives.flatMap((hyperdrive) => {
        const port = databasePorts.get(hyperdrive.id);
        return port === undefined ? [] : [databaseWorker(hyperdrive, port)];
      }),
      ...spec.workers.map((worker) => ({ ...userWorker(worker), ...outbound(trustedAuthorities) })),
    ],
  };
}

const keyed = (values: readonly string[], binding: (value: string) => string) =>
  Object.fromEntries(values.map((value) => [binding(value), value]));

function storageWorker(spec: AccountSpec): WorkerOptions {
  return {
    name: STORAGE_WORKER,
    modules: true,
    script: "export default { fetch: () => new Response(null, { status: 404 }) };",
    compatibilityDate: "2025-01-01",
    d1Databases: keyed(spec.databases, storageBinding.database),
    r2Buckets: Object.fromEntries(
      spec.buckets.map((name) => [
        storageBinding.bucket(name),
        { id: name, s3Credentials: BUCKET_ENDPOINT_KEY },
      ]),
    ),
    kvNamespaces: keyed(spec.namespaces, storageBinding.namespace),
  };
}

const aiWorker = (): WorkerOptions => ({ name: AI_WORKER, modules: true, script: AI_SCRIPT });

/** The runtime writes names and passwords into the connection string as they are, so that only some can be read again. */
const databaseScript = (id: string) => `
const encoded = ({ user, password, host, port, database }) => {
  const [name, secret, path] = [user, password, database].map(encodeURIComponent);
  return "postgres://" + name + ":" + secret + "@" + host + ":" + port + "/" + path + "?sslmode=disable";
};
export default (env) => new Proxy(env[${JSON.stringify(id)}], {
  get(database, property) {
    if (property === "connectionString") return encoded(database);
    const value = database[property];
    return typeof value === "function" ? value.bind(database) : value;
  },
});`;

/**
 * Gives Workers a Hyperdrive configuration. Miniflare keeps databases by the name of their binding
 * alone, whichever Worker has it, so each stands under its id here and is passed on under any name.
 */
function databaseWorker({ id, origin }: HyperdriveSpec, port: number): WorkerOptions {
  const [user, password, database] = [origin.user, origin.password, origin.database].map(
    encodeURIComponent,
  );
  return {
    name: hyperdriveWorker(id),
    modules: true,
    script: databaseScript(id),
    hyperdrives: {
      [id]: `postgres://${user}:${password}@127.0.0.1:${port}/${database}?sslmode=disable`,
    },
  };
}

/** What a Worker's own connections may reach and trust; the addresses are miniflare's own default. */
function outbound(authorities: readonly string[]): Partial<Pick<WorkerOptions, "outboundService">> {
  if (authorities.length === 0) return {};
  const trustedCertificates = [...getCACertificates("extra"), ...authorities];
  return {
    outboundService: {
      network: {
        allow: ["public", "private", "240.0.0.0/4"],
        deny: [],
        tlsOptions: { trustBrowserCas: true, trustedCertificates },
      },
    },
  };
}

const ingressWorker = ({ workers }: AccountSpec): WorkerOptions => ({
  name: INGRESS_WORKER,
  modules: true,
  script: INGRESS_SCRIPT,
  compatibilityDate: "2025-01-01",
  serviceBindings: keyed(
    workers.map(({ name }) => name),
    (name) => name,
  ),
});

function userWorker(worker: WorkerSpec): WorkerOptions {
  const bindings = <T extends RuntimeBinding["type"]>(type: T) =>
    worker.bindings.filter(
      (binding): binding is Extract<RuntimeBinding, { type: T }> => binding.type === type,
    );
  const [mainModule] = worker.modules.filter((module) => module.name === worker.mainModule);
  const others = worker.modules.filter((module) => module.name !== worker.mainModule);

  return {
    name: worker.name,
    modules: [...(mainModule ? [mainModule] : []), ...others].map(moduleDefinition),
    modulesRoot: "/",
    compatibilityDate: worker.compatibilityDate,
    compatibilityFlags: [...worker.compatibilityFlags],
    bindings: Object.fromEntries([
      ...bindings("text").map(({ name, text }) => [name, text]),
      ...bindings("json").map(({ name, json }) => [name, json]),
    ]),
    d1Databases: Object.fromEntries(bindings("d1").map(({ name, id }) => [name, id])),
    r2Buckets: Object.fromEntries(bindings("r2").map(({ name, bucket }) => [name, bucket])),
    kvNamespaces: Object.fromEntries(bindings("kv").map(({ name, id }) => [name, id])),
    serviceBindings: Object.fromEntries(
      bindings("service").map(({ name, worker }) => [name, worker]),
    ),
    wrappedBindings: Object.fromEntries([
      ...bindings("ai").map(({ name }) => [name, AI_WORKER]),
      ...bindings("hyperdrive").map(({ name, id }) => [name, hyperdriveWorker(id)]),
    ]),
  };
}

function moduleDefinition({ name, contentType, base64 }: WorkerModule) {
  const type = MODULE_TYPES[contentType];
  if (type === undefined) {
    throw new Error(
      `The module ${name} has the content type ${contentType}, which Workers cannot load.`,
    );
  }
  const bytes = Buffer.from(base64, "base64");
  const isText = type === "ESModule" || type === "CommonJS" || type === "Text";
  return {
    type,
    path: `/${name}`,
    contents: isText ? bytes.toString("utf8") : new Uint8Array(bytes),
  };
}
