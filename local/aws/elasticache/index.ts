import type { Endpoint } from "../../engines/engines.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { arnTagOperations } from "../arn-tags.ts";
import { callerOfScope } from "../caller.ts";
import type { AwsService } from "../protocol/operation.ts";
import { collectionOf, KINDS } from "./documents.ts";
import { advance } from "./group-work.ts";
import { parameterGroupOperations } from "./parameter-groups.ts";
import { replicationGroupOperations } from "./replication-groups.ts";
import { subnetGroupOperations } from "./subnet-groups.ts";
import { userGroupOperations } from "./user-groups.ts";
import { userOperations } from "./users.ts";

/**
 * ElastiCache for Valkey and Redis, cluster mode disabled: each replication group is one server, however
 * many nodes it is told to have. Differs from the vendor's: TLS and a password are always needed, security
 * groups are kept but the engine cannot follow them, and no snapshots are taken.
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/
 */
export const elastiCache: AwsService = {
  name: "elasticache",
  protocol: "query",
  version: "2015-02-02",
  namespace: "http://elasticache.amazonaws.com/doc/2015-02-02/",
  client: () => import("@aws-sdk/client-elasticache"),
  operations: {
    ...replicationGroupOperations,
    ...subnetGroupOperations,
    ...parameterGroupOperations,
    ...userOperations,
    ...userGroupOperations,
    ...arnTagOperations("elasticache", KINDS, true),
  },
};

/** Brings up every server that should run, and goes on with what a killed cloud left unfinished. */
export function startElastiCache(cloud: VendorContext): void {
  for (const { account, id } of collectionOf({ cloud }, "replicationgroup").all()) {
    advance(callerOfScope(cloud, account), id);
  }
}

/** Where its servers are, running or not. */
export const elastiCacheEndpoints = (cloud: VendorContext): readonly Endpoint[] =>
  collectionOf({ cloud }, "replicationgroup")
    .all()
    .flatMap(({ body }) => body.endpoint ?? []);
