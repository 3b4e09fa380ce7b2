import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AccessKeys, type KeyVendor } from "../access-keys.ts";
import { DISK_FULL_ADVICE, isDiskFull } from "../disk-full.ts";
import { corsHeaders, corsQuestion } from "../s3/cors.ts";
import { errorResponse, S3Error, s3Error } from "../s3/errors.ts";
import type { VendorContext } from "../vendor-context.ts";
import { Blobs } from "./blobs.ts";
import { Buckets } from "./buckets.ts";
import { DIALECTS } from "./dialect.ts";
import { sweepLifecycles } from "./lifecycle-sweep.ts";
import { ObjectIndex } from "./object-index.ts";
import type { Storage } from "./operation.ts";
import { perform } from "./perform.ts";

/** What object storage is built on. */
export type ObjectStorageContext = Pick<VendorContext, "store" | "vault" | "dataDir" | "log">;

/** The object storage of one vendor: all of its accounts' buckets. */
export interface ObjectStorage {
  /** Answers a request of the S3 API; never throws. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Whether any account has a bucket of this name. */
  readonly hasBucket: (name: string) => boolean;
  /** Deletes what killed uploads left, and carries out lifecycle rules from now on. */
  readonly start: () => Promise<void>;
  readonly inventory: (accountId: string) => Readonly<Record<"buckets" | "objects", number>>;
  /** Ends what `start` began, and closes the files. */
  readonly close: () => Promise<void>;
}

const HOUR_MS = 60 * 60 * 1000;
const CORS_REFUSED =
  "CORSResponse: This CORS request is not allowed. This is usually because the evaluation of Origin, request method or Access-Control-Request-Headers is not whitelisted by the resource's CORS spec.";

/**
 * AWS S3 or DigitalOcean Spaces, path-style (`/<bucket>/<key>`), over files and a SQLite index below
 * `<dataDir>/objects/`. Differs from the vendors': one endpoint serves all regions, so that a name of a Space is
 * taken in all of them at once; requests over loopback count as secure transport; names in a path that are `.`
 * or `..` are resolved as in every URL, so that no key can have them between unescaped slashes.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html
 * @see https://docs.digitalocean.com/products/spaces/reference/s3-compatibility/
 */
export function objectStorage(cloud: ObjectStorageContext, vendor: KeyVendor): ObjectStorage {
  const dialect = DIALECTS[vendor];
  const folder = join(cloud.dataDir, "objects", dialect.name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const storage: Storage = {
    dialect,
    buckets: new Buckets(cloud.store, dialect),
    index: new ObjectIndex(join(folder, "index.sqlite")),
    blobs: new Blobs(join(folder, "data"), cloud.log),
  };
  const keys = new AccessKeys(cloud);
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> = Promise.resolve();

  const sweep = () => {
    sweeping = sweeping
      .then(() => sweepLifecycles(storage, Date.now()))
      .catch((error) => cloud.log(`Lifecycle rules were not carried out: ${causesOf(error)}`));
  };

  async function answer(request: Request): Promise<Response> {
    try {
      if (request.method === "OPTIONS") return preflight(storage, request);
      return await perform(storage, keys, request);
    } catch (error) {
      if (error instanceof S3Error) return errorResponse(error);
      const { pathname } = new URL(request.url);
      if (!isClientGone(error)) {
        cloud.log(`${dialect.name} ${request.method} ${pathname} failed: ${causesOf(error)}`);
      }
      return errorResponse(failure(error));
    }
  }

  return {
    async fetch(request) {
      const response = withCors(storage, request, await answer(request));
      response.headers.set("x-amz-request-id", randomBytes(8).toString("hex").toUpperCase());
      // An answer to HEAD has the headers alone, a refusal too.
      return request.method === "HEAD" && response.body !== null
        ? new Response(null, { status: response.status, headers: response.headers })
        : response;
    },
    hasBucket: (name) => storage.buckets.find(name) !== undefined,
    async start() {
      const orphans = await storage.blobs.sweep(() => storage.index.files());
      if (orphans > 0) {
        cloud.log(`${dialect.name}: deleted ${orphans} files of uploads that were cut off`);
      }
      sweep();
      timer = setInterval(sweep, HOUR_MS).unref();
    },
    inventory(accountId) {
      const buckets = storage.buckets.ownedBy(accountId);
      const objects = buckets.reduce((sum, { id }) => sum + storage.index.count(id), 0);
      return { buckets: buckets.length, objects };
    },
    async close() {
      clearInterval(timer);
      await sweeping;
      storage.index.close();
    },
  };
}

/** A browser asks without a signature, so the bucket's name alone says which rules hold. */
function preflight(storage: Storage, request: Request): Response {
  const question = corsQuestion(request);
  const rules = rulesFor(storage, request);
  if (question === undefined || corsHeaders(rules, question) === undefined) {
    throw s3Error(403, "AccessForbidden", CORS_REFUSED);
  }
  return new Response(null, { status: 200 });
}

function withCors(storage: Storage, request: Request, response: Response): Response {
  const question = corsQuestion(request);
  if (question === undefined) return response;
  const allowed = corsHeaders(rulesFor(storage, request), question) ?? {};
  for (const [name, value] of Object.entries(allowed)) response.headers.set(name, value);
  return response;
}

const rulesFor = ({ buckets }: Storage, request: Request) =>
  buckets.find(new URL(request.url).pathname.split("/")[1] ?? "")?.body.settings.cors ?? [];

/** What a client is told of a failure; the log has the cause. */
function failure(error: unknown): S3Error {
  if (isDiskFull(error)) {
    return s3Error(503, "ServiceUnavailable", DISK_FULL_ADVICE);
  }
  return s3Error(500, "InternalError", "We encountered an internal error. Please try again.");
}

/** A client that ends its connection in the middle of an upload is no failure of this side. */
const isClientGone = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ECONNRESET";

function causesOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : ` (cause: ${causesOf(error.cause)})`;
  return `${error.stack ?? error.message}${cause}`;
}
