import * as pulumi from "@pulumi/pulumi";
import { D1Database } from "../components/d1-database.ts";
import type { Scope } from "../components/scope.ts";
import { configuredRotation, Secret } from "../components/secret.ts";
import type { SystemResources } from "../components/system-outputs.ts";
import { Worker } from "../components/worker.ts";
import { ai } from "../components/worker-bindings.ts";

/** The qhub API: accounts, AI conversations and quantum jobs (Q1, Q3, Q4). */
export function qhub(scope: Scope): SystemResources {
  const rotation = configuredRotation(new pulumi.Config(scope.system), "jwtSecret");
  const jwtSecret = new Secret("jwt-secret", { scope, ...rotation });
  const database = new D1Database("qhub", {
    scope,
    migrations: new URL("./qhub/migrations/", import.meta.url),
  });
  const api = new Worker("api", {
    scope,
    entry: new URL("./qhub/worker/main.ts", import.meta.url),
    bindings: {
      DB: database,
      AI: ai(),
      JWT_SECRET: jwtSecret,
      JWT_SECRET_PREVIOUS: jwtSecret.previous,
    },
  });
  return {
    workers: { api },
    databases: { main: database },
    secrets: { JWT_SECRET: jwtSecret },
  };
}
