import {
  AuthorizeSecurityGroupIngressCommand,
  CreateTagsCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import { ModifyReplicationGroupCommand, ModifyUserGroupCommand } from "@aws-sdk/client-elasticache";
import { ModifyDBInstanceCommand, RebootDBInstanceCommand } from "@aws-sdk/client-rds";
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutBucketEncryptionCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { until } from "../../support/aws.ts";
import { psql, variable } from "../../support/data-clients.ts";
import type { HarmlessCase } from "./drift-case.ts";
import type { Vendors } from "./vendors.ts";

const FILES = ":R2Bucket";
const REPS = ":SpacesBucket";
const UPLOADS = "s3/bucket:Bucket";
const HYPERDRIVE = ":HyperdriveConfig";
const INSTANCE = "rds/instance:Instance";
const CACHE = ":ReplicationGroup";
const GROUP = "securityGroup:SecurityGroup";
const TRUSTED = ":DatabaseFirewall";
const FIREWALL = "index/firewall:Firewall";

/** What vendors, applications and their users do all day long. */
export const HARMLESS: readonly HarmlessCase[] = [
  {
    name: "an application writes rows to D1",
    make: ({ d1 }) =>
      d1(
        "qhub",
        "INSERT INTO login_attempts VALUES ('a@example.com', 1, '2030-01-01'), ('b@example.com', 2, '2030-01-01');",
      ),
  },
  {
    name: "an application deletes rows of D1",
    make: ({ d1 }) => d1("qhub", "DELETE FROM login_attempts WHERE email = 'a@example.com';"),
  },
  {
    name: "an application reads D1",
    make: ({ d1 }) => d1("cutty", "SELECT count(*) FROM sqlite_master;"),
  },
  {
    name: "D1 gathers statistics for its planner",
    make: ({ d1 }) => d1("qhub", "PRAGMA optimize;"),
  },
  {
    name: "a user calls a Worker",
    make: ({ estate, find }) => estate.visit(`${urlOf(find, "qhub-api")}/health`),
  },
  {
    name: "a user calls a Worker for what it does not have",
    make: ({ estate, find }) => estate.visit(`${urlOf(find, "cutty-files")}/no/such/thing`),
  },
  {
    name: "a Worker asks its database through Hyperdrive",
    make: ({ estate, find }) => estate.visit(urlOf(find, "handled-api")),
  },
  {
    name: "an application puts an object into R2",
    make: ({ cloudflare, account_id, find }) =>
      cloudflare.put(
        `/accounts/${account_id}/r2/buckets/${find(FILES, "cutty-files").id}/objects/a.txt`,
        { body: Buffer.from("first"), headers: { "content-type": "text/plain" } },
      ),
  },
  {
    name: "an application deletes an object of R2",
    make: ({ cloudflare, account_id, find }) =>
      cloudflare.delete(
        `/accounts/${account_id}/r2/buckets/${find(FILES, "cutty-files").id}/objects/a.txt`,
      ),
  },
  {
    name: "somebody saves a bucket's lifecycle rules as they are",
    make: async ({ cloudflare, account_id, find }) => {
      const { id } = find(FILES, "cutty-files");
      const { rules = [] } = await cloudflare.r2.buckets.lifecycle.get(id, { account_id });
      await cloudflare.r2.buckets.lifecycle.update(id, {
        account_id,
        rules: [...rules].reverse() as never,
      });
    },
  },
  {
    name: "somebody saves a Worker's address as it is",
    make: ({ cloudflare, account_id, find }) =>
      cloudflare.workers.scripts.subdomain.create(find(":WorkersScript", "qhub-api").id, {
        account_id,
        enabled: true,
        previews_enabled: false,
      }),
  },
  {
    name: "somebody saves a way to a database as it is, which has a new time",
    make: ({ cloudflare, account_id, find }) =>
      cloudflare.hyperdrive.configs.edit(find(HYPERDRIVE, "handled-primary").id, {
        account_id,
        caching: { disabled: true },
      }),
  },
  {
    name: "an application writes rows to a managed PostgreSQL",
    make: ({ sql }) =>
      sql(
        "handled-primary-primary",
        "CREATE TEMPORARY TABLE batch (id int); INSERT INTO batch SELECT generate_series(1, 1000);",
      ),
  },
  {
    name: "PostgreSQL cleans up and gathers statistics",
    make: async ({ sql }) => {
      await sql("agentverse-postgres-main", "VACUUM ANALYZE");
      await sql("instainstru-postgres-main", "CHECKPOINT");
    },
  },
  {
    name: "an application logs in to PostgreSQL directly",
    make: ({ variables }) => psql(variable(variables, "agentverse", "DATABASE_URL"), "SELECT 1"),
  },
  {
    name: "an application logs in to PostgreSQL through its pool",
    make: ({ variables }) =>
      psql(variable(variables, "handled", "PRIMARY_DATABASE_URL").split("?")[0] ?? "", "SELECT 1"),
  },
  {
    name: "an application keeps entries in its cache",
    make: ({ redis, stack }) => redis("agentverse", "SET", `agentverse:${stack}:api:x`, "1"),
  },
  {
    name: "a cache forgets an entry whose time is over",
    make: ({ redis, stack }) =>
      redis("agentverse", "SET", `agentverse:${stack}:api:y`, "1", "PX", "1"),
  },
  {
    name: "an application counts in ElastiCache",
    make: ({ redis, stack }) => redis("instainstru", "INCR", `instainstru:${stack}:api:count`),
  },
  {
    name: "the vendor moves the window in which it works on a managed database",
    make: ({ digitalocean, find }) =>
      digitalocean(
        "PUT",
        `/databases/${find(":DatabaseCluster", "agentverse-postgres").id}/maintenance`,
        { day: "wednesday", hour: "04:00" },
      ),
  },
  {
    name: "somebody lists a managed database's backups",
    make: ({ digitalocean, find }) =>
      digitalocean("GET", `/databases/${find(":DatabaseCluster", "handled-primary").id}/backups`),
  },
  {
    name: "somebody saves a database's trusted sources in another order",
    make: async ({ digitalocean, find }) => {
      const path = `/databases/${find(TRUSTED, "agentverse-postgres").inputs.clusterId}/firewall`;
      const { rules } = await digitalocean("GET", path);
      await digitalocean("PUT", path, {
        rules: [...rules].reverse().map(({ type, value }) => ({ type, value })),
      });
    },
  },
  {
    name: "somebody saves a firewall's rules in another order",
    make: async ({ digitalocean, find }) => {
      const path = `/firewalls/${find(FIREWALL, "handled-data").id}`;
      const { firewall } = await digitalocean("GET", path);
      const { name, inbound_rules, outbound_rules, droplet_ids, tags } = firewall;
      await digitalocean("PUT", path, {
        name,
        inbound_rules: [...inbound_rules].reverse(),
        outbound_rules: [...outbound_rules].reverse(),
        droplet_ids,
        tags,
      });
    },
  },
  {
    name: "an application puts an object into Spaces, and another version of it",
    make: async ({ spaces, find }) => {
      await put(spaces, find(REPS, "agentverse-reps").id, "a.txt", "first");
      await put(spaces, find(REPS, "agentverse-reps").id, "a.txt", "second");
    },
  },
  {
    name: "an application reads and deletes an object of Spaces",
    make: async ({ spaces, find }) => {
      const place = { Bucket: find(REPS, "agentverse-reps").id, Key: "a.txt" };
      await spaces.send(new GetObjectCommand(place));
      await spaces.send(new DeleteObjectCommand(place));
    },
  },
  {
    name: "an upload to Spaces is left unfinished",
    make: ({ spaces, find }) =>
      spaces.send(
        new CreateMultipartUploadCommand({
          Bucket: find(REPS, "agentverse-reps").id,
          Key: "unfinished",
        }),
      ),
  },
  {
    name: "an application puts objects into S3 and deletes them",
    make: async ({ s3, find }) => {
      const Bucket = find(UPLOADS, "instainstru-uploads").id;
      await put(s3, Bucket, "a.txt", "first");
      await s3.send(new DeleteObjectCommand({ Bucket, Key: "a.txt" }));
    },
  },
  {
    name: "somebody saves a bucket's settings as they are",
    make: async ({ s3, find }) => {
      const Bucket = find(UPLOADS, "instainstru-uploads").id;
      await s3.send(
        new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }),
      );
      await s3.send(
        new PutPublicAccessBlockCommand({
          Bucket,
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
        }),
      );
      await s3.send(
        new PutBucketEncryptionCommand({
          Bucket,
          ServerSideEncryptionConfiguration: {
            Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
          },
        }),
      );
    },
  },
  {
    name: "somebody saves a bucket's tags in another order",
    make: ({ s3, find }) => {
      const { id, inputs } = find(UPLOADS, "instainstru-uploads");
      const TagSet = Object.entries(inputs.tags).map(([Key, Value]) => ({
        Key,
        Value: String(Value),
      }));
      return s3.send(
        new PutBucketTaggingCommand({ Bucket: id, Tagging: { TagSet: TagSet.reverse() } }),
      );
    },
  },
  {
    name: "somebody saves a network's tags as they are",
    make: ({ ec2, find }) => {
      const { id, inputs } = find(":Vpc", "instainstru-network");
      const Tags = Object.entries(inputs.tags).map(([Key, Value]) => ({
        Key,
        Value: String(Value),
      }));
      return ec2.send(new CreateTagsCommand({ Resources: [id], Tags }));
    },
  },
  {
    name: "somebody takes a security group's rule away and puts it back, which has a new id",
    make: async ({ ec2, find }) => {
      const rule = {
        GroupId: find(GROUP, "instainstru-postgres").id,
        IpPermissions: [
          {
            IpProtocol: "tcp",
            FromPort: 5432,
            ToPort: 5432,
            IpRanges: [{ CidrIp: "10.40.0.0/16" }],
          },
        ],
      };
      await ec2.send(new RevokeSecurityGroupIngressCommand(rule));
      await ec2.send(new AuthorizeSecurityGroupIngressCommand(rule));
    },
  },
  {
    name: "the vendor moves the windows in which it works on an instance",
    make: ({ rds, find }) =>
      rds.send(
        new ModifyDBInstanceCommand({
          DBInstanceIdentifier: find(INSTANCE, "instainstru-postgres").inputs.identifier,
          PreferredMaintenanceWindow: "wed:05:00-wed:05:30",
          PreferredBackupWindow: "01:00-01:30",
          ApplyImmediately: true,
        }),
      ),
  },
  {
    name: "the vendor starts an instance again",
    make: async ({ rds, sql, find }) => {
      const DBInstanceIdentifier = find(INSTANCE, "instainstru-postgres").inputs.identifier;
      await until(
        () =>
          rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier })).then(
            () => true,
            () => false,
          ),
        (isDone) => isDone,
      );
      await until(
        () =>
          sql("instainstru-postgres-main", "SELECT 1").then(
            () => true,
            () => false,
          ),
        (isUp) => isUp,
      );
    },
  },
  {
    name: "the vendor moves the windows in which it works on a cache",
    make: ({ elastiCache, find }) =>
      elastiCache.send(
        new ModifyReplicationGroupCommand({
          ReplicationGroupId: find(CACHE, "instainstru-cache").id,
          PreferredMaintenanceWindow: "wed:05:00-wed:06:00",
          SnapshotWindow: "01:00-02:00",
          ApplyImmediately: true,
        }),
      ),
  },
  {
    name: "somebody takes a login out of a cache's group and puts it back at its end",
    make: async ({ elastiCache, find }) => {
      const UserGroupId = find(":UserGroup", "instainstru-cache").id;
      const users = [find("elasticache/user:User", "instainstru-cache-api").id];
      await elastiCache.send(new ModifyUserGroupCommand({ UserGroupId, UserIdsToRemove: users }));
      await until(
        () =>
          elastiCache.send(new ModifyUserGroupCommand({ UserGroupId, UserIdsToAdd: users })).then(
            () => true,
            () => false,
          ),
        (isDone) => isDone,
      );
    },
  },
];

const urlOf = (find: Vendors["find"], worker: string): string =>
  find(":Worker", worker).outputs.urls[0];

const put = (client: S3Client, Bucket: string, Key: string, Body: string) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body }));
