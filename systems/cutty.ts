import { Bucket } from "../components/bucket.ts";
import { D1Database } from "../components/d1-database.ts";
import { environmentLabel } from "../components/naming.ts";
import type { Scope } from "../components/scope.ts";
import type { SystemResources } from "../components/system-outputs.ts";
import { Worker } from "../components/worker.ts";

/** Bytes: 100 MiB, about what Cloudflare lets one request carry on its smaller plans. */
const MAX_UPLOAD_BYTES = 100 * 1024 * 1024;

/**
 * The cutty file service: files in R2, everything about them in D1 (C1).
 *
 * Anyone may sign up in development only, since every user gets room in the bucket. Elsewhere an
 * operator adds a row to `users` and one with the SHA-256 of an API key to `api_keys`.
 */
export function cutty(scope: Scope): SystemResources {
  const database = new D1Database("cutty", {
    scope,
    databaseName: cuttyDatabaseName(scope.environment),
    migrations: new URL("./cutty/migrations/", import.meta.url),
  });
  const files = new Bucket("files", {
    scope,
    // The Worker gives up on an upload after a day; what it leaves in the bucket goes then too.
    lifecycle: [{ id: "abort-unfinished-uploads", abortMultipartAfterDays: 2 }],
  });
  const api = new Worker("files", {
    scope,
    entry: new URL("./cutty/worker/main.ts", import.meta.url),
    bindings: {
      DB: database,
      FILES: files,
      MAX_UPLOAD_BYTES: String(MAX_UPLOAD_BYTES),
      SIGN_UP: scope.tier === "development" ? "open" : "closed",
    },
  });
  return {
    workers: { files: api },
    databases: { main: database },
    buckets: { files },
  };
}

/** The product's databases were named before the environments were: production is `prod`. */
export function cuttyDatabaseName(environment: string): string {
  return `cutty-${environment === "production" ? "prod" : environmentLabel(environment)}`;
}
