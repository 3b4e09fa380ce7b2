import type { DriftCase } from "./drift-case.ts";
import { changeWorker, type Vendors } from "./vendors.ts";

const D1 = ":D1Database";
const WORKER = ":WorkersScript";
const SUBDOMAIN = ":WorkersScriptSubdomain";
const HYPERDRIVE = ":HyperdriveConfig";
const LIFECYCLE = ":R2BucketLifecycle";

const SECONDS_PER_DAY = 86_400;

/** Another module than the one that was built, which answers all the same. */
const OTHER_CODE = "export default { fetch: () => new Response('changed by hand') };\n";

export const CLOUDFLARE_DRIFTS: readonly DriftCase[] = [
  {
    name: "switches read replication of a D1 database on",
    batch: 1,
    on: { staging: "low" },
    subject: [D1, "qhub"],
    path: "readReplication.mode",
    make: ({ cloudflare, account_id, find }) =>
      cloudflare.d1.database.update(find(D1, "qhub").id, {
        account_id,
        read_replication: { mode: "auto" },
      }),
  },
  {
    name: "deletes a D1 database",
    batch: 2,
    on: { staging: "high" },
    kind: "deleted",
    subject: [D1, "cutty"],
    echoes: [[":Migrations", "cutty"]],
    make: ({ cloudflare, account_id, find }) =>
      cloudflare.d1.database.delete(find(D1, "cutty").id, { account_id }),
  },
  {
    name: "deletes the record of a migration and what it made",
    batch: 1,
    on: { staging: "medium", production: "high" },
    subject: [":Migrations", "qhub"],
    path: "files[0002_login_attempts.sql]",
    make: ({ d1 }) =>
      d1("qhub", "DROP TABLE login_attempts; DELETE FROM d1_migrations WHERE name LIKE '0002%';"),
  },
  {
    name: "stores new objects of a bucket for infrequent access",
    batch: 1,
    on: { production: "medium" },
    subject: [":R2Bucket", "cutty-files"],
    path: "storageClass",
    make: ({ cloudflare, account_id, find }) =>
      cloudflare.r2.buckets.edit(find(":R2Bucket", "cutty-files").id, {
        account_id,
        storage_class: "InfrequentAccess",
      }),
  },
  {
    name: "deletes a bucket",
    batch: 2,
    on: { staging: "high" },
    kind: "deleted",
    subject: [":R2Bucket", "cutty-files"],
    echoes: [[LIFECYCLE, "cutty-files"]],
    make: ({ cloudflare, account_id, find }) =>
      cloudflare.r2.buckets.delete(find(":R2Bucket", "cutty-files").id, { account_id }),
  },
  {
    name: "has a bucket delete its objects after a day",
    batch: 1,
    on: { staging: "medium", production: "high" },
    subject: [LIFECYCLE, "cutty-files"],
    path: "rules[clean-up]",
    make: (vendors) =>
      lifecycle(vendors, [
        ...DECLARED_RULES,
        {
          id: "clean-up",
          enabled: true,
          conditions: { prefix: "" },
          deleteObjectsTransition: { condition: { type: "Age", maxAge: SECONDS_PER_DAY } },
        },
      ]),
  },
  {
    name: "switches a bucket's lifecycle rule off",
    batch: 2,
    on: { production: "medium" },
    subject: [LIFECYCLE, "cutty-files"],
    path: "rules[abort-unfinished-uploads].enabled",
    make: (vendors) =>
      lifecycle(
        vendors,
        DECLARED_RULES.map((rule) => ({ ...rule, enabled: false })),
      ),
  },
  {
    name: "binds a Worker to another system's database",
    batch: 1,
    on: { staging: "medium" },
    kind: "code",
    subject: [WORKER, "qhub-api"],
    path: /^bindings\[DB\]/,
    make: (vendors) =>
      changeWorker(vendors, "qhub-api", {
        bindings: { DB: { type: "d1", id: vendors.find(D1, "cutty").id } },
      }),
  },
  {
    name: "gives a Worker the database's address of the other environment",
    batch: 1,
    on: { staging: "critical" },
    kind: "code",
    subject: [WORKER, "agentverse-api"],
    path: "bindings[DATABASE_HOST].text",
    rules: ["no-foreign-reference"],
    make: (vendors, other) =>
      changeWorker(vendors, "agentverse-api", {
        bindings: {
          DATABASE_HOST: {
            type: "plain_text",
            text: other.find(":DatabaseCluster", "agentverse-postgres").outputs.host,
          },
        },
      }),
  },
  {
    name: "adds a variable with the address of the other environment's Worker",
    batch: 1,
    on: { production: "critical" },
    kind: "code",
    subject: [WORKER, "agentverse-api"],
    path: "bindings[UPSTREAM]",
    rules: ["no-foreign-reference"],
    make: (vendors, other) =>
      changeWorker(vendors, "agentverse-api", {
        bindings: {
          UPSTREAM: {
            type: "plain_text",
            text: other.find(":Worker", "agentverse-api").outputs.urls[0],
          },
        },
      }),
  },
  {
    name: "takes a Worker's service binding away",
    batch: 1,
    on: { production: "high", staging: "medium" },
    kind: "code",
    subject: [WORKER, "agentverse-web"],
    path: "bindings[API]",
    make: (vendors) => changeWorker(vendors, "agentverse-web", { bindings: { API: null } }),
  },
  {
    name: "adds a variable to a Worker",
    batch: 1,
    on: { staging: "medium" },
    kind: "code",
    subject: [WORKER, "handled-api"],
    path: "bindings[DEBUG]",
    make: (vendors) =>
      changeWorker(vendors, "handled-api", {
        bindings: { DEBUG: { type: "plain_text", text: "1" } },
      }),
  },
  {
    name: "adds a secret to a Worker",
    batch: 1,
    on: { staging: "medium" },
    kind: "secret",
    subject: [WORKER, "cutty-files"],
    path: /^bindings\[EXTRA_TOKEN\]/,
    make: ({ cloudflare, account_id, find }) =>
      cloudflare.workers.scripts.secrets.update(find(WORKER, "cutty-files").id, {
        account_id,
        name: "EXTRA_TOKEN",
        text: "kept-in-nobodys-program-0123456789",
        type: "secret_text",
      }),
  },
  {
    name: "replaces a Worker's code",
    batch: 1,
    on: { production: "high" },
    kind: "code",
    subject: [WORKER, "cutty-files"],
    path: "content",
    make: (vendors) => changeWorker(vendors, "cutty-files", { code: OTHER_CODE }),
  },
  {
    name: "sets another compatibility date",
    batch: 1,
    on: { production: "high" },
    kind: "code",
    subject: [WORKER, "handled-api"],
    path: "compatibilityDate",
    make: (vendors) =>
      changeWorker(vendors, "handled-api", { metadata: { compatibility_date: "2026-01-02" } }),
  },
  {
    name: "switches a Worker's observability off",
    batch: 1,
    on: { production: "high" },
    kind: "code",
    subject: [WORKER, "qhub-api"],
    path: /^observability/,
    make: (vendors) =>
      changeWorker(vendors, "qhub-api", { metadata: { observability: { enabled: false } } }),
  },
  {
    name: "deletes a Worker",
    batch: 2,
    on: { staging: "medium", production: "high" },
    kind: "deleted",
    subject: [WORKER, "agentverse-web"],
    echoes: [[SUBDOMAIN, "agentverse-web"]],
    make: ({ cloudflare, account_id, find }) =>
      cloudflare.workers.scripts.delete(find(WORKER, "agentverse-web").id, { account_id }),
  },
  {
    name: "takes a Worker off its address",
    batch: 1,
    on: { staging: "low" },
    subject: [SUBDOMAIN, "qhub-api"],
    path: "enabled",
    make: (vendors) => subdomain(vendors, "qhub-api", false, false),
  },
  {
    name: "publishes previews of a Worker",
    batch: 1,
    on: { production: "high" },
    subject: [SUBDOMAIN, "qhub-api"],
    path: "previewsEnabled",
    make: (vendors) => subdomain(vendors, "qhub-api", true, true),
  },
  {
    name: "leads a Worker's connections to the other environment's database",
    batch: 1,
    on: { staging: "critical" },
    subject: [HYPERDRIVE, "agentverse-postgres"],
    path: "origin.host",
    rules: ["no-foreign-reference"],
    make: async ({ cloudflare, account_id, find }, other) => {
      const { origin } = other.find(HYPERDRIVE, "agentverse-postgres").inputs;
      await cloudflare.hyperdrive.configs.edit(find(HYPERDRIVE, "agentverse-postgres").id, {
        account_id,
        origin,
        // Its authority is another one.
        mtls: { sslmode: "require" },
      });
    },
  },
  {
    name: "has a database's answers cached",
    batch: 1,
    on: { production: "medium" },
    subject: [HYPERDRIVE, "agentverse-postgres"],
    path: "caching.disabled",
    make: ({ cloudflare, account_id, find }) =>
      cloudflare.hyperdrive.configs.edit(find(HYPERDRIVE, "agentverse-postgres").id, {
        account_id,
        caching: { disabled: false },
      }),
  },
  {
    name: "has a database's certificate no longer verified",
    batch: 2,
    on: { staging: "medium", production: "high" },
    subject: [HYPERDRIVE, "handled-primary"],
    path: "mtls.sslmode",
    make: ({ cloudflare, account_id, find }) =>
      cloudflare.hyperdrive.configs.edit(find(HYPERDRIVE, "handled-primary").id, {
        account_id,
        mtls: { sslmode: "require" },
      }),
  },
  {
    name: "raises how many connections are opened to a database",
    batch: 2,
    on: { production: "medium" },
    subject: [HYPERDRIVE, "handled-data"],
    path: "originConnectionLimit",
    make: ({ cloudflare, account_id, find }) =>
      cloudflare.hyperdrive.configs.edit(find(HYPERDRIVE, "handled-data").id, {
        account_id,
        origin_connection_limit: 20,
      }),
  },
  {
    name: "deletes a way to a database",
    batch: 2,
    on: { staging: "medium" },
    kind: "deleted",
    subject: [HYPERDRIVE, "handled-data"],
    make: ({ cloudflare, account_id, find }) =>
      cloudflare.hyperdrive.configs.delete(find(HYPERDRIVE, "handled-data").id, { account_id }),
  },
  {
    name: "deletes the certificate that a database is verified by",
    batch: 2,
    on: { staging: "medium" },
    kind: "deleted",
    subject: [":MtlsCertificate", "handled-data"],
    make: ({ cloudflare, account_id, find }) =>
      cloudflare.mtlsCertificates.delete(find(":MtlsCertificate", "handled-data").id, {
        account_id,
      }),
  },
];

/** The rules that the program declares. */
const DECLARED_RULES = [
  {
    id: "abort-unfinished-uploads",
    enabled: true,
    conditions: { prefix: "" },
    abortMultipartUploadsTransition: {
      condition: { type: "Age" as const, maxAge: 2 * SECONDS_PER_DAY },
    },
  },
];

const lifecycle = ({ cloudflare, account_id, find }: Vendors, rules: readonly object[]) =>
  cloudflare.r2.buckets.lifecycle.update(find(":R2Bucket", "cutty-files").id, {
    account_id,
    rules: rules as typeof DECLARED_RULES,
  });

const subdomain = (
  { cloudflare, account_id, find }: Vendors,
  worker: string,
  enabled: boolean,
  previews_enabled: boolean,
) =>
  cloudflare.workers.scripts.subdomain.create(find(WORKER, worker).id, {
    account_id,
    enabled,
    previews_enabled,
  });
