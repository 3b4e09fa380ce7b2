import { ElastiCacheClient, ModifyUserCommand } from "@aws-sdk/client-elasticache";
import { ModifyDBInstanceCommand, RDSClient } from "@aws-sdk/client-rds";
import { PutBucketCorsCommand, PutBucketPolicyCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { onRedis } from "../../../drift/logins/login.ts";
import { heldLogins } from "../../../drift/probes/stack-logins.ts";
import { scriptForm } from "../../support/workers.ts";
import type { World } from "./world.ts";

/** One thing that is done behind Pulumi's back. */
export interface Deed {
  readonly title: string;
  readonly probe: string;
  readonly make: (world: World) => Promise<unknown>;
}

/** One that changes what the stack has declared. */
export interface Drift extends Deed {
  readonly kind: "secret" | "code" | "schema" | "access" | "changed";
  /** The finding's resource, by its logical name. */
  readonly of: string;
  readonly says: RegExp;
}

const script = ({ accountId }: World, name: string, path = ""): string =>
  `/accounts/${accountId}/workers/scripts/${name}${path}`;

/** Runs a command on a Redis server of the stack's. */
async function redis(world: World, cluster: string, ...command: string[]): Promise<unknown> {
  const [held] = heldLogins([world.resource("DatabaseCluster", cluster)], {});
  if (held === undefined) throw new Error(`${cluster} has no login.`);
  return onRedis(held.login, { mode: "require" }, (client) => client.sendCommand(command));
}

const put = (bucket: string, key: string, acl?: "public-read" | "private") =>
  new PutObjectCommand({ Bucket: bucket, Key: key, Body: "text", ...(acl ? { ACL: acl } : {}) });

const policy = (bucket: string, principal: string) =>
  new PutBucketPolicyCommand({
    Bucket: bucket,
    Policy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: principal === "*" ? "*" : { AWS: principal },
          Action: "s3:GetObject",
          Resource: `arn:aws:s3:::${bucket}/*`,
        },
      ],
    }),
  });

const cors = (bucket: string) =>
  new PutBucketCorsCommand({
    Bucket: bucket,
    CORSConfiguration: {
      CORSRules: [{ AllowedMethods: ["GET"], AllowedOrigins: ["https://elsewhere.example"] }],
    },
  });

const SPACE = "agentverse-staging-reps";
const S3 = "instainstru-uploads-staging";

/** Things that look alike, and change nothing that was declared. */
export const NEAR_MISSES: readonly Deed[] = [
  {
    title: "a version of a Worker that was uploaded, and serves nobody",
    probe: "worker-versions",
    async make(world) {
      const body = scriptForm("export default { fetch() { return new Response() } }");
      await world.cloudflare.post(script(world, "handled-api-staging", "/versions"), { body });
    },
  },
  {
    title: "rows in tables of D1",
    probe: "d1-schema",
    make: ({ d1 }) =>
      d1(
        "qhub",
        "INSERT INTO d1_migrations (name) SELECT name FROM d1_migrations WHERE 0; ANALYZE",
      ),
  },
  {
    title: "an index that was made again in another spelling",
    probe: "d1-schema",
    make: ({ d1 }) =>
      d1(
        "cutty",
        'DROP INDEX idx_api_keys_user; create  index "idx_api_keys_user" /* again */ on [api_keys](`user_id` , created_at)',
      ),
  },
  {
    title: "a role that cannot log in, and a table",
    probe: "postgres-access",
    make: ({ sql }) =>
      sql("instainstru-postgres-main", "CREATE ROLE readers", "CREATE TABLE notes (id int)"),
  },
  {
    title: "keys of the environment's own, and of somebody unknown",
    probe: "redis-access",
    async make(world) {
      await redis(world, "agentverse-redis", "SET", "agentverse:staging:api:session", "1");
      await redis(world, "agentverse-redis", "SET", "somebody:production:session", "1");
    },
  },
  {
    title: "a private object",
    probe: "object-access",
    make: ({ spaces }) => spaces.send(put(SPACE, "reports/private.txt", "private")),
  },
  {
    title: "a firewall before machines of a tag that the stack's has not",
    probe: "firewalls",
    make: ({ digitalocean }) =>
      digitalocean.post("/firewalls", {
        name: "elsewhere",
        tags: ["elsewhere"],
        inbound_rules: [{ protocol: "tcp", ports: "22", sources: { addresses: ["0.0.0.0/0"] } }],
      }),
  },
];

/** In an order in which none hides another. */
export const DRIFTS: readonly Drift[] = [
  {
    title: "a Worker's secret is set in place",
    probe: "worker-versions",
    kind: "secret",
    of: "qhub-api",
    says: /^A secret of qhub-api was set in place in version 2/,
    make: (world) =>
      world.cloudflare.put(script(world, "qhub-api-staging", "/secrets"), {
        body: { name: "JWT_SECRET", text: "another", type: "secret_text" },
      }),
  },
  {
    title: "other code is uploaded for a Worker",
    probe: "worker-versions",
    kind: "code",
    of: "cutty-files",
    says: /^cutty-files runs .*other code than/,
    make: (world) =>
      world.cloudflare.put(script(world, "cutty-files-staging"), {
        body: scriptForm("export default { fetch() { return new Response('mine') } }", {
          keep_bindings: ["plain_text", "secret_text", "d1", "r2_bucket"],
        }),
      }),
  },
  {
    title: "a Worker is set back to an earlier version",
    probe: "worker-versions",
    kind: "code",
    of: "agentverse-web",
    says: /^agentverse-web was set back to version 1/,
    async make(world) {
      const name = "agentverse-web-staging";
      const body = scriptForm("export default { fetch() { return new Response() } }");
      const versions = script(world, name, "/versions");
      const before = await world.cloudflare.get<{ result: { items: { id: string }[] } }>(versions);
      await world.cloudflare.post(versions, { body });
      await world.cloudflare.post(script(world, name, "/deployments"), {
        body: {
          strategy: "percentage",
          versions: [{ version_id: before.result.items[0]?.id, percentage: 100 }],
        },
      });
    },
  },
  {
    title: "a Worker is started by cron",
    probe: "worker-surface",
    kind: "code",
    of: "qhub-api",
    says: /^qhub-api is started by cron \(\*\/5 \* \* \* \*\)/,
    make: (world) =>
      world.cloudflare.put(script(world, "qhub-api-staging", "/schedules"), {
        body: [{ cron: "*/5 * * * *" }],
      }),
  },
  {
    title: "a Worker's log goes to another Worker",
    probe: "worker-surface",
    kind: "access",
    of: "qhub-api",
    says: /^The log of qhub-api goes to the Worker listener/,
    make: (world) =>
      world.cloudflare.patch(script(world, "qhub-api-staging", "/script-settings"), {
        body: { tail_consumers: [{ service: "listener" }] },
      }),
  },
  {
    title: "a Worker's log is pushed out",
    probe: "worker-surface",
    kind: "access",
    of: "agentverse-api",
    says: /^The log of agentverse-api is pushed out/,
    make: (world) =>
      world.cloudflare.patch(script(world, "agentverse-api-staging", "/script-settings"), {
        body: { logpush: true },
      }),
  },
  {
    title: "a table of D1 has a further column",
    probe: "d1-schema",
    kind: "schema",
    of: "qhub",
    says: /table users is not as the migrations make it: it has the further column backdoor/,
    make: ({ d1 }) => d1("qhub", "ALTER TABLE users ADD COLUMN backdoor TEXT"),
  },
  {
    title: "an index of D1 is gone",
    probe: "d1-schema",
    kind: "schema",
    of: "cutty",
    says: /the index idx_files_user is gone/,
    make: ({ d1 }) => d1("cutty", "DROP INDEX idx_files_user"),
  },
  {
    title: "an index of D1 is another",
    probe: "d1-schema",
    kind: "schema",
    of: "cutty",
    says: /the index idx_saved_filters_file has another definition/,
    make: ({ d1 }) =>
      d1(
        "cutty",
        "DROP INDEX idx_saved_filters_file; CREATE INDEX idx_saved_filters_file ON saved_filters (name)",
      ),
  },
  {
    title: "D1 has a further table",
    probe: "d1-schema",
    kind: "schema",
    of: "cutty",
    says: /the table stolen is made by no migration/,
    make: ({ d1 }) => d1("cutty", "CREATE TABLE stolen (id INTEGER PRIMARY KEY, what TEXT)"),
  },
  {
    title: "D1 has a further trigger",
    probe: "d1-schema",
    kind: "schema",
    of: "cutty",
    says: /the trigger copied is made by no migration/,
    make: ({ d1 }) =>
      d1("cutty", "CREATE TRIGGER copied AFTER INSERT ON users BEGIN SELECT 1; END"),
  },
  {
    title: "D1 has a further view",
    probe: "d1-schema",
    kind: "schema",
    of: "cutty",
    says: /the view everything is made by no migration/,
    make: ({ d1 }) => d1("cutty", "CREATE VIEW everything AS SELECT * FROM users"),
  },
  {
    title: "a migration is on record as another file",
    probe: "d1-schema",
    kind: "schema",
    of: "qhub",
    says: /has another 0001_init_schema\.sql on record/,
    make: ({ d1 }) =>
      d1(
        "qhub",
        "UPDATE bulkhead_migration_checksums SET sha256 = 'x' WHERE name = '0001_init_schema.sql'",
      ),
  },
  {
    title: "RDS has a further user",
    probe: "postgres-access",
    kind: "access",
    of: "instainstru-postgres",
    says: /has a role intruder, which may log in/,
    make: ({ sql }) => sql("instainstru-postgres-main", "CREATE ROLE intruder LOGIN PASSWORD 'in'"),
  },
  {
    title: "a role on a machine of one's own may make roles",
    probe: "postgres-access",
    kind: "access",
    of: "handled-data",
    says: /has a role maker, which has CREATEROLE/,
    make: ({ sql }) => sql("handled-data-data", "CREATE ROLE maker CREATEROLE"),
  },
  {
    title: "a managed server has a further user by SQL",
    probe: "postgres-access",
    kind: "access",
    of: "agentverse-postgres",
    says: /has a role intruder, which may log in/,
    make: ({ sql }) => sql("agentverse-postgres-main", "CREATE ROLE intruder LOGIN"),
  },
  {
    title: "a machine of one's own has a further database",
    probe: "postgres-access",
    kind: "schema",
    of: "handled-data",
    says: /has a database copied/,
    make: ({ sql }) => sql("handled-data-data", "CREATE DATABASE copied"),
  },
  {
    title: "a user's connections look names up elsewhere",
    probe: "postgres-access",
    kind: "changed",
    of: "handled-data",
    says: /the role handled_data_user has a setting of its own for search_path/,
    make: ({ sql }) =>
      sql("handled-data-data", "ALTER ROLE handled_data_user SET search_path = elsewhere"),
  },
  {
    title: "a database's changes are published",
    probe: "postgres-access",
    kind: "access",
    of: "handled-data-data",
    says: /has the publication leak/,
    make: ({ sql }) => sql("handled-data-data", "CREATE PUBLICATION leak"),
  },
  {
    title: "production writes to this environment's Redis",
    probe: "redis-access",
    kind: "access",
    of: "agentverse-redis",
    says: /holds keys that begin with agentverse:production:/,
    make: (world) => redis(world, "agentverse-redis", "SET", "agentverse:production:api:x", "1"),
  },
  {
    title: "an object of Spaces is public",
    probe: "object-access",
    kind: "access",
    of: "agentverse-reps",
    says: /the object reports\/open\.txt may be used by everybody \(READ\)/,
    make: ({ spaces }) => spaces.send(put(SPACE, "reports/open.txt", "public-read")),
  },
  {
    title: "a bucket of Spaces gets a policy",
    probe: "object-access",
    kind: "access",
    of: "agentverse-reps",
    says: /has a policy \(lets in everybody\)/,
    make: ({ spaces }) => spaces.send(policy(SPACE, "*")),
  },
  {
    title: "a bucket of S3 gets a policy for another account",
    probe: "object-access",
    kind: "access",
    of: "instainstru-uploads",
    says: /has a policy \(lets in .*999999999999/,
    make: ({ s3 }) => s3.send(policy(S3, "arn:aws:iam::999999999999:root")),
  },
  {
    title: "a bucket of S3 answers pages of other origins",
    probe: "object-access",
    kind: "access",
    of: "instainstru-uploads",
    says: /has rules for other origins \(https:\/\/elsewhere\.example\)/,
    make: ({ s3 }) => s3.send(cors(S3)),
  },
  {
    title: "a bucket of R2 answers pages of other origins",
    probe: "object-access",
    kind: "access",
    of: "cutty-files",
    says: /answers pages of other origins \(https:\/\/elsewhere\.example\)/,
    make: ({ cloudflare, accountId: account_id }) =>
      cloudflare.r2.buckets.cors.update("cutty-files-staging", {
        account_id,
        rules: [{ allowed: { methods: ["GET"], origins: ["https://elsewhere.example"] } }],
      }),
  },
  {
    title: "another firewall opens a machine",
    probe: "firewalls",
    kind: "access",
    of: "handled-data",
    says: /The firewall open-door stands before handled-data-staging, lets in tcp 22 from 0\.0\.0\.0\/0/,
    make: ({ digitalocean, resource }) =>
      digitalocean.post("/firewalls", {
        name: "open-door",
        droplet_ids: [Number(resource("Droplet", "handled-data").id)],
        inbound_rules: [{ protocol: "tcp", ports: "22", sources: { addresses: ["0.0.0.0/0"] } }],
      }),
  },
  {
    title: "a managed user's password is changed by the vendor",
    probe: "logins",
    kind: "secret",
    of: "agentverse-postgres-agentverse_api",
    says: /refuses agentverse_api with the password that the stack holds/,
    make: ({ digitalocean, resource }) => {
      const cluster = resource("DatabaseCluster", "agentverse-postgres").id;
      return digitalocean.post(`/databases/${cluster}/users/agentverse_api/reset_auth`, {});
    },
  },
  {
    title: "the password of a pool's user is changed",
    probe: "logins",
    kind: "secret",
    of: "handled-primary-handled_user",
    says: /refuses handled_user with the password/,
    make: ({ digitalocean, resource }) => {
      const cluster = resource("DatabaseCluster", "handled-primary").id;
      return digitalocean.post(`/databases/${cluster}/users/handled_user/reset_auth`, {});
    },
  },
  {
    title: "a user's password on a machine of one's own is changed",
    probe: "logins",
    kind: "secret",
    of: "handled-data-data",
    says: /refuses handled_data_user with the password/,
    make: ({ sql }) => sql("handled-data-data", "ALTER ROLE handled_data_user PASSWORD 'other'"),
  },
  {
    title: "a user of ElastiCache gets another password",
    probe: "logins",
    kind: "secret",
    of: "instainstru-cache-worker",
    says: /refuses worker with the password/,
    make: ({ aws }) =>
      new ElastiCacheClient(aws).send(
        new ModifyUserCommand({
          UserId: "instainstru-cache-staging-worker",
          AuthenticationMode: { Type: "password", Passwords: ["another-password-of-32-letters-x"] },
        }),
      ),
  },
  {
    title: "the administrator of RDS gets another password",
    probe: "logins",
    kind: "secret",
    of: "instainstru-postgres",
    says: /refuses administrator with the password/,
    make: ({ aws }) =>
      new RDSClient(aws).send(
        new ModifyDBInstanceCommand({
          DBInstanceIdentifier: "instainstru-postgres-staging",
          MasterUserPassword: "another-password",
          ApplyImmediately: true,
        }),
      ),
  },
  {
    title: "the password of a managed Redis is changed",
    probe: "logins",
    kind: "secret",
    of: "agentverse-redis",
    says: /refuses default with the password/,
    make: ({ digitalocean, resource }) => {
      const cluster = resource("DatabaseCluster", "agentverse-redis").id;
      return digitalocean.post(`/databases/${cluster}/users/default/reset_auth`, {});
    },
  },
];
