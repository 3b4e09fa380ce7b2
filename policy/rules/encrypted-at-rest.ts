import { type Expectation, isTrue, unmet } from "../expectations.ts";
import type { Rule } from "../rule.ts";
import { ELASTICACHE_GROUP, RDS_CLUSTER, RDS_INSTANCE } from "../vendor-types.ts";

/** Vendors that are missing here encrypt whatever they store. */
const EXPECTATIONS: readonly Expectation[] = [
  {
    types: [RDS_INSTANCE, RDS_CLUSTER],
    path: "storageEncrypted",
    accepts: isTrue,
    message: "Its storage is not encrypted.",
    // A replica is encrypted as its source is.
    except: ({ inputs }) => inputs.replicateSourceDb !== undefined,
  },
  {
    types: [ELASTICACHE_GROUP],
    path: "atRestEncryptionEnabled",
    accepts: isTrue,
    message: "What it writes to disk is not encrypted.",
  },
  {
    types: [
      "aws:ebs/volume:Volume",
      "aws:efs/fileSystem:FileSystem",
      "aws:redshift/cluster:Cluster",
    ],
    path: "encrypted",
    accepts: isTrue,
    message: "Its storage is not encrypted.",
  },
  {
    types: ["aws:docdb/cluster:Cluster", "aws:neptune/cluster:Cluster"],
    path: "storageEncrypted",
    accepts: isTrue,
    message: "Its storage is not encrypted.",
  },
];

export const encryptedAtRest: Rule = {
  name: "encrypted-at-rest",
  title: "Checks whether stored data is encrypted",
  severity: "high",
  level: "mandatory",
  why: "A disk, a snapshot or a backup that leaves the vendor's hands must be of no use to its finder.",
  remedy: "Switch encryption on; for most resources that replaces them, so move the data first.",
  violation: "An RDS instance without storageEncrypted: true.",
  passes: "An S3 bucket without settings of its own, since the vendor encrypts every object.",
  *resource({ resource }) {
    yield* unmet(EXPECTATIONS, resource);
  },
};
