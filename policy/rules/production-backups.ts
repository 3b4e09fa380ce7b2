import { type Expectation, isAtLeast, isNotTrue, isTrue, unmet } from "../expectations.ts";
import type { Rule } from "../rule.ts";
import {
  DIGITALOCEAN_DATABASE,
  DYNAMODB_TABLE,
  ELASTICACHE_GROUP,
  RDS_CLUSTER,
  RDS_INSTANCE,
} from "../vendor-types.ts";

/** Days. Source: AWS Security Hub, control RDS.11. */
const LEAST_RETENTION = 7;

const EXPECTATIONS: readonly Expectation[] = [
  {
    types: [RDS_INSTANCE, RDS_CLUSTER],
    path: "backupRetentionPeriod",
    accepts: isAtLeast(LEAST_RETENTION),
    message: `Its backups are kept for less than ${LEAST_RETENTION} days.`,
    except: ({ inputs }) => inputs.replicateSourceDb !== undefined,
  },
  {
    types: [RDS_INSTANCE, RDS_CLUSTER],
    path: "deletionProtection",
    accepts: isTrue,
    message: "The vendor does not protect it from deletion.",
  },
  {
    types: [RDS_INSTANCE, RDS_CLUSTER],
    path: "skipFinalSnapshot",
    accepts: isNotTrue,
    message: "Its deletion leaves no last snapshot.",
  },
  {
    types: [RDS_INSTANCE],
    path: "multiAz",
    accepts: isTrue,
    message: "It has no standby in another availability zone.",
    except: ({ inputs }) => inputs.replicateSourceDb !== undefined,
    level: "advisory",
  },
  {
    types: [DYNAMODB_TABLE],
    path: "pointInTimeRecovery.enabled",
    accepts: isTrue,
    message: "It cannot be restored to a point in time.",
  },
  {
    types: [ELASTICACHE_GROUP],
    path: "snapshotRetentionLimit",
    accepts: isAtLeast(1),
    message: "No snapshot of it is kept.",
    level: "advisory",
  },
  {
    // Backups are the vendor's own; what one node lacks is somewhere to go on meanwhile.
    types: [DIGITALOCEAN_DATABASE],
    path: "nodeCount",
    accepts: isAtLeast(2),
    message: "It has one node and no standby.",
    level: "advisory",
  },
  {
    types: ["digitalocean:index/droplet:Droplet"],
    path: "backups",
    accepts: isTrue,
    message: "The vendor makes no backups of it.",
  },
];

export const productionBackups: Rule = {
  name: "production-backups",
  title: "Checks whether production's databases and servers have backups",
  severity: "high",
  level: "mandatory",
  why: "What a faulty release or a person destroys can only come back from a backup.",
  remedy: "Switch the vendor's backups on for this resource.",
  violation: "An RDS instance of production with backupRetentionPeriod: 1.",
  passes: "The same instance in staging, and a read replica, whose source has the backups.",
  *resource({ resource }, { tier }) {
    if (tier === "production") yield* unmet(EXPECTATIONS, resource);
  },
};
