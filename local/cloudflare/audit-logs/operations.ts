/** What a call of the API changes, by its method and path. Nothing of a request's body is looked at. */

/** One call as the audit log has it. */
export interface Operation {
  /** `create`, `update` or `delete`. */
  readonly type: "create" | "update" | "delete";
  /** `CreateDatabase`, `PutBucketCors`, … */
  readonly info: string;
  /** `d1.database`, `r2.bucket`, … */
  readonly resourceType: string;
  /** In the path; undefined where only the answer tells it. */
  readonly resourceId: string | undefined;
  /** The field of the answer's result that is the id. */
  readonly answered: string;
}

interface Product {
  /** Segments after the account or the zone; the next one is the id. */
  readonly path: string;
  readonly type: string;
  /** In names of operations. */
  readonly noun: string;
  /** Default: `id`. */
  readonly answered?: string;
  /** What follows the id where content is read and written, which no audit log tells of. */
  readonly content?: readonly string[];
}

const PRODUCTS: readonly Product[] = [
  {
    path: "d1/database",
    type: "d1.database",
    noun: "Database",
    answered: "uuid",
    content: ["query", "raw", "import", "export"],
  },
  {
    path: "r2/buckets",
    type: "r2.bucket",
    noun: "Bucket",
    answered: "name",
    content: ["objects"],
  },
  {
    path: "storage/kv/namespaces",
    type: "workers_kv.namespace",
    noun: "Namespace",
    content: ["values", "bulk"],
  },
  { path: "workers/scripts", type: "worker.script", noun: "Script" },
  { path: "workers/services", type: "worker.script", noun: "Script" },
  { path: "workers/domains", type: "worker.domain", noun: "CustomDomain" },
  { path: "workers/routes", type: "worker.route", noun: "Route" },
  { path: "workers/subdomain", type: "worker.subdomain", noun: "Subdomain" },
  { path: "hyperdrive/configs", type: "hyperdrive.config", noun: "Config" },
  { path: "mtls_certificates", type: "mtls.certificate", noun: "Certificate" },
];

/** What the vendor calls an operation that its path does not name so. */
const NAMES: Readonly<Record<string, string>> = {
  PutBucketLifecycle: "PutBucketLifecycleConfiguration",
  PutBucketDomains: "ChangeBucketVisibility",
  UpdateBucket: "PutBucketStorageClass",
};

const SCOPED = /^\/client\/v4\/(?:accounts|zones)\/[^/]+\/(.+)$/;
const READS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * The operation of a call, or undefined when it changes nothing that an audit log tells of.
 *
 * @see https://developers.cloudflare.com/d1/observability/audit-logs/
 * @see https://developers.cloudflare.com/r2/platform/audit-logs/
 */
export function operationOf(method: string, path: string): Operation | undefined {
  const rest = READS.has(method) ? undefined : SCOPED.exec(path)?.[1];
  if (rest === undefined) return undefined;
  const product = PRODUCTS.find((each) => `${rest}/`.startsWith(`${each.path}/`)) ?? other(rest);
  // What comes after the part's name are names that people gave.
  const [id = "", part = ""] = rest
    .slice(product.path.length + 1)
    .split("/")
    .map(decoded);
  if (product.content?.includes(part)) return undefined;
  const type = typeOf(method, id, part);
  const verb = part !== "" && type !== "delete" ? "Put" : capital(type);
  const named = verb + product.noun + capital(part);
  return {
    // To change a part of a thing is to change the thing.
    type: part === "" ? type : "update",
    info: NAMES[named] ?? named,
    resourceType: product.type,
    resourceId: id || undefined,
    answered: product.answered ?? "id",
  };
}

/** What the table does not have is told of all the same. */
const other = (rest: string): Product => {
  const [path = rest] = rest.split("/");
  return { path, type: path, noun: capital(path) };
};

function typeOf(method: string, id: string, part: string): Operation["type"] {
  if (method === "DELETE") return "delete";
  return id === "" || (method === "POST" && part === "") ? "create" : "update";
}

/** `script-settings` → `ScriptSettings` */
const capital = (text: string): string =>
  text.replace(/(?:^|[-_])([a-z])/g, (_, letter: string) => letter.toUpperCase());

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
