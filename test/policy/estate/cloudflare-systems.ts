/** qhub and cutty: databases, a bucket and Workers at Cloudflare. */
import { Secret } from "../../../isolation/facts.ts";
import { CLOUDFLARE, component, declareScope, SOURCE } from "./declarations.ts";
import { add, output, type StackSpec } from "./spec.ts";
import { hexId, randomText, uuid } from "./values.ts";

function declareDatabase(
  spec: StackSpec,
  system: string,
  account: string,
  name: string,
  files: readonly string[],
): void {
  const data = spec.tier === "production";
  component(spec, `${system} database component`, "D1Database", system, system);
  const id = uuid(spec.project, spec.stack, system, "d1");
  add(spec, {
    key: `${system} database`,
    type: "cloudflare:index/d1Database:D1Database",
    name: system,
    parent: `${system} database component`,
    inputs: { accountId: account, name, primaryLocationHint: "enam" },
    // The vendor calls its engine's generation "production", whatever the environment.
    answer: { uuid: id, createdAt: "2026-11-21T10:01:44.967Z", version: "production" },
    id,
    protect: data,
    retainOnDelete: data,
    ...CLOUDFLARE,
  });
  add(spec, {
    key: `${system} migrations`,
    type: "bulkhead:d1:Migrations",
    name: system,
    parent: `${system} database component`,
    inputs: {
      accountId: account,
      databaseId: output(`${system} database`, "uuid"),
      directory: `systems/${system}/migrations`,
      files: files.map((file) => ({ name: file, sha256: hexId(file) + hexId(file, "2") })),
    },
    answer: { applied: [...files], lastApplied: files.at(-1) ?? "" },
    id,
    provider: "bulkhead",
  });
}

export function declareQhub(spec: StackSpec, account: string): void {
  const { project, stack } = spec;
  declareScope(spec, "qhub");
  component(spec, "jwt", "Secret", "qhub-jwt-secret", "qhub");
  add(spec, {
    key: "jwt v1",
    type: "random:index/randomPassword:RandomPassword",
    name: "qhub-jwt-secret-v1",
    parent: "jwt",
    inputs: { length: 64, lower: true, numeric: true, special: false, upper: true },
    answer: {
      result: new Secret(randomText(64, project, stack, "jwt")),
      bcryptHash: new Secret(`$2b$10$${randomText(53, project, stack, "bcrypt")}`),
    },
    id: "none",
    protect: spec.tier === "production",
    retainOnDelete: spec.tier === "production",
  });
  declareDatabase(spec, "qhub", account, `qhub-${stack}`, [
    "0001_init_schema.sql",
    "0002_login_attempts.sql",
  ]);
  component(spec, "api", "Worker", "qhub-api", "qhub", {
    scriptName: `qhub-api-${stack}`,
    urls: [`https://qhub-api-${stack}.${stack}-${account.slice(0, 6)}.workers.dev`],
  });
  add(spec, {
    key: "api script",
    type: "cloudflare:index/workersScript:WorkersScript",
    name: "qhub-api",
    parent: "api",
    inputs: {
      accountId: account,
      scriptName: `qhub-api-${stack}`,
      content: SOURCE,
      mainModule: "worker.js",
      bindings: [
        { name: "AI", type: "ai" },
        { name: "DB", type: "d1", databaseId: output("qhub database", "uuid") },
        { name: "ENVIRONMENT", type: "plain_text", text: stack },
        { name: "JWT_SECRET", type: "secret_text", text: output("jwt v1", "result") },
        { name: "PROJECT", type: "plain_text", text: project },
        { name: "SYSTEM", type: "plain_text", text: "qhub" },
      ],
      compatibilityDate: "2026-01-01",
    },
    id: `qhub-api-${stack}`,
    ...CLOUDFLARE,
  });
  add(spec, {
    key: "api subdomain",
    type: "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain",
    name: "qhub-api",
    parent: "api",
    inputs: {
      accountId: account,
      enabled: true,
      previewsEnabled: false,
      scriptName: output("api script", "scriptName"),
    },
    id: `qhub-api-${stack}`,
    ...CLOUDFLARE,
  });
}

export function declareCutty(spec: StackSpec, account: string): void {
  const { stack } = spec;
  const data = spec.tier === "production";
  declareScope(spec, "cutty");
  declareDatabase(spec, "cutty", account, `cutty-${stack === "production" ? "prod" : stack}`, [
    "0001_initial_schema.sql",
    "0002_phase5_r2_enhancements.sql",
  ]);
  component(spec, "files bucket component", "Bucket", "cutty-files", "cutty");
  add(spec, {
    key: "files bucket",
    type: "cloudflare:index/r2Bucket:R2Bucket",
    name: "cutty-files",
    parent: "files bucket component",
    inputs: { accountId: account, name: `cutty-files-${stack}` },
    answer: { jurisdiction: "default", location: "weur", storageClass: "Standard" },
    id: `cutty-files-${stack}`,
    protect: data,
    retainOnDelete: data,
    ...CLOUDFLARE,
  });
  add(spec, {
    key: "files lifecycle",
    type: "cloudflare:index/r2BucketLifecycle:R2BucketLifecycle",
    name: "cutty-files",
    parent: "files bucket component",
    inputs: {
      accountId: account,
      bucketName: output("files bucket", "name"),
      rules: [{ id: "abort-unfinished-uploads", enabled: true, conditions: { prefix: "" } }],
    },
    id: `cutty-files-${stack}`,
    ...CLOUDFLARE,
  });
  component(spec, "files", "Worker", "cutty-files", "cutty");
  add(spec, {
    key: "files script",
    type: "cloudflare:index/workersScript:WorkersScript",
    name: "cutty-files",
    parent: "files",
    inputs: {
      accountId: account,
      scriptName: `cutty-files-${stack}`,
      content: SOURCE,
      mainModule: "worker.js",
      bindings: [
        { name: "DB", type: "d1", databaseId: output("cutty database", "uuid") },
        { name: "ENVIRONMENT", type: "plain_text", text: stack },
        { name: "FILES", type: "r2_bucket", bucketName: output("files bucket", "name") },
        { name: "MAX_UPLOAD_BYTES", type: "plain_text", text: "104857600" },
        {
          name: "SIGN_UP",
          type: "plain_text",
          text: spec.tier === "development" ? "open" : "closed",
        },
      ],
      compatibilityDate: "2026-01-01",
    },
    id: `cutty-files-${stack}`,
    ...CLOUDFLARE,
  });
}
