import {
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  PutBucketTaggingCommand,
} from "@aws-sdk/client-s3";
import type { DriftCase } from "./drift-case.ts";
import type { Vendors } from "./vendors.ts";

const BY_HAND = "made-by-hand";
const LEFT = "uploads-of-an-older-version";
const USER = "intruder_api";
const CLUSTER = ":DatabaseCluster";

/** What a refresh does not see: what is made beside the state, and what vendors do not give back. */
export const DRIFTS_BESIDE: readonly DriftCase[] = [
  {
    name: "makes a D1 database",
    batch: 2,
    on: { staging: "medium", production: "high" },
    kind: "unmanaged",
    subject: ["d1Database:D1Database", BY_HAND],
    make: ({ cloudflare, account_id }) =>
      cloudflare.d1.database.create({ account_id, name: BY_HAND }),
    undo: async ({ cloudflare, account_id }) => {
      for await (const { name, uuid } of cloudflare.d1.database.list({ account_id }))
        if (name === BY_HAND) await cloudflare.d1.database.delete(uuid ?? "", { account_id });
    },
  },
  {
    name: "makes a key for every bucket",
    batch: 2,
    on: { production: "high" },
    kind: "unmanaged",
    subject: [":SpacesKey", BY_HAND],
    make: ({ digitalocean }) =>
      digitalocean("POST", "/spaces/keys", {
        name: BY_HAND,
        grants: [{ bucket: "", permission: "fullaccess" }],
      }),
    undo: async ({ digitalocean }) => {
      const { keys } = await digitalocean("GET", "/spaces/keys");
      for (const { name, access_key } of keys)
        if (name === BY_HAND) await digitalocean("DELETE", `/spaces/keys/${access_key}`);
    },
  },
  {
    name: "makes a user of a managed database",
    batch: 2,
    on: { staging: "medium" },
    kind: "unmanaged",
    subject: [":DatabaseUser", USER],
    make: (vendors) => users(vendors, "POST", "", { name: USER }),
    undo: (vendors) => users(vendors, "DELETE", `/${USER}`),
  },
  {
    name: "makes a security group",
    batch: 2,
    on: { staging: "low" },
    kind: "unmanaged",
    subject: ["securityGroup:SecurityGroup", BY_HAND],
    make: ({ ec2, find }) =>
      ec2.send(
        new CreateSecurityGroupCommand({
          GroupName: BY_HAND,
          Description: "made by hand",
          VpcId: find(":Vpc", "instainstru-network").id,
        }),
      ),
    undo: async ({ ec2 }) => {
      const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({}));
      for (const { GroupName, GroupId } of SecurityGroups)
        if (GroupName === BY_HAND) await ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
    },
  },
  {
    name: "leaves a bucket behind that says for which environment it was made",
    batch: 2,
    on: { staging: "medium" },
    kind: "orphaned",
    subject: ["s3/bucket:Bucket", LEFT],
    make: async ({ s3, stack }) => {
      await s3.send(new CreateBucketCommand({ Bucket: LEFT }));
      const TagSet = [
        { Key: "Environment", Value: stack },
        { Key: "Project", Value: "bulkhead" },
      ];
      await s3.send(new PutBucketTaggingCommand({ Bucket: LEFT, Tagging: { TagSet } }));
    },
    undo: ({ s3 }) => s3.send(new DeleteBucketCommand({ Bucket: LEFT })),
  },
  {
    // No provider is given a secret back, so that `up` sees nothing to change.
    name: "replaces a Worker's secret in place",
    batch: 3,
    on: { staging: "medium", production: "high" },
    kind: "secret",
    subject: [":WorkersScript", "qhub-api"],
    make: ({ cloudflare, account_id, find, stack }) =>
      cloudflare.workers.scripts.secrets.update(find(":WorkersScript", "qhub-api").id, {
        account_id,
        name: "JWT_SECRET",
        text: `only-somebody-knows-this-of-${stack}-0123456789`,
        type: "secret_text",
      }),
  },
  {
    name: "makes a table beside the migrations",
    batch: 2,
    on: { production: "high" },
    kind: "schema",
    subject: [":Migrations", "qhub"],
    make: ({ d1 }) => d1("qhub", "CREATE TABLE made_by_hand (id INTEGER PRIMARY KEY)"),
    undo: ({ d1 }) => d1("qhub", "DROP TABLE made_by_hand"),
  },
];

const users = ({ digitalocean, find }: Vendors, method: string, path: string, body?: unknown) =>
  digitalocean(method, `/databases/${find(CLUSTER, "agentverse-postgres").id}/users${path}`, body);
