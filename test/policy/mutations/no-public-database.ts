import { add, output, resourceOf, stackOf, type Values } from "../estate/spec.ts";
import { deployed, late, set, setEverywhere } from "./changes.ts";
import { openServers } from "./data-servers.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

const group = (ingress: readonly Values[]) => ({
  key: "group",
  type: "aws:ec2/securityGroup:SecurityGroup",
  name: "instainstru-group",
  parent: "instainstru",
  inputs: { name: "instainstru-dev", ingress },
  id: "sg-0a1b2c3d4e5f60718",
  provider: "aws",
});

const opened = (name: string, ingress: Values): Mutation => ({
  name,
  subject: "dev",
  knownAt: "preview resource",
  change(estate) {
    add(stackOf(estate, "dev"), group([ingress]));
  },
});

const allowed = (name: string, ingress: Values): NearMiss => ({
  name,
  subject: "dev",
  change(estate) {
    add(stackOf(estate, "dev"), group([ingress]));
  },
});

const EVERYBODY = ["0.0.0.0/0"];

const mutations: readonly Mutation[] = [
  ...openServers.mutations,
  {
    name: "a database with an address on the internet",
    knownAt: "preview resource",
    change(estate) {
      set(estate, "staging", "rds", { publiclyAccessible: true });
    },
  },
  {
    name: "a firewall that lets in everybody",
    knownAt: "preview resource",
    change(estate) {
      set(estate, "staging", "postgres firewall", {
        rules: [{ type: "ip_addr", value: "0.0.0.0/0" }],
      });
    },
  },
  {
    name: "a firewall that turns out to let in everybody",
    knownAt: "update resource",
    change(estate) {
      const value = late(estate, (stack) => (stack === "staging" ? "0.0.0.0/0" : "203.0.113.8"));
      setEverywhere(estate, "postgres firewall", { rules: [{ type: "ip_addr", value }] });
    },
  },
  {
    name: "a port of Postgres that turns out to be open to everybody",
    subject: "dev",
    knownAt: "update resource",
    change(estate) {
      const range = late(estate, () => "0.0.0.0/0");
      const tcp = { protocol: "tcp", fromPort: 5432, toPort: 5432 };
      add(stackOf(estate, "dev"), group([{ ...tcp, cidrBlocks: [range] }]));
    },
  },
  {
    name: "a warehouse that says nothing of its address",
    subject: "dev",
    knownAt: "preview resource",
    change(estate) {
      add(stackOf(estate, "dev"), {
        key: "warehouse",
        type: "aws:redshift/cluster:Cluster",
        name: "instainstru-warehouse",
        parent: "instainstru",
        inputs: { clusterIdentifier: "instainstru-dev", nodeType: "ra3.large", encrypted: true },
        id: "instainstru-dev",
        provider: "aws",
      });
    },
  },
  {
    name: "a cluster without a firewall, once it is known which one has one",
    subject: "dev",
    knownAt: "update stack",
    change(estate) {
      set(estate, "dev", "redis firewall", { clusterId: output("postgres", "id") });
    },
  },
  {
    name: "clusters without any firewall",
    subject: "dev",
    knownAt: "preview stack",
    change(estate) {
      const stack = stackOf(estate, "dev");
      stack.resources = stack.resources.filter(({ key }) => !key.endsWith(" firewall"));
    },
  },
  opened("Postgres open to everybody", {
    protocol: "tcp",
    fromPort: 5432,
    toPort: 5432,
    cidrBlocks: EVERYBODY,
  }),
  opened("a range of ports with Redis in it, open to everybody by IPv6", {
    protocol: "tcp",
    fromPort: 6000,
    toPort: 7000,
    ipv6CidrBlocks: ["::/0"],
  }),
  opened("every protocol open to half of the internet", {
    protocol: "-1",
    fromPort: 0,
    toPort: 0,
    cidrBlocks: ["128.0.0.0/1"],
  }),
  {
    name: "a rule of its own that opens MySQL to everybody",
    subject: "dev",
    knownAt: "preview resource",
    change(estate) {
      add(stackOf(estate, "dev"), {
        key: "rule",
        type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        name: "instainstru-mysql",
        parent: "instainstru",
        inputs: {
          securityGroupId: "sg-0a1b2c3d4e5f60719",
          ipProtocol: "tcp",
          fromPort: 3306,
          toPort: 3306,
          cidrIpv4: "0.0.0.0/0",
        },
        id: "sgr-0a1b2c3d4e5f60718",
        provider: "aws",
      });
    },
  },
];

const nearMisses: readonly NearMiss[] = [
  ...openServers.nearMisses,
  allowed("a web server open to everybody", {
    protocol: "tcp",
    fromPort: 443,
    toPort: 443,
    cidrBlocks: EVERYBODY,
  }),
  allowed("Postgres open to one network", {
    protocol: "tcp",
    fromPort: 5432,
    toPort: 5432,
    cidrBlocks: ["10.20.0.0/16"],
  }),
  allowed("Postgres open to a security group", {
    protocol: "tcp",
    fromPort: 5432,
    toPort: 5432,
    securityGroups: ["sg-0a1b2c3d4e5f60719"],
  }),
  {
    name: "firewalls of clusters that are there already",
    change(estate) {
      deployed(estate, "staging");
    },
  },
  {
    name: "a firewall that lets in one address of many zeros",
    change(estate) {
      resourceOf(estate, "staging", "postgres firewall").inputs.rules = [
        { type: "ip_addr", value: "100.0.0.0" },
        { type: "tag", value: "backend" },
      ];
    },
  },
];

export const noPublicDatabase: Corpus = { mutations, nearMisses };
