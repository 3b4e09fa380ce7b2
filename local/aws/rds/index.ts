import type { Endpoint } from "../../engines/engines.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { arnTagOperations } from "../arn-tags.ts";
import { type Caller, callerOfScope } from "../caller.ts";
import { usersOf } from "../ec2/interfaces.ts";
import type { AwsService } from "../protocol/operation.ts";
import { catalogOperations } from "./catalog.ts";
import { collectionOf, KINDS, rdsArn } from "./documents.ts";
import { creationOperations } from "./instance-creation.ts";
import { advance } from "./instance-work.ts";
import { instanceOperations } from "./instances.ts";
import { parameterGroupOperations } from "./parameter-groups.ts";
import { finishDeletion } from "./snapshot-work.ts";
import { snapshotOperations } from "./snapshots.ts";
import { subnetGroupOperations } from "./subnet-groups.ts";

/**
 * RDS for PostgreSQL: each instance is a server of its own. Differs from the vendor's: the endpoint is an
 * address of this machine, and what is asked for without ApplyImmediately stays pending until something is
 * asked for with it, since no maintenance window comes.
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/
 */
export const rds: AwsService = {
  name: "rds",
  protocol: "query",
  version: "2014-10-31",
  namespace: "http://rds.amazonaws.com/doc/2014-10-31/",
  client: () => import("@aws-sdk/client-rds"),
  operations: {
    ...creationOperations,
    ...instanceOperations,
    ...snapshotOperations,
    ...subnetGroupOperations,
    ...parameterGroupOperations,
    ...catalogOperations,
    ...arnTagOperations("rds", KINDS, false),
  },
};

/** Brings up every server that should run, and goes on with what a killed cloud left unfinished. */
export function startRds(cloud: VendorContext): void {
  for (const { account, id } of collectionOf({ cloud }, "db").all()) {
    advance(callerOfScope(cloud, account), id);
  }
  for (const snapshot of collectionOf({ cloud }, "snapshot").all()) {
    if (snapshot.body.status === "deleting") {
      finishDeletion(callerOfScope(cloud, snapshot.account), snapshot);
    }
  }
}

/** Where its servers are, running or not. */
export const rdsEndpoints = (cloud: VendorContext): readonly Endpoint[] =>
  [...collectionOf({ cloud }, "db").all(), ...collectionOf({ cloud }, "snapshot").all()].flatMap(
    ({ body }) => body.endpoint ?? [],
  );

/** Has the servers behind a security group let in what its rules say now. */
export function refreshAccess(caller: Caller, groupId: string): void {
  const users = new Set(usersOf(caller, groupId));
  for (const { id, name } of collectionOf(caller, "db").list(caller.scope)) {
    if (users.has(rdsArn(caller, "db", name))) advance(caller, id);
  }
}
