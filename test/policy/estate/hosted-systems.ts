/** agentverse and instainstru: databases and buckets at DigitalOcean and AWS. */
import { Secret } from "../../../isolation/facts.ts";
import {
  CLOUDFLARE_RANGES,
  declareAgentverseData,
  declareInstainstruNetwork,
} from "./data-servers.ts";
import { CLOUDFLARE, declareScope, SOURCE } from "./declarations.ts";
import { add, Derived, output, type StackSpec } from "./spec.ts";
import { hexId, randomText, uuid } from "./values.ts";

/** Postgres, Redis and a bucket at DigitalOcean behind a Worker. */
export function declareAgentverse(spec: StackSpec, account: string): void {
  const { project, stack } = spec;
  const data = spec.tier === "production";
  const DIGITALOCEAN = { provider: "digitalocean", parent: "agentverse" };
  declareScope(spec, "agentverse");
  for (const [key, engine, version, port] of [
    ["postgres", "pg", "17", 25060],
    ["redis", "valkey", "8", 25061],
  ] as const) {
    const id = uuid(project, stack, key);
    const host = `${key}-${hexId(project, stack, key).slice(0, 6)}-do-user-1234-0.e.db.ondigitalocean.com`;
    const password = `AVNS_${randomText(19, project, stack, key, "password")}`;
    const scheme = engine === "pg" ? "postgresql" : "rediss";
    add(spec, {
      key,
      type: "digitalocean:index/databaseCluster:DatabaseCluster",
      name: `agentverse-${key}`,
      inputs: {
        name: `agentverse-${key}-${stack}`,
        engine,
        version,
        size: "db-s-1vcpu-1gb",
        region: "fra1",
        nodeCount: data ? 2 : 1,
      },
      answer: {
        host,
        privateHost: `private-${host}`,
        port,
        user: "doadmin",
        password: new Secret(password),
        uri: new Secret(
          `${scheme}://doadmin:${password}@${host}:${port}/defaultdb?sslmode=require`,
        ),
      },
      id,
      protect: data,
      retainOnDelete: data,
      ...DIGITALOCEAN,
    });
    add(spec, {
      key: `${key} firewall`,
      type: "digitalocean:index/databaseFirewall:DatabaseFirewall",
      name: `agentverse-${key}`,
      inputs: {
        clusterId: output(key, "id"),
        rules: CLOUDFLARE_RANGES.map((value) => ({ type: "ip_addr", value })),
      },
      id: uuid(project, stack, key, "firewall"),
      ...DIGITALOCEAN,
    });
  }
  add(spec, {
    key: "reps",
    type: "digitalocean:index/spacesBucket:SpacesBucket",
    name: "agentverse-reps",
    inputs: {
      name: data ? "agentverse-reps" : `agentverse-${stack}-reps`,
      region: "fra1",
      acl: "private",
      versioning: { enabled: true },
    },
    answer: { bucketDomainName: `agentverse-${stack}-reps.fra1.digitaloceanspaces.com` },
    id: data ? "agentverse-reps" : `agentverse-${stack}-reps`,
    protect: data,
    retainOnDelete: data,
    ...DIGITALOCEAN,
  });
  declareAgentverseData(spec, account);
  add(spec, {
    key: "secret key",
    type: "random:index/randomPassword:RandomPassword",
    name: "agentverse-secret-key-v1",
    parent: "agentverse",
    inputs: { length: 64, lower: true, numeric: true, special: false, upper: true },
    answer: { result: new Secret(randomText(64, project, stack, "secret key")) },
    id: "none",
  });
  add(spec, {
    key: "agentverse script",
    type: "cloudflare:index/workersScript:WorkersScript",
    name: "agentverse-api",
    parent: "agentverse",
    inputs: {
      accountId: account,
      scriptName: `agentverse-api-${stack}`,
      content: SOURCE,
      mainModule: "worker.js",
      bindings: [
        { name: "DATABASE_URL", type: "secret_text", text: output("postgres", "uri") },
        { name: "ENVIRONMENT", type: "plain_text", text: stack },
        {
          name: "REDIS_HOST",
          type: "plain_text",
          text: output("redis", "host"),
        },
        { name: "REDIS_URL", type: "secret_text", text: output("redis", "uri") },
        { name: "SECRET_KEY", type: "secret_text", text: output("secret key", "result") },
        { name: "STORAGE_BUCKET_NAME", type: "plain_text", text: output("reps", "name") },
        { name: "TOKEN_TTL", type: "plain_text", text: "3600" },
        {
          name: "STORAGE_URL",
          type: "plain_text",
          text: new Derived(
            [{ key: "reps", path: "name" }],
            (name) => `https://${name}.fra1.digitaloceanspaces.com`,
          ),
        },
        {
          name: "MAIL_API_KEY",
          type: "secret_text",
          text: spec.config["agentverse:mailApiKey"] as Secret,
        },
      ],
      compatibilityDate: "2026-01-01",
    },
    id: `agentverse-api-${stack}`,
    ...CLOUDFLARE,
  });
  add(spec, {
    key: "agentverse domain",
    type: "cloudflare:index/workersCustomDomain:WorkersCustomDomain",
    name: "agentverse-api",
    parent: "agentverse",
    inputs: {
      accountId: account,
      hostname: stack === "production" ? "api.agentverse.dev" : `api.${stack}.agentverse.dev`,
      service: output("agentverse script", "scriptName"),
    },
    answer: { zoneId: hexId(project, stack, "zone") },
    id: hexId(project, stack, "agentverse domain"),
    ...CLOUDFLARE,
  });
}

/** Postgres and a bucket at AWS. */
export function declareInstainstru(spec: StackSpec): void {
  const { project, stack } = spec;
  const production = spec.tier === "production";
  const AWS = { provider: "aws", parent: "instainstru" };
  const account = BigInt(`0x${hexId(project, stack, "aws").slice(0, 10)}`)
    .toString()
    .padStart(12, "4")
    .slice(-12);
  declareScope(spec, "instainstru");
  declareInstainstruNetwork(spec, account);
  add(spec, {
    key: "rds password",
    type: "random:index/randomPassword:RandomPassword",
    name: "instainstru-database-password-v1",
    parent: "instainstru",
    inputs: { length: 40, special: false },
    answer: { result: new Secret(randomText(40, project, stack, "rds password")) },
    id: "none",
  });
  const identifier = `instainstru-${stack}`;
  const address = `${identifier}.c${hexId(project, stack, "rds").slice(0, 10)}.eu-central-1.rds.amazonaws.com`;
  add(spec, {
    key: "rds",
    type: "aws:rds/instance:Instance",
    name: "instainstru",
    inputs: {
      identifier,
      engine: "postgres",
      engineVersion: "17",
      instanceClass: "db.t4g.micro",
      username: "instainstru",
      password: output("rds password", "result"),
      storageEncrypted: true,
      publiclyAccessible: false,
      dbSubnetGroupName: output("rds subnets", "name"),
      vpcSecurityGroupIds: [output("security group", "id")],
      backupRetentionPeriod: production ? 14 : 1,
      deletionProtection: production,
      multiAz: production,
      skipFinalSnapshot: !production,
      tags: { Environment: stack },
    },
    answer: {
      address,
      endpoint: `${address}:5432`,
      arn: `arn:aws:rds:eu-central-1:${account}:db:${identifier}`,
      resourceId: `db-${randomText(26, project, stack, "rds").toUpperCase()}`,
    },
    id: `db-${randomText(26, project, stack, "rds").toUpperCase()}`,
    protect: production,
    retainOnDelete: production,
    ...AWS,
  });
  const bucket = `instainstru-exports-${stack}-${hexId(project, stack, "s3").slice(0, 6)}`;
  add(spec, {
    key: "exports",
    type: "aws:s3/bucket:Bucket",
    name: "instainstru-exports",
    inputs: { bucket, tags: { Environment: stack } },
    answer: { arn: `arn:aws:s3:::${bucket}`, bucketDomainName: `${bucket}.s3.amazonaws.com` },
    id: bucket,
    protect: production,
    retainOnDelete: production,
    ...AWS,
  });
  add(spec, {
    key: "exports versioning",
    type: "aws:s3/bucketVersioning:BucketVersioning",
    name: "instainstru-exports",
    inputs: { bucket: output("exports", "id"), versioningConfiguration: { status: "Enabled" } },
    id: bucket,
    ...AWS,
  });
  add(spec, {
    key: "exports block",
    type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    name: "instainstru-exports",
    inputs: {
      bucket: output("exports", "id"),
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    id: bucket,
    ...AWS,
  });
}
