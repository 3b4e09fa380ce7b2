/** What ElastiCache has. */
import {
  DeleteCacheParameterGroupCommand,
  DeleteCacheSubnetGroupCommand,
  DeleteReplicationGroupCommand,
  DeleteUserCommand,
  DeleteUserGroupCommand,
  ListTagsForResourceCommand,
  paginateDescribeCacheParameterGroups,
  paginateDescribeCacheSubnetGroups,
  paginateDescribeReplicationGroups,
  paginateDescribeUserGroups,
  paginateDescribeUsers,
} from "@aws-sdk/client-elasticache";
import type { AwsClients } from "../../vendors/aws.ts";
import { collected, type Labels, type Product, productsOf } from "../product.ts";
import { labelsOf } from "./tags.ts";

const product = productsOf<AwsClients>();

export const ELASTICACHE_PRODUCTS: readonly Product<AwsClients>[] = [
  product({
    types: ["aws:elasticache/replicationGroup:ReplicationGroup"],
    thing: "ElastiCache replication group",
    permission: "the right elasticache:DescribeReplicationGroups",
    list: async ({ elasticache: client }) =>
      (await collected(paginateDescribeReplicationGroups({ client }, {}))).flatMap(
        ({ ReplicationGroups = [] }) => ReplicationGroups,
      ),
    item: ({ ReplicationGroupId: id = "", ReplicationGroupCreateTime: createdAt }) => ({
      id,
      name: id,
      createdAt,
    }),
    labels: (clients, { ARN }) => tagsOf(clients, ARN),
    holds: () => "keys",
    remove: ({ elasticache }, { ReplicationGroupId }) =>
      elasticache.send(new DeleteReplicationGroupCommand({ ReplicationGroupId })),
  }),
  product({
    types: ["aws:elasticache/user:User"],
    thing: "ElastiCache user",
    permission: "the right elasticache:DescribeUsers",
    list: async ({ elasticache: client }) =>
      (await collected(paginateDescribeUsers({ client }, {}))).flatMap(({ Users = [] }) => Users),
    item: ({ UserId: id = "" }) => ({ id, name: id }),
    labels: (clients, { ARN }) => tagsOf(clients, ARN),
    remove: ({ elasticache }, { UserId }) => elasticache.send(new DeleteUserCommand({ UserId })),
    defaults: [
      {
        because: "ElastiCache makes a user `default` in every account, which nobody can change.",
        fits: ({ UserId }) => UserId === "default",
      },
    ],
  }),
  product({
    types: ["aws:elasticache/userGroup:UserGroup"],
    thing: "ElastiCache user group",
    permission: "the right elasticache:DescribeUserGroups",
    list: async ({ elasticache: client }) =>
      (await collected(paginateDescribeUserGroups({ client }, {}))).flatMap(
        ({ UserGroups = [] }) => UserGroups,
      ),
    item: ({ UserGroupId: id = "" }) => ({ id, name: id }),
    labels: (clients, { ARN }) => tagsOf(clients, ARN),
    remove: ({ elasticache }, { UserGroupId }) =>
      elasticache.send(new DeleteUserGroupCommand({ UserGroupId })),
  }),
  product({
    types: ["aws:elasticache/subnetGroup:SubnetGroup"],
    thing: "ElastiCache subnet group",
    permission: "the right elasticache:DescribeCacheSubnetGroups",
    list: async ({ elasticache: client }) =>
      (await collected(paginateDescribeCacheSubnetGroups({ client }, {}))).flatMap(
        ({ CacheSubnetGroups = [] }) => CacheSubnetGroups,
      ),
    item: ({ CacheSubnetGroupName: id = "" }) => ({ id, name: id }),
    labels: (clients, { ARN }) => tagsOf(clients, ARN),
    remove: ({ elasticache }, { CacheSubnetGroupName }) =>
      elasticache.send(new DeleteCacheSubnetGroupCommand({ CacheSubnetGroupName })),
    defaults: [
      {
        because: "ElastiCache makes a subnet group `default` of the default VPC.",
        fits: ({ CacheSubnetGroupName }) => CacheSubnetGroupName === "default",
      },
    ],
  }),
  product({
    types: ["aws:elasticache/parameterGroup:ParameterGroup"],
    thing: "ElastiCache parameter group",
    permission: "the right elasticache:DescribeCacheParameterGroups",
    list: async ({ elasticache: client }) =>
      (await collected(paginateDescribeCacheParameterGroups({ client }, {}))).flatMap(
        ({ CacheParameterGroups = [] }) => CacheParameterGroups,
      ),
    item: ({ CacheParameterGroupName: id = "" }) => ({ id, name: id }),
    labels: (clients, { ARN }) => tagsOf(clients, ARN),
    remove: ({ elasticache }, { CacheParameterGroupName }) =>
      elasticache.send(new DeleteCacheParameterGroupCommand({ CacheParameterGroupName })),
    defaults: [
      {
        because: "ElastiCache has a read-only parameter group `default.…` for every family.",
        fits: ({ CacheParameterGroupName = "" }) => CacheParameterGroupName.startsWith("default."),
      },
    ],
  }),
];

async function tagsOf({ elasticache }: AwsClients, arn: string | undefined): Promise<Labels> {
  if (arn === undefined) return {};
  const { TagList } = await elasticache.send(new ListTagsForResourceCommand({ ResourceName: arn }));
  return labelsOf(TagList);
}
