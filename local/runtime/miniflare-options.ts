import type { MiniflareOptions, WorkerOptions } from "miniflare";
import type { AccountSpec, RuntimeBinding, WorkerModule, WorkerSpec } from "./account-spec.ts";
import { BUCKET_ENDPOINT_KEY } from "./bucket-endpoint.ts";
import { INGRESS_SCRIPT } from "./ingress-worker.ts";

// No user's Worker can have one of these names: the vendor allows no dot.
/** The Worker through which the API reaches databases, buckets and namespaces. */
export const STORAGE_WORKER = "bulkhead.storage";
/** The Worker through which requests reach the others. */
export const INGRESS_WORKER = "bulkhead.ingress";
const AI_WORKER = "bulkhead.ai";

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

/** Everything of one account as miniflare wants it. Pure. */
export function miniflareOptions(
  spec: AccountSpec,
  persistDir: string,
): Pick<MiniflareOptions, "defaultPersistRoot"> & { workers: WorkerOptions[] } {
  return {
    defaultPersistRoot: persistDir,
    workers: [
      storageWorker(spec),
      aiWorker(),
      ingressWorker(spec),
      ...spec.workers.map(userWorker),
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
    wrappedBindings: Object.fromEntries(bindings("ai").map(({ name }) => [name, AI_WORKER])),
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
