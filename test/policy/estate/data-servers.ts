/** What stands in and around the database servers and caches of the base estate, at each vendor. */
import { Secret } from "../../../isolation/facts.ts";
import { CLOUDFLARE, declareScope } from "./declarations.ts";
import { add, output, type StackSpec, type Value } from "./spec.ts";
import { hexId, randomText, uuid } from "./values.ts";

/** Some of the addresses that Cloudflare connects from, the same for everybody. */
export const CLOUDFLARE_RANGES = ["103.21.244.0/22", "104.16.0.0/13", "2400:cb00::/32"];

/** One database inside of a server, reached by the key of the server's resource. */
interface InnerDatabase {
  readonly system: string;
  readonly server: string;
  readonly name: string;
  readonly role: string;
  readonly host: Value;
  readonly port: number;
  readonly administrator: string;
  readonly password: Value;
}

const certificate = (...name: readonly string[]): string =>
  `-----BEGIN CERTIFICATE-----\n${randomText(64, ...name, "certificate")}\n-----END CERTIFICATE-----\n`;

function declareDatabase(spec: StackSpec, account: string, database: InnerDatabase): void {
  const { project, stack } = spec;
  const { system, server, name, role, host, port, administrator, password } = database;
  add(spec, {
    key: `${server} database`,
    type: "bulkhead:postgres:Database",
    name: `${system}-${server}`,
    parent: system,
    provider: "bulkhead",
    inputs: {
      name,
      create: true,
      extensions: [],
      schemas: [system],
      roles: [{ name: role, privileges: "readwrite" }],
      server: {
        host,
        port,
        database: "postgres",
        user: administrator,
        password,
        sslMode: "verify-full",
        caCertificate: certificate(project, stack, server),
      },
    },
    id: `${server}.${stack}.invalid:${port}/${name}`,
  });
  add(spec, {
    key: `${server} authority`,
    type: "cloudflare:index/mtlsCertificate:MtlsCertificate",
    name: `${system}-${server}`,
    parent: system,
    inputs: {
      accountId: account,
      ca: true,
      name: `${system}-${server}-${stack}`,
      certificates: certificate(project, stack, server),
    },
    id: uuid(project, stack, server, "authority"),
    ...CLOUDFLARE,
  });
  add(spec, {
    key: `${server} hyperdrive`,
    type: "cloudflare:index/hyperdriveConfig:HyperdriveConfig",
    name: `${system}-${server}`,
    parent: system,
    inputs: {
      accountId: account,
      name: `${system}-${server}-${stack}`,
      origin: {
        database: name,
        host,
        port,
        scheme: "postgres",
        user: role,
        password: new Secret(randomText(40, project, stack, server, role)),
      },
      mtls: { caCertificateId: output(`${server} authority`, "id"), sslmode: "verify-full" },
    },
    id: hexId(project, stack, server, "hyperdrive"),
    ...CLOUDFLARE,
  });
}

/** What is in agentverse's cluster, and the key of its bucket. */
export function declareAgentverseData(spec: StackSpec, account: string): void {
  const { project, stack } = spec;
  const data = spec.tier === "production";
  const DIGITALOCEAN = { provider: "digitalocean", parent: "agentverse" };
  const cluster = uuid(project, stack, "postgres");
  add(spec, {
    key: "agentverse db",
    type: "digitalocean:index/databaseDb:DatabaseDb",
    name: "agentverse-postgres-main",
    inputs: { clusterId: output("postgres", "id"), name: "agentverse" },
    id: `${cluster}/database/agentverse`,
    protect: data,
    retainOnDelete: data,
    ...DIGITALOCEAN,
  });
  add(spec, {
    key: "agentverse user",
    type: "digitalocean:index/databaseUser:DatabaseUser",
    name: "agentverse-postgres-api",
    inputs: { clusterId: output("postgres", "id"), name: "agentverse_api" },
    answer: {
      role: "normal",
      password: new Secret(`AVNS_${randomText(19, project, stack, "agentverse_api")}`),
    },
    id: `${cluster}/user/agentverse_api`,
    ...DIGITALOCEAN,
  });
  const pooler = `postgres-${hexId(project, stack, "postgres").slice(0, 6)}-do-user-1234-0.e.db.ondigitalocean.com`;
  add(spec, {
    key: "agentverse pool",
    type: "digitalocean:index/databaseConnectionPool:DatabaseConnectionPool",
    name: "agentverse-postgres",
    inputs: {
      clusterId: output("postgres", "id"),
      name: "agentverse_pool",
      dbName: "agentverse",
      user: "agentverse_api",
      mode: "transaction",
      size: 12,
    },
    answer: { host: pooler, privateHost: `private-${pooler}`, port: 25061 },
    id: `${cluster}/agentverse_pool`,
    ...DIGITALOCEAN,
  });
  declareDatabase(spec, account, {
    system: "agentverse",
    server: "postgres",
    name: "agentverse",
    role: "agentverse_api",
    host: output("postgres", "host"),
    port: 25060,
    administrator: "doadmin",
    password: output("postgres", "password"),
  });
  const accessKey = `DO00${randomText(16, project, stack, "reps key").toUpperCase()}`;
  add(spec, {
    key: "reps key",
    type: "digitalocean:index/spacesKey:SpacesKey",
    name: "agentverse-reps",
    inputs: {
      name: `agentverse-${stack}-reps`,
      grants: [{ bucket: output("reps", "name"), permission: "readwrite" }],
    },
    answer: { accessKey, secretKey: new Secret(randomText(43, project, stack, "reps secret")) },
    id: accessKey,
    ...DIGITALOCEAN,
  });
}

/** A server of PostgreSQL that handled runs by itself, on a droplet. */
export function declareHandled(spec: StackSpec, account: string): void {
  const { project, stack } = spec;
  const data = spec.tier === "production";
  const DIGITALOCEAN = { provider: "digitalocean", parent: "handled" };
  const number = String(500_000_000 + Number.parseInt(hexId(project, stack).slice(0, 5), 16));
  const address = `192.0.2.${(Number.parseInt(hexId(project, stack).slice(0, 4), 16) % 250) + 2}`;
  declareScope(spec, "handled");
  add(spec, {
    key: "data password",
    type: "random:index/randomPassword:RandomPassword",
    name: "handled-data-administrator-v1",
    parent: "handled",
    inputs: { length: 64, lower: true, numeric: true, special: false, upper: true },
    answer: { result: new Secret(randomText(64, project, stack, "data password")) },
    id: "none",
  });
  const privateKey = [
    "-----BEGIN PRIVATE KEY-----",
    `${randomText(64, project, stack, "key")}`,
    `${randomText(64, project, stack, "key 2")}`,
    `${randomText(55, project, stack, "key 3")}=`,
    "-----END PRIVATE KEY-----",
  ].join("\n");
  add(spec, {
    key: "data certificate",
    type: "bulkhead:tls:ServerCertificate",
    name: "handled-data",
    parent: "handled",
    provider: "bulkhead",
    inputs: { commonName: `handled-data-${stack}` },
    answer: {
      caCertificate: certificate(project, stack, "data"),
      certificate: certificate(project, stack, "data server"),
      notAfter: "2036-11-18T14:41:18.991Z",
      privateKey: new Secret(privateKey),
    },
    id: `handled-data-${stack}`,
  });
  add(spec, {
    key: "data vpc",
    type: "digitalocean:index/vpc:Vpc",
    name: "handled-network",
    inputs: { name: `handled-network-${stack}`, region: "fra1", ipRange: "10.40.0.0/16" },
    id: uuid(project, stack, "data vpc"),
    ...DIGITALOCEAN,
  });
  add(spec, {
    key: "data volume",
    type: "digitalocean:index/volume:Volume",
    name: "handled-data",
    inputs: { name: `handled-data-${stack}`, region: "fra1", size: 50 },
    id: uuid(project, stack, "data volume"),
    protect: data,
    retainOnDelete: data,
    ...DIGITALOCEAN,
  });
  add(spec, {
    key: "data droplet",
    type: "digitalocean:index/droplet:Droplet",
    name: "handled-data",
    inputs: {
      name: `handled-data-${stack}`,
      image: "debian-13-x64",
      size: "s-2vcpu-4gb",
      region: "fra1",
      backups: data,
      vpcUuid: output("data vpc", "id"),
      volumeIds: [output("data volume", "id")],
      userData: new Secret(
        `#cloud-config\nwrite_files:\n  - content: CREATE ROLE administrator PASSWORD '${verifierOf(project, stack)}';\n`,
      ),
    },
    // Every network gives its first machine that private address.
    answer: { ipv4Address: address, ipv4AddressPrivate: "10.40.0.2" },
    id: number,
    ...DIGITALOCEAN,
  });
  add(spec, {
    key: "data firewall",
    type: "digitalocean:index/firewall:Firewall",
    name: "handled-data",
    inputs: {
      name: `handled-data-${stack}`,
      dropletIds: [output("data droplet", "id")],
      inboundRules: CLOUDFLARE_RANGES.map((range) => ({
        protocol: "tcp",
        portRange: "5432",
        sourceAddresses: [range],
      })),
      outboundRules: [
        { protocol: "tcp", portRange: "1-65535", destinationAddresses: ["0.0.0.0/0", "::/0"] },
      ],
    },
    id: uuid(project, stack, "data firewall"),
    ...DIGITALOCEAN,
  });
  declareDatabase(spec, account, {
    system: "handled",
    server: "data",
    name: "handled_data",
    role: "handled_data_user",
    host: output("data droplet", "ipv4Address"),
    port: 5432,
    administrator: "administrator",
    password: output("data password", "result"),
  });
}

/** What PostgreSQL keeps of a password; the same length as a real one. */
export function verifierOf(project: string, stack: string): string {
  const part = (length: number, name: string) =>
    `${randomText(length, project, stack, name)}${length === 22 ? "==" : "="}`;
  return `SCRAM-SHA-256$4096:${part(22, "salt")}$${part(43, "stored")}:${part(43, "server")}`;
}

/** The network that instainstru's servers stand in, and its cache. */
export function declareInstainstruNetwork(spec: StackSpec, account: string): void {
  const { project, stack } = spec;
  const production = spec.tier === "production";
  const AWS = { provider: "aws", parent: "instainstru" };
  const name = `instainstru-sessions-${stack}`;
  const tags = { Environment: stack };
  const id = (kind: string, ...of: readonly string[]): string =>
    `${kind}-${hexId(project, stack, kind, ...of).slice(0, 17)}`;
  const arn = (service: string, rest: string): string =>
    `arn:aws:${service}:eu-central-1:${account}:${rest}`;
  const vpcId = output("vpc", "id");
  add(spec, {
    key: "vpc",
    type: "aws:ec2/vpc:Vpc",
    name: "instainstru-network",
    inputs: { cidrBlock: "10.40.0.0/16", tags },
    answer: { arn: arn("ec2", `vpc/${id("vpc")}`), defaultSecurityGroupId: id("sg", "default") },
    id: id("vpc"),
    ...AWS,
  });
  for (const [zone, cidrBlock] of [
    ["a", "10.40.0.0/24"],
    ["b", "10.40.1.0/24"],
  ] as const)
    add(spec, {
      key: `subnet ${zone}`,
      type: "aws:ec2/subnet:Subnet",
      name: `instainstru-network-${zone}`,
      inputs: { availabilityZone: `eu-central-1${zone}`, cidrBlock, vpcId, tags },
      answer: { arn: arn("ec2", `subnet/${id("subnet", zone)}`) },
      id: id("subnet", zone),
      ...AWS,
    });
  add(spec, {
    key: "security group",
    type: "aws:ec2/securityGroup:SecurityGroup",
    name: "instainstru-sessions",
    inputs: {
      name,
      vpcId,
      ingress: [{ protocol: "tcp", fromPort: 5432, toPort: 6379, cidrBlocks: ["10.40.0.0/16"] }],
      tags,
    },
    answer: { arn: arn("ec2", `security-group/${id("sg")}`) },
    id: id("sg"),
    ...AWS,
  });
  const subnetIds = [output("subnet a", "id"), output("subnet b", "id")];
  for (const [service, kind, key] of [
    ["rds", "subgrp", "rds subnets"],
    ["elasticache", "subnetgroup", "cache subnets"],
  ] as const)
    add(spec, {
      key,
      type: `aws:${service}/subnetGroup:SubnetGroup`,
      name: `instainstru-${service}`,
      inputs: { name, subnetIds, tags },
      answer: { arn: arn(service, `${kind}:${name}`) },
      id: name,
      ...AWS,
    });
  add(spec, {
    key: "cache parameters",
    type: "aws:elasticache/parameterGroup:ParameterGroup",
    name: "instainstru-sessions",
    inputs: { name, family: "valkey8", parameters: [], tags },
    answer: { arn: arn("elasticache", `parametergroup:${name}`) },
    id: name,
    ...AWS,
  });
  add(spec, {
    key: "cache password",
    type: "random:index/randomPassword:RandomPassword",
    name: "instainstru-sessions-api-v1",
    parent: "instainstru",
    inputs: { length: 64, special: false },
    answer: { result: new Secret(randomText(64, project, stack, "cache password")) },
    id: "none",
  });
  add(spec, {
    key: "cache user",
    type: "aws:elasticache/user:User",
    name: "instainstru-sessions-api",
    inputs: {
      userId: `${name}-api`,
      userName: "api",
      engine: "valkey",
      accessString: `on ~instainstru:${stack}:api:* +@all -@admin -@dangerous`,
      authenticationMode: { type: "password", passwords: [output("cache password", "result")] },
      tags,
    },
    answer: { arn: arn("elasticache", `user:${name}-api`) },
    id: `${name}-api`,
    ...AWS,
  });
  add(spec, {
    key: "cache users",
    type: "aws:elasticache/userGroup:UserGroup",
    name: "instainstru-sessions",
    inputs: {
      userGroupId: name,
      engine: "valkey",
      userIds: [output("cache user", "userId")],
      tags,
    },
    answer: { arn: arn("elasticache", `usergroup:${name}`) },
    id: name,
    ...AWS,
  });
  const host = `${name}.${hexId(project, stack, "cache").slice(0, 6)}.ng.0001.euc1.cache.amazonaws.com`;
  add(spec, {
    key: "cache group",
    type: "aws:elasticache/replicationGroup:ReplicationGroup",
    name: "instainstru-sessions",
    inputs: {
      replicationGroupId: name,
      description: "sessions",
      engine: "valkey",
      engineVersion: "8",
      nodeType: "cache.t4g.micro",
      port: 6379,
      parameterGroupName: output("cache parameters", "name"),
      subnetGroupName: output("cache subnets", "name"),
      securityGroupIds: [output("security group", "id")],
      userGroupIds: [output("cache users", "userGroupId")],
      atRestEncryptionEnabled: true,
      transitEncryptionEnabled: true,
      snapshotRetentionLimit: production ? 7 : 0,
      tags,
    },
    answer: {
      arn: arn("elasticache", `replicationgroup:${name}`),
      primaryEndpointAddress: host,
      readerEndpointAddress: host,
    },
    id: name,
    ...AWS,
  });
}
