/** Which resources a call is about: by names of parameters, in the request and in the answer. */

export interface NamedResource {
  /** `AWS::RDS::DBInstance` */
  readonly type: string;
  readonly name: string;
}

/** What a parameter names. */
const TYPES: Readonly<Record<string, string>> = {
  VpcId: "AWS::EC2::VPC",
  SubnetId: "AWS::EC2::Subnet",
  GroupId: "AWS::EC2::SecurityGroup",
  SecurityGroupRuleId: "AWS::EC2::SecurityGroupRule",
  SecurityGroupRuleIds: "AWS::EC2::SecurityGroupRule",
  DBInstanceIdentifier: "AWS::RDS::DBInstance",
  DBSnapshotIdentifier: "AWS::RDS::DBSnapshot",
  DBSubnetGroupName: "AWS::RDS::DBSubnetGroup",
  DBParameterGroupName: "AWS::RDS::DBParameterGroup",
  ReplicationGroupId: "AWS::ElastiCache::ReplicationGroup",
  CacheSubnetGroupName: "AWS::ElastiCache::SubnetGroup",
  CacheParameterGroupName: "AWS::ElastiCache::ParameterGroup",
  UserId: "AWS::ElastiCache::User",
  UserGroupId: "AWS::ElastiCache::UserGroup",
};

/** Parameters of calls about tags: what they name is of any type. */
const ANY_TYPE: Readonly<Record<string, readonly string[]>> = {
  CreateTags: ["Resources"],
  DeleteTags: ["Resources"],
  AddTagsToResource: ["ResourceName"],
  RemoveTagsFromResource: ["ResourceName"],
};

/**
 * The resources that the call is about; no other value is taken. Of what it names, that is what the action's
 * own name says: `CreateDBInstance` names its subnet group too, and does not change it.
 */
export function resourcesOf(action: string, input: unknown, output: unknown): NamedResource[] {
  const anyType = ANY_TYPE[action] ?? [];
  const found = new Map<string, NamedResource>();
  for (const [parameter, value] of [...textsIn(input), ...textsIn(output)]) {
    const type = anyType.includes(parameter) ? "" : TYPES[parameter];
    if (type === undefined || (type !== "" && !isAbout(action, type))) continue;
    found.set(`${type} ${value}`, { type, name: value });
  }
  return [...found.values()];
}

/** `AuthorizeSecurityGroupIngress` is about a security group and its rules. */
function isAbout(action: string, type: string): boolean {
  const noun = type.split("::").at(-1) ?? "";
  const isIn = (name: string) => action.toLowerCase().includes(name.toLowerCase());
  return isIn(noun) || (noun === "SecurityGroupRule" && isIn("SecurityGroup"));
}

/** Every text with the name that it has, or that the list has which it is in. */
function* textsIn(value: unknown, name = ""): Generator<readonly [string, string]> {
  if (typeof value === "string") yield [name, value];
  if (typeof value !== "object" || value === null || value instanceof Date) return;
  for (const [key, each] of Object.entries(value))
    yield* textsIn(each, Array.isArray(value) ? name : key);
}
