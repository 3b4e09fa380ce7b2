/** One thing of every product, made by the vendor's own API as a person would. */
import {
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeSubnetsCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateCacheParameterGroupCommand,
  CreateCacheSubnetGroupCommand,
  CreateReplicationGroupCommand,
  CreateUserCommand,
  CreateUserGroupCommand,
  DescribeReplicationGroupsCommand,
} from "@aws-sdk/client-elasticache";
import {
  CreateDBInstanceCommand,
  CreateDBParameterGroupCommand,
  CreateDBSnapshotCommand,
  CreateDBSubnetGroupCommand,
  DescribeDBInstancesCommand,
} from "@aws-sdk/client-rds";
import { CreateBucketCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Database, Vpc } from "../../../providers/digitalocean-api/types.ts";
import { scriptForm } from "../../support/workers.ts";
import type { Vendors } from "./accounts.ts";

export interface Made {
  /** As Pulumi's state would have it. */
  readonly id: string;
  readonly name: string;
  /** What `pulumi import` takes. Default: the id. */
  readonly importId?: string;
}

export interface ProductCase {
  readonly type: string;
  readonly make: (vendors: Vendors) => Promise<Made>;
  /** What it holds then; undefined: it is removed without a question. */
  readonly holds?: string;
}

const named = (id: string): Made => ({ id, name: id });

export const CLOUDFLARE_CASES: readonly ProductCase[] = [
  {
    type: "cloudflare:index/d1Database:D1Database",
    holds: "tables",
    async make({ accounts: { cloudflare } }) {
      const { client, accountId: account_id } = cloudflare;
      const { uuid = "" } = await client.d1.database.create({ account_id, name: "notes" });
      const sql = "CREATE TABLE notes (text TEXT)";
      await client.d1.database.query(uuid, { account_id, sql });
      return { id: uuid, name: "notes", importId: `${account_id}/${uuid}` };
    },
  },
  {
    type: "cloudflare:index/r2Bucket:R2Bucket",
    holds: "objects",
    async make({ accounts: { cloudflare } }) {
      const { client, accountId: account_id } = cloudflare;
      await client.r2.buckets.create({ account_id, name: "attic" });
      const path = `/accounts/${account_id}/r2/buckets/attic/objects/box`;
      const headers = { "content-type": "text/plain" };
      await client.put(path, { body: Buffer.from("old"), headers });
      return { ...named("attic"), importId: `${account_id}/attic/default` };
    },
  },
  {
    type: "cloudflare:index/workersKvNamespace:WorkersKvNamespace",
    holds: "keys",
    async make({ accounts: { cloudflare } }) {
      const { client, accountId: account_id } = cloudflare;
      const { id } = await client.kv.namespaces.create({ account_id, title: "flags" });
      await client.kv.namespaces.bulkUpdate(id, { account_id, body: [{ key: "a", value: "1" }] });
      return { id, name: "flags", importId: `${account_id}/${id}` };
    },
  },
  {
    type: "cloudflare:index/workersRoute:WorkersRoute",
    async make({ accounts: { cloudflare } }) {
      const { client, accountId } = cloudflare;
      await putWorker(cloudflare, "routed");
      const { result } = await client.zones.list({ account: { id: accountId } });
      const [zone] = result;
      if (zone === undefined) throw new Error("The account has no zone.");
      const pattern = `${zone.name}/old/*`;
      const { id } = await client.workers.routes.create({
        zone_id: zone.id,
        pattern,
        script: "routed",
      });
      return { id, name: pattern, importId: `${zone.id}/${id}` };
    },
  },
  {
    type: "cloudflare:index/workersCustomDomain:WorkersCustomDomain",
    async make({ accounts: { cloudflare } }) {
      const { client, accountId: account_id } = cloudflare;
      await putWorker(cloudflare, "at-home");
      const { result } = await client.zones.list({ account: { id: account_id } });
      const hostname = `old.${result[0]?.name}`;
      const { id } = await client.workers.domains.update({
        account_id,
        hostname,
        service: "at-home",
        zone_id: result[0]?.id ?? "",
      });
      return { id, name: hostname, importId: `${account_id}/${id}` };
    },
  },
  {
    type: "cloudflare:index/workersScript:WorkersScript",
    async make({ accounts: { cloudflare } }) {
      await putWorker(cloudflare, "lonely");
      return { ...named("lonely"), importId: `${cloudflare.accountId}/lonely` };
    },
  },
  {
    type: "cloudflare:index/mtlsCertificate:MtlsCertificate",
    async make(vendors) {
      const { client, accountId: account_id } = vendors.accounts.cloudflare;
      const { api } = vendors.accounts.digitalocean;
      const cluster = await sharedCluster(vendors);
      const { ca } = await api.get<{ ca: { certificate: string } }>(`/databases/${cluster.id}/ca`);
      const certificates = Buffer.from(ca.certificate, "base64").toString();
      const made = { account_id, ca: true, certificates, name: "authority" };
      const { id = "" } = await client.mtlsCertificates.create(made);
      return { id, name: "authority", importId: `${account_id}/${id}` };
    },
  },
  {
    type: "cloudflare:index/hyperdriveConfig:HyperdriveConfig",
    async make(vendors) {
      const { client, accountId: account_id } = vendors.accounts.cloudflare;
      const { connection = {} } = await sharedCluster(vendors);
      const { host = "", port = 0, user, password = "", database = "" } = connection;
      const { id } = await client.hyperdrive.configs.create({
        account_id,
        name: "direct",
        origin: { scheme: "postgres", host, port, user: user ?? "", password, database },
      });
      return { id, name: "direct", importId: `${account_id}/${id}` };
    },
  },
];

export const DIGITALOCEAN_CASES: readonly ProductCase[] = [
  {
    type: "digitalocean:index/databaseCluster:DatabaseCluster",
    holds: "databases",
    make: async (vendors) => {
      const { id } = await createCluster(vendors, "extra");
      return { id, name: "extra" };
    },
  },
  {
    type: "digitalocean:index/databaseDb:DatabaseDb",
    holds: "data",
    async make(vendors) {
      const { id } = await sharedCluster(vendors);
      await vendors.accounts.digitalocean.api.post(`/databases/${id}/dbs`, { name: "reports" });
      return { id: `${id}/database/reports`, name: "reports", importId: `${id},reports` };
    },
  },
  {
    type: "digitalocean:index/databaseUser:DatabaseUser",
    async make(vendors) {
      const { id } = await sharedCluster(vendors);
      await vendors.accounts.digitalocean.api.post(`/databases/${id}/users`, { name: "guest" });
      return { id: `${id}/user/guest`, name: "guest", importId: `${id},guest` };
    },
  },
  {
    type: "digitalocean:index/databaseConnectionPool:DatabaseConnectionPool",
    async make(vendors) {
      const { id } = await sharedCluster(vendors);
      const pool = {
        name: "spare",
        mode: "transaction",
        size: 2,
        db: "defaultdb",
        user: "doadmin",
      };
      await vendors.accounts.digitalocean.api.post(`/databases/${id}/pools`, pool);
      return { id: `${id}/spare`, name: "spare", importId: `${id},spare` };
    },
  },
  {
    type: "digitalocean:index/droplet:Droplet",
    holds: "what is on its disk",
    async make({ accounts: { digitalocean } }) {
      const body = { name: "jump", region: "fra1", size: "s-1vcpu-1gb", image: "debian-13-x64" };
      const { droplet } = await digitalocean.api.post<{ droplet: { id: number } }>(
        "/droplets",
        body,
      );
      return { id: String(droplet.id), name: "jump" };
    },
  },
  {
    type: "digitalocean:index/volume:Volume",
    holds: "data",
    async make({ accounts: { digitalocean } }) {
      const body = { name: "backup", region: "fra1", size_gigabytes: 1 };
      const { volume } = await digitalocean.api.post<{ volume: { id: string } }>("/volumes", body);
      return { id: volume.id, name: "backup" };
    },
  },
  {
    type: "digitalocean:index/firewall:Firewall",
    async make({ accounts: { digitalocean } }) {
      const rule = { protocol: "tcp", ports: "22", sources: { addresses: ["203.0.113.0/24"] } };
      const body = { name: "open", inbound_rules: [rule] };
      const { firewall } = await digitalocean.api.post<{ firewall: { id: string } }>(
        "/firewalls",
        body,
      );
      return { id: firewall.id, name: "open" };
    },
  },
  {
    type: "digitalocean:index/vpc:Vpc",
    async make({ accounts: { digitalocean } }) {
      const body = { name: "side", region: "fra1" };
      const { vpc } = await digitalocean.api.post<{ vpc: Vpc }>("/vpcs", body);
      return { id: vpc.id, name: "side" };
    },
  },
  {
    type: "digitalocean:index/project:Project",
    async make({ accounts: { digitalocean } }) {
      const body = { name: "trial", purpose: "Other" };
      const { project } = await digitalocean.api.post<{ project: { id: string } }>(
        "/projects",
        body,
      );
      return { id: project.id, name: "trial" };
    },
  },
  {
    type: "digitalocean:index/reservedIp:ReservedIp",
    async make({ accounts: { digitalocean } }) {
      const body = { region: "fra1" };
      const made = await digitalocean.api.post<{ reserved_ip: { ip: string } }>(
        "/reserved_ips",
        body,
      );
      return named(made.reserved_ip.ip);
    },
  },
  {
    type: "digitalocean:index/sshKey:SshKey",
    async make({ accounts: { digitalocean } }) {
      const public_key =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl laptop";
      const body = { name: "laptop", public_key };
      const made = await digitalocean.api.post<{ ssh_key: { id: number } }>("/account/keys", body);
      return { id: String(made.ssh_key.id), name: "laptop" };
    },
  },
  {
    type: "digitalocean:index/spacesKey:SpacesKey",
    async make({ accounts: { digitalocean } }) {
      const body = { name: "ci", grants: [{ bucket: "", permission: "fullaccess" }] };
      const { key } = await digitalocean.api.post<{ key: { access_key: string } }>(
        "/spaces/keys",
        body,
      );
      return { id: key.access_key, name: "ci" };
    },
  },
  {
    type: "digitalocean:index/spacesBucket:SpacesBucket",
    holds: "objects",
    async make({ spaces }) {
      await createBucket(spaces, "dumps-of-a-team", "fra1");
      return { ...named("dumps-of-a-team"), importId: "fra1,dumps-of-a-team" };
    },
  },
];

export const AWS_CASES: readonly ProductCase[] = [
  {
    type: "aws:s3/bucket:Bucket",
    holds: "objects",
    async make({ aws: { s3 } }) {
      await createBucket(s3, "dumps-of-an-account");
      return named("dumps-of-an-account");
    },
  },
  {
    type: "aws:ec2/vpc:Vpc",
    async make({ aws: { ec2 } }) {
      const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.77.0.0/16" }));
      return named(Vpc?.VpcId ?? "");
    },
  },
  {
    type: "aws:ec2/subnet:Subnet",
    async make({ aws: { ec2 } }) {
      const VpcId = await defaultVpc(ec2);
      const tags = [{ Key: "Name", Value: "spare-subnet" }];
      const { Subnet } = await ec2.send(
        new CreateSubnetCommand({
          VpcId,
          CidrBlock: "172.31.240.0/24",
          TagSpecifications: [{ ResourceType: "subnet", Tags: tags }],
        }),
      );
      return { id: Subnet?.SubnetId ?? "", name: "spare-subnet" };
    },
  },
  {
    type: "aws:ec2/securityGroup:SecurityGroup",
    async make({ aws: { ec2 } }) {
      const VpcId = await defaultVpc(ec2);
      const group = { GroupName: "office", Description: "office", VpcId };
      const { GroupId = "" } = await ec2.send(new CreateSecurityGroupCommand(group));
      return { id: GroupId, name: "office" };
    },
  },
  {
    type: "aws:rds/subnetGroup:SubnetGroup",
    async make({ aws: { rds, ec2 } }) {
      const SubnetIds = await defaultSubnets(ec2);
      const group = { DBSubnetGroupName: "spare", DBSubnetGroupDescription: "spare", SubnetIds };
      await rds.send(new CreateDBSubnetGroupCommand(group));
      return named("spare");
    },
  },
  {
    type: "aws:rds/parameterGroup:ParameterGroup",
    async make({ aws: { rds } }) {
      await rds.send(
        new CreateDBParameterGroupCommand({
          DBParameterGroupName: "tuned",
          DBParameterGroupFamily: "postgres17",
          Description: "tuned",
        }),
      );
      return named("tuned");
    },
  },
  {
    type: "aws:rds/snapshot:Snapshot",
    holds: "databases",
    async make(vendors) {
      const DBInstanceIdentifier = await sharedInstance(vendors);
      await vendors.aws.rds.send(
        new CreateDBSnapshotCommand({ DBInstanceIdentifier, DBSnapshotIdentifier: "before" }),
      );
      await untilInstance(vendors, "available");
      return named("before");
    },
  },
  {
    type: "aws:rds/instance:Instance",
    holds: "databases",
    async make(vendors) {
      const name = await sharedInstance(vendors);
      const { DBInstances: [found] = [] } = await vendors.aws.rds.send(
        new DescribeDBInstancesCommand({ DBInstanceIdentifier: name }),
      );
      return { id: found?.DbiResourceId ?? "", name, importId: name };
    },
  },
  {
    type: "aws:elasticache/parameterGroup:ParameterGroup",
    async make({ aws: { elasticache } }) {
      await elasticache.send(
        new CreateCacheParameterGroupCommand({
          CacheParameterGroupName: "tuned",
          CacheParameterGroupFamily: "valkey8",
          Description: "tuned",
        }),
      );
      return named("tuned");
    },
  },
  {
    type: "aws:elasticache/subnetGroup:SubnetGroup",
    async make({ aws: { elasticache, ec2 } }) {
      await elasticache.send(
        new CreateCacheSubnetGroupCommand({
          CacheSubnetGroupName: "spare",
          CacheSubnetGroupDescription: "spare",
          SubnetIds: await defaultSubnets(ec2),
        }),
      );
      return named("spare");
    },
  },
  {
    type: "aws:elasticache/userGroup:UserGroup",
    async make({ aws: { elasticache } }) {
      const group = { UserGroupId: "guests", Engine: "valkey", UserIds: [] };
      await elasticache.send(new CreateUserGroupCommand(group));
      return named("guests");
    },
  },
  {
    type: "aws:elasticache/user:User",
    async make({ aws: { elasticache } }) {
      await elasticache.send(
        new CreateUserCommand({
          UserId: "guest",
          UserName: "guest",
          Engine: "valkey",
          AccessString: "on ~* +@read",
          AuthenticationMode: { Type: "password", Passwords: ["a-password-of-a-guest"] },
        }),
      );
      return named("guest");
    },
  },
  {
    type: "aws:elasticache/replicationGroup:ReplicationGroup",
    holds: "keys",
    async make({ aws: { elasticache } }) {
      await elasticache.send(
        new CreateReplicationGroupCommand({
          ReplicationGroupId: "sessions",
          ReplicationGroupDescription: "sessions",
          Engine: "valkey",
          CacheNodeType: "cache.t4g.micro",
          TransitEncryptionEnabled: true,
          AtRestEncryptionEnabled: true,
          AuthToken: "a-token-of-the-sessions",
        }),
      );
      await eventually(
        async () =>
          (await elasticache.send(new DescribeReplicationGroupsCommand({}))).ReplicationGroups,
        (groups) => groups?.[0]?.Status === "available",
      );
      return named("sessions");
    },
  },
];

type Ec2 = Vendors["aws"]["ec2"];

async function defaultVpc(ec2: Ec2): Promise<string> {
  const { Subnets: [subnet] = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  return subnet?.VpcId ?? "";
}

async function defaultSubnets(ec2: Ec2): Promise<string[]> {
  const VpcId = await defaultVpc(ec2);
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  return Subnets.flatMap((each) => (each.VpcId === VpcId ? [each.SubnetId ?? ""] : []));
}

async function createBucket(s3: S3Client, Bucket: string, region?: string): Promise<void> {
  await s3.send(
    new CreateBucketCommand({
      Bucket,
      ...(region === undefined
        ? {}
        : { CreateBucketConfiguration: { LocationConstraint: region as "eu-west-1" } }),
    }),
  );
  await s3.send(new PutObjectCommand({ Bucket, Key: "dump.sql", Body: "SELECT 1" }));
}

async function putWorker(
  { client, accountId }: Vendors["accounts"]["cloudflare"],
  name: string,
): Promise<void> {
  const code = "export default { fetch: () => new Response('here') }";
  await client.put(`/accounts/${accountId}/workers/scripts/${name}`, { body: scriptForm(code) });
}

/** The cluster that things are made in. */
export async function sharedCluster(vendors: Vendors): Promise<Database> {
  const { api } = vendors.accounts.digitalocean;
  const all = await api.list<Database>("/databases", "databases");
  const name = "shared";
  const { id } = all.find((each) => each.name === name) ?? (await createCluster(vendors, name));
  const read = async () => (await api.get<{ database: Database }>(`/databases/${id}`)).database;
  return eventually(read, ({ status }) => status === "online");
}

async function createCluster(vendors: Vendors, name: string): Promise<Database> {
  const { api } = vendors.accounts.digitalocean;
  const shape = { engine: "pg", size: "db-s-1vcpu-1gb", region: "fra1", num_nodes: 1 };
  return (await api.post<{ database: Database }>("/databases", { name, ...shape })).database;
}

async function sharedInstance(vendors: Vendors): Promise<string> {
  const { rds } = vendors.aws;
  const DBInstanceIdentifier = "ledger";
  const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({}));
  if (DBInstances.length === 0)
    await rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier,
        DBInstanceClass: "db.t4g.micro",
        AllocatedStorage: 20,
        Engine: "postgres",
        MasterUsername: "app",
        MasterUserPassword: "a-password-of-the-ledger",
        BackupRetentionPeriod: 1,
      }),
    );
  await untilInstance(vendors, "available");
  return DBInstanceIdentifier;
}

async function untilInstance({ aws: { rds } }: Vendors, status: string): Promise<void> {
  await eventually(
    async () => (await rds.send(new DescribeDBInstancesCommand({}))).DBInstances?.[0],
    (found) => found?.DBInstanceStatus === status,
  );
}

/** Asks until the answer is as wanted, for two minutes. */
export async function eventually<T>(
  ask: () => Promise<T>,
  isWanted: (answer: T) => boolean,
): Promise<T> {
  for (const deadline = Date.now() + 120_000; ; ) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`Still ${JSON.stringify(answer)}.`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
