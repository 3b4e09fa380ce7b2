/** Which logged changes are about which finding. Pure. */
import { type FactMap, type ResourceFact, textOf } from "../../isolation/facts.ts";
import type { Subject } from "../finding.ts";
import type { LoggedChange } from "./logged-change.ts";

/** Properties by which a resource says what it is, or what it is a part of. */
const NAMING = [
  "arn",
  "bucket",
  "bucketName",
  "clusterId",
  "databaseId",
  "dropletId",
  "identifier",
  "name",
  "scriptName",
  "securityGroupId",
  "uuid",
  "volumeId",
];

/** What nothing else is called, at whichever vendor and of whichever kind. */
const UNIQUE = /^([\da-f]{32}|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}|\d{4,})$/;

/**
 * What logs say of types whose names may be those of other things too: a bucket is called as its Worker is,
 * and a security group is named by the creation of the database behind it.
 */
const SAID: readonly (readonly [type: RegExp, what: RegExp])[] = [
  [/^cloudflare:index\/r2/, /r2|bucket/i],
  [/^cloudflare:index\/workers?(Script|CronTrigger|Deployment|Version)/, /script|worker/i],
  [/^aws:s3\//, /bucket/i],
  [/^aws:.*ecurityGroup/, /SecurityGroup|Tags/],
  [/^aws:.*[sS]ubnetGroup/, /SubnetGroup|Tags/],
  [/^aws:.*arameterGroup/, /ParameterGroup|Tags/],
  [/^aws:ec2\/vpc:/, /Vpc|Tags/],
  [/^aws:ec2\/subnet:/, /Subnet(?!Group)|Tags/],
  [/^aws:rds\/instance:/, /DBInstance|Tags/],
  [/^aws:elasticache\/replicationGroup:/, /ReplicationGroup|ReplicaCount|Tags/],
  [/^aws:elasticache\/userGroup:/, /UserGroup|Tags/],
  [/^aws:elasticache\/user:/, /User(?!Group)|Tags/],
];

const saidOf = (type: string): RegExp | undefined => SAID.find(([each]) => each.test(type))?.[1];

/** What a finding's subject may be called in a log. */
export function namesOf(
  { type, id }: Pick<Subject, "type" | "id">,
  recorded: Pick<ResourceFact, "inputs" | "outputs"> | undefined,
): readonly string[] {
  const values = (map: FactMap = {}) => NAMING.flatMap((name) => textOf(map[name]) ?? []);
  const ids = id === null ? [] : [id, ...id.split("/"), ...(id.match(LEADING_UUID) ?? [])];
  const names = [...ids, ...values(recorded?.outputs), ...values(recorded?.inputs)];
  const isName = (name: string) => name !== "" && (saidOf(type) !== undefined || UNIQUE.test(name));
  return [...new Set(names)].filter(isName);
}

/** Of what belongs to a cluster, the id begins with the cluster's. */
const LEADING_UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/;

/** Whether a change was made to what has one of these names and that type. */
export const isAbout = (
  { what, resources }: LoggedChange,
  type: string,
  names: readonly string[],
): boolean =>
  (saidOf(type)?.test(what) ?? true) && resources.some((resource) => names.includes(resource));

/** Whether two types go by the same words in a log. */
export const isSameInLogs = (one: string, other: string): boolean => saidOf(one) === saidOf(other);
