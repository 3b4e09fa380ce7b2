/**
 * Stands in for the plugin of AWS where only declarations matter: the engine checks, previews and
 * records these types as it does any other, and nothing exists behind them.
 */
import { type AnyResource, defineResource } from "../../../../providers/sdk/definition.ts";
import { servePlugin } from "../../../../providers/sdk/server.ts";

const define = defineResource<undefined>();

const text = { type: "string", mode: "optional", doc: "As at the vendor." } as const;
const flag = { type: "boolean", mode: "optional", doc: "As at the vendor." } as const;
const count = { type: "integer", mode: "optional", doc: "As at the vendor." } as const;

const bucket: AnyResource<undefined> = define({
  token: "aws:s3/bucket:Bucket",
  title: "S3 bucket",
  doc: "A bucket.",
  identity: [],
  properties: { bucket: text },
  create: async (_context, { bucket: name = "" }) => ({ id: name, state: { bucket: name } }),
  read: async (_context, id) => ({ id, state: {} }),
  update: async () => ({}),
  async delete() {},
});

const instance: AnyResource<undefined> = define({
  token: "aws:rds/instance:Instance",
  title: "database instance",
  doc: "A database server.",
  identity: [],
  properties: {
    identifier: text,
    engine: text,
    publiclyAccessible: flag,
    storageEncrypted: flag,
    deletionProtection: flag,
    skipFinalSnapshot: flag,
    multiAz: flag,
    backupRetentionPeriod: count,
  },
  create: async (_context, { identifier = "" }) => ({ id: identifier, state: { identifier } }),
  read: async (_context, id) => ({ id, state: {} }),
  update: async () => ({}),
  async delete() {},
});

await servePlugin({
  name: "aws",
  version: "7.0.0",
  doc: "A few types of AWS.",
  npmPackage: "@pulumi/aws",
  config: {},
  resources: [bucket, instance],
  functions: [],
  connect: () => undefined,
  endpoint: () => "",
  toFault: () => undefined,
});
