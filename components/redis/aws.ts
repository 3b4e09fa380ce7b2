import { ParameterGroup } from "@pulumi/aws/elasticache/parameterGroup.js";
import { ReplicationGroup } from "@pulumi/aws/elasticache/replicationGroup.js";
import { SubnetGroup } from "@pulumi/aws/elasticache/subnetGroup.js";
import { User } from "@pulumi/aws/elasticache/user.js";
import { UserGroup } from "@pulumi/aws/elasticache/userGroup.js";
import { serverAccess } from "../aws-access.ts";
import { environmentTags } from "../environment-tags.ts";
import { InputError } from "../input-error.ts";
import { Secret } from "../secret.ts";
import type { RedisVendor } from "./vendor.ts";

export interface AwsRedisOptions {
  /** Default: `cache.t4g.micro`. */
  readonly nodeType?: string;
  /** Machines; with more than one, the second takes over by itself. Default: 2 in production, else 1. */
  readonly nodes?: number;
}

const PORT = 6379;
const ENGINE = "valkey";
/** Days that snapshots are kept. */
const RETENTION_DAYS = { production: 7, other: 0 };

/** Amazon ElastiCache for Valkey in a private network, with a user for each application. @see https://docs.aws.amazon.com/AmazonElastiCache/ */
export function awsRedis(options: AwsRedisOptions = {}): RedisVendor {
  return {
    name: "aws",
    create(spec, scope, parent, dataOptions) {
      const { provider } = scope.aws;
      const { network, serverName, logicalName } = spec;
      if (network === undefined) {
        throw new InputError(
          `${logicalName} has no network, and ElastiCache would take the account's default one, which others share. ` +
            "Give it a Network of vendor aws.",
        );
      }
      const isProduction = scope.tier === "production";
      const tags = { Name: serverName, ...environmentTags(scope) };
      const child = { parent, provider };
      const subnets = new SubnetGroup(
        logicalName,
        { name: serverName, subnetIds: [...network.subnetIds], tags },
        child,
      );
      const security = serverAccess(
        logicalName,
        { name: serverName, port: PORT, vpcId: network.id, sources: spec.sources, tags },
        child,
      );
      const parameters = new ParameterGroup(
        logicalName,
        {
          name: serverName,
          family: `${ENGINE}${spec.version}`,
          parameters: [{ name: "maxmemory-policy", value: spec.eviction }],
          tags,
        },
        child,
      );
      const users = spec.applications.map(({ name, keyPrefix }) => {
        const secret = new Secret(`${spec.name}-${name}`, { scope }, { parent });
        const user = new User(
          `${logicalName}-${name}`,
          {
            userId: `${serverName}-${name}`,
            userName: name,
            engine: ENGINE,
            accessString: `on ~${keyPrefix}* &${keyPrefix}* +@all -@admin -@dangerous`,
            authenticationMode: { type: "password", passwords: [secret.value] },
            tags,
          },
          child,
        );
        return { name, user, login: { username: user.userName, password: secret.value } };
      });
      const group = new UserGroup(
        logicalName,
        {
          userGroupId: serverName,
          engine: ENGINE,
          // Nobody else gets in: a group of Valkey's has no user `default`.
          userIds: users.map(({ user }) => user.userId),
          tags,
        },
        child,
      );
      const nodes = options.nodes ?? (isProduction ? 2 : 1);
      const server = new ReplicationGroup(
        logicalName,
        {
          replicationGroupId: serverName,
          description: `${scope.system} ${spec.name} of ${scope.environment}`,
          engine: ENGINE,
          // The vendor wants a minor version here, and none in the family.
          engineVersion: spec.version.includes(".") ? spec.version : `${spec.version}.0`,
          nodeType: options.nodeType ?? "cache.t4g.micro",
          numCacheClusters: nodes,
          automaticFailoverEnabled: nodes > 1,
          multiAzEnabled: nodes > 1,
          port: PORT,
          parameterGroupName: parameters.name,
          subnetGroupName: subnets.name,
          securityGroupIds: [security.id],
          userGroupIds: [group.userGroupId],
          transitEncryptionEnabled: true,
          atRestEncryptionEnabled: true,
          snapshotRetentionLimit: isProduction ? RETENTION_DAYS.production : RETENTION_DAYS.other,
          applyImmediately: true,
          tags,
        },
        { ...dataOptions, provider },
      );
      return {
        host: server.primaryEndpointAddress,
        port: server.port.apply((port) => port ?? PORT),
        logins: Object.fromEntries(users.map(({ name, login }) => [name, login])),
        enforced: true,
      };
    },
  };
}
