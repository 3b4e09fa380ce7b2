import { describe, expect, it } from "vitest";
import { DIGITALOCEAN } from "../../../isolation/extract/digitalocean.ts";
import { type FactMap, Secret } from "../../../isolation/facts.ts";
import {
  type Case,
  claimsOf,
  describeTable,
  OTHER_UUID,
  referencesOf,
  resource,
  UUID,
} from "./support.ts";

const VPC = "11111111-2222-4333-8444-555555555555";
const HOST = "db-postgresql-nyc3-1-do-user-2-0.b.db.ondigitalocean.com";

const digitalocean = (name: string): string =>
  `digitalocean:index/${name}:${name.charAt(0).toUpperCase()}${name.slice(1)}`;

const ofSpace = (name: string): Case => ({
  type: digitalocean(name),
  id: "key.txt",
  inputs: { bucket: "Files", region: "FRA1", key: "key.txt" },
  claims: [],
  references: ["name bucket spaces:fra1/files"],
});

const CASES: readonly Case[] = [
  {
    type: digitalocean("databaseCluster"),
    id: UUID,
    inputs: { engine: "pg", region: "nyc3", privateNetworkUuid: VPC, projectId: OTHER_UUID },
    outputs: {
      host: HOST,
      privateHost: `private-${HOST}`,
      port: 25060,
      uri: new Secret(`postgresql://doadmin:s3cret@${HOST}:25060/defaultdb?sslmode=require`),
      privateUri: new Secret(`postgresql://doadmin:s3cret@private-${HOST}:25060/defaultdb`),
    },
    claims: [`id:${UUID}`, `server:${HOST}`],
    references: [`id privateNetworkUuid id:${VPC}`, `id projectId id:${OTHER_UUID}`],
  },
  {
    type: digitalocean("databaseReplica"),
    id: `${UUID}/replicas/read`,
    inputs: { clusterId: UUID, name: "read", privateNetworkUuid: VPC },
    outputs: { uuid: OTHER_UUID, host: "read.b.db.ondigitalocean.com", privateHost: "10.0.0.7" },
    claims: [
      `resource:${digitalocean("databaseReplica")}/${UUID}/${UUID}/replicas/read`,
      `id:${OTHER_UUID}`,
      "server:read.b.db.ondigitalocean.com",
      "server:10.0.0.7",
    ],
    references: [`id clusterId id:${UUID}`, `id privateNetworkUuid id:${VPC}`],
  },
  {
    type: digitalocean("databaseConnectionPool"),
    id: `${UUID}/pool`,
    inputs: { clusterId: UUID, name: "pool" },
    outputs: {
      host: HOST,
      privateHost: `private-${HOST}`,
      port: 25061,
      uri: new Secret(`postgresql://doadmin:s3cret@${HOST}:25061/pool`),
    },
    claims: [`resource:${digitalocean("databaseConnectionPool")}/${UUID}/${UUID}/pool`],
    references: [
      `id clusterId id:${UUID}`,
      `name host server:${HOST}`,
      `name privateHost server:${HOST}`,
      `url uri server:${HOST}`,
    ],
  },
  {
    type: digitalocean("databaseFirewall"),
    id: OTHER_UUID,
    inputs: {
      clusterId: UUID,
      rules: [
        { type: "tag", value: "7" },
        { type: "droplet", value: "7" },
      ],
    },
    claims: [],
    references: [
      `id clusterId id:${UUID}`,
      `id rules[1].value resource:${digitalocean("droplet")}/-/7`,
    ],
  },
  {
    type: digitalocean("droplet"),
    id: "12345678",
    inputs: { region: "nyc3", vpcUuid: VPC },
    outputs: {
      ipv4Address: "192.0.2.7",
      ipv6Address: "2001:DB8::7",
      ipv4AddressPrivate: "10.0.0.7",
    },
    claims: [
      `resource:${digitalocean("droplet")}/-/12345678`,
      "server:192.0.2.7",
      "server:[2001:db8::7]",
    ],
    references: [`id vpcUuid id:${VPC}`],
  },
  {
    type: digitalocean("firewall"),
    id: UUID,
    inputs: {
      dropletIds: [1],
      inboundRules: [{ protocol: "tcp", portRange: "5432", sourceDropletIds: [2] }],
      outboundRules: [{ protocol: "tcp", portRange: "all", destinationDropletIds: [3] }],
    },
    claims: [`id:${UUID}`],
    references: [
      `id dropletIds[0] resource:${digitalocean("droplet")}/-/1`,
      `id inboundRules[0].sourceDropletIds[0] resource:${digitalocean("droplet")}/-/2`,
      `id outboundRules[0].destinationDropletIds[0] resource:${digitalocean("droplet")}/-/3`,
    ],
  },
  {
    type: digitalocean("app"),
    id: UUID,
    outputs: {
      liveUrl: "https://shop.example.com",
      defaultIngress: "https://shop-1.ondigitalocean.app",
    },
    claims: [`id:${UUID}`, "host:shop.example.com", "host:shop-1.ondigitalocean.app"],
    references: [],
  },
  {
    type: digitalocean("spacesBucket"),
    id: "files",
    inputs: { name: "Files", region: "FRA1" },
    outputs: { bucketDomainName: "files.fra1.digitaloceanspaces.com" },
    claims: ["spaces:fra1/files"],
    references: [],
  },
  ...[
    "spacesBucketObject",
    "spacesBucketPolicy",
    "spacesBucketCorsConfiguration",
    "spacesBucketLogging",
  ].map(ofSpace),
  {
    type: digitalocean("spacesKey"),
    id: "key-1",
    outputs: { accessKey: "DO00ABCDEFGHJKLMNPQR", secretKey: new Secret("s3cret") },
    inputs: { grants: [{ bucket: "Files", permission: "read" }, { bucket: "" }] },
    claims: ["id:do00abcdefghjklmnpqr"],
    references: ["name grants[0].bucket spaces:*/files"],
  },
  {
    type: digitalocean("domain"),
    id: "example.com",
    inputs: { name: "example.com", region: "nyc3" },
    claims: [`resource:${digitalocean("domain")}/-/example.com`],
    references: [],
  },
  {
    type: digitalocean("dnsRecord"),
    id: "987",
    inputs: { domain: "example.com", name: "api", type: "CNAME", value: "Target.example.net." },
    outputs: { fqdn: "api.example.com" },
    claims: [`resource:${digitalocean("dnsRecord")}/-/987`, "host:api.example.com"],
    references: [
      `name domain resource:${digitalocean("domain")}/-/example.com`,
      "name value host:target.example.net",
    ],
  },
];

describeTable("@pulumi/digitalocean", DIGITALOCEAN, CASES);

describe("DigitalOcean's other types", () => {
  it("takes the number of a droplet for that droplet", () => {
    const facts = resource({
      type: digitalocean("volumeAttachment"),
      id: "attachment-1",
      inputs: { dropletId: 12345678, volumeId: UUID },
    });
    expect(referencesOf(facts)).toContain(
      `id dropletId resource:${digitalocean("droplet")}/-/12345678`,
    );
  });

  it.each(["vpc", "project", "volume"])("claims a %s by its id", (name) => {
    expect(claimsOf(resource({ type: digitalocean(name), id: UUID }))).toEqual([`id:${UUID}`]);
  });

  it.each(["databaseDb", "databaseUser"])("takes a %s for a part of its cluster", (name) => {
    const facts = resource({
      type: digitalocean(name),
      id: `${UUID}/x/app`,
      inputs: { clusterId: UUID, name: "app" },
    });
    expect(claimsOf(facts)).toEqual([`resource:${digitalocean(name)}/${UUID}/${UUID}/x/app`]);
    expect(referencesOf(facts)).toEqual([`id clusterId id:${UUID}`]);
  });
});

describe("near misses at DigitalOcean", () => {
  const claims = (name: string, inputs: FactMap): string[] =>
    claimsOf(resource({ type: digitalocean(name), inputs }));

  it("tells buckets of one name in two regions apart", () => {
    expect(claims("spacesBucket", { name: "files", region: "fra1" })).toEqual([
      "spaces:fra1/files",
    ]);
    expect(claims("spacesBucket", { name: "files", region: "nyc3" })).toEqual([
      "spaces:nyc3/files",
    ]);
    expect(claims("spacesBucket", { name: "files" })).toEqual([]);
  });

  it("claims no host by a record that leads to none", () => {
    const record = { domain: "example.com", name: "@", value: "v=spf1" };
    expect(claims("dnsRecord", { ...record, type: "TXT" })).toEqual([]);
    expect(claims("dnsRecord", { ...record, type: "A", value: "192.0.2.1" })).toEqual([
      "host:example.com",
    ]);
  });

  it("takes no private address of a droplet for a server of the world's", () => {
    const outputs = { ipv4AddressPrivate: "10.0.0.7" };
    expect(claimsOf(resource({ type: digitalocean("droplet"), outputs }))).toEqual([]);
  });
});
