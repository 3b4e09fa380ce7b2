/** What RDS has. */
import {
  DeleteDBInstanceCommand,
  DeleteDBParameterGroupCommand,
  DeleteDBSnapshotCommand,
  DeleteDBSubnetGroupCommand,
  ListTagsForResourceCommand,
  paginateDescribeDBInstances,
  paginateDescribeDBParameterGroups,
  paginateDescribeDBSnapshots,
  paginateDescribeDBSubnetGroups,
} from "@aws-sdk/client-rds";
import type { AwsClients } from "../../vendors/aws.ts";
import { collected, type Labels, type Product, productsOf } from "../product.ts";
import { labelsOf } from "./tags.ts";

const product = productsOf<AwsClients>();

export const RDS_PRODUCTS: readonly Product<AwsClients>[] = [
  product({
    types: ["aws:rds/instance:Instance", "aws:rds/clusterInstance:ClusterInstance"],
    thing: "RDS instance",
    permission: "the right rds:DescribeDBInstances",
    list: async ({ rds: client }) =>
      (await collected(paginateDescribeDBInstances({ client }, {}))).flatMap(
        ({ DBInstances = [] }) => DBInstances,
      ),
    item: ({ DbiResourceId, DBInstanceIdentifier: name = "", InstanceCreateTime: createdAt }) => ({
      // The provider's id since its sixth version, so that a renamed instance is still the same.
      id: DbiResourceId ?? name,
      name,
      createdAt,
    }),
    importId: (_, { DBInstanceIdentifier: name = "" }) => name,
    labels: (_, { TagList }) => labelsOf(TagList),
    holds: () => "databases",
    remove: ({ rds }, { DBInstanceIdentifier }) =>
      rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot: true })),
  }),
  product({
    types: ["aws:rds/snapshot:Snapshot", "aws:rds/snapshotCopy:SnapshotCopy"],
    thing: "RDS snapshot",
    permission: "the right rds:DescribeDBSnapshots",
    list: async ({ rds: client }) =>
      (await collected(paginateDescribeDBSnapshots({ client }, {}))).flatMap(
        ({ DBSnapshots = [] }) => DBSnapshots,
      ),
    item: ({ DBSnapshotIdentifier: id = "", SnapshotCreateTime: createdAt }) => ({
      id,
      name: id,
      createdAt,
    }),
    labels: (_, { TagList }) => labelsOf(TagList),
    holds: () => "databases",
    remove: ({ rds }, { DBSnapshotIdentifier }) =>
      rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier })),
    defaults: [
      {
        because: "RDS makes automated snapshots itself, and deletes them with their instance.",
        fits: ({ SnapshotType }) => SnapshotType === "automated",
      },
    ],
  }),
  product({
    types: ["aws:rds/subnetGroup:SubnetGroup"],
    thing: "RDS subnet group",
    permission: "the right rds:DescribeDBSubnetGroups",
    list: async ({ rds: client }) =>
      (await collected(paginateDescribeDBSubnetGroups({ client }, {}))).flatMap(
        ({ DBSubnetGroups = [] }) => DBSubnetGroups,
      ),
    item: ({ DBSubnetGroupName: id = "" }) => ({ id, name: id }),
    labels: (clients, { DBSubnetGroupArn }) => tagsOf(clients, DBSubnetGroupArn),
    remove: ({ rds }, { DBSubnetGroupName }) =>
      rds.send(new DeleteDBSubnetGroupCommand({ DBSubnetGroupName })),
    defaults: [
      {
        because: "RDS makes a subnet group `default` of the default VPC when one is needed.",
        fits: ({ DBSubnetGroupName }) => DBSubnetGroupName === "default",
      },
    ],
  }),
  product({
    types: ["aws:rds/parameterGroup:ParameterGroup"],
    thing: "RDS parameter group",
    permission: "the right rds:DescribeDBParameterGroups",
    list: async ({ rds: client }) =>
      (await collected(paginateDescribeDBParameterGroups({ client }, {}))).flatMap(
        ({ DBParameterGroups = [] }) => DBParameterGroups,
      ),
    item: ({ DBParameterGroupName: id = "" }) => ({ id, name: id }),
    labels: (clients, { DBParameterGroupArn }) => tagsOf(clients, DBParameterGroupArn),
    remove: ({ rds }, { DBParameterGroupName }) =>
      rds.send(new DeleteDBParameterGroupCommand({ DBParameterGroupName })),
    defaults: [
      {
        because: "RDS makes a parameter group `default.…` for every family, which is read-only.",
        fits: ({ DBParameterGroupName = "" }) => DBParameterGroupName.startsWith("default."),
      },
    ],
  }),
];

async function tagsOf({ rds }: AwsClients, arn: string | undefined): Promise<Labels> {
  if (arn === undefined) return {};
  const { TagList } = await rds.send(new ListTagsForResourceCommand({ ResourceName: arn }));
  return labelsOf(TagList);
}
