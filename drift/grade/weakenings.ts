/** Changed properties that make an environment weaker: each is high in production, and medium elsewhere. */
import type { PropertyChange } from "../finding.ts";
import type { GradeRule } from "./rule.ts";

/** A property whose change may weaken, with what it was and has become. */
interface Weakening {
  readonly name: string;
  readonly because: string;
  readonly properties: readonly Property[];
}

interface Property {
  /** Ends of the type tokens that have it; undefined: its name tells enough. */
  readonly type?: RegExp;
  readonly path: RegExp;
  readonly isWeaker: (before: unknown, after: unknown) => boolean;
}

const becomes =
  (...values: readonly unknown[]) =>
  (_before: unknown, after: unknown): boolean =>
    values.includes(after);
const isNothing = (value: unknown): boolean =>
  value === undefined || (Array.isArray(value) && value.length === 0);
const decreases = (before: unknown, after: unknown): boolean =>
  typeof before === "number" && Number(after ?? 0) < before;
const isGone = (before: unknown, after: unknown): boolean => !isNothing(before) && isNothing(after);
const isThere = (_before: unknown, after: unknown): boolean => !isNothing(after);
const differs = (): boolean => true;

const OFF = becomes(false, undefined);

const TABLE: readonly Weakening[] = [
  {
    name: "way-in",
    because: "It lets in somebody who was not declared.",
    properties: [
      {
        type: /:(?:DatabaseFirewall|Firewall|SecurityGroup|DefaultSecurityGroup)$/,
        path: /^(?:rules|inboundRules|ingress)(?:\[.*?\](?:\.(?:value|type|portRange|protocol|fromPort|toPort|self|cidrBlocks|ipv6CidrBlocks|prefixListIds|securityGroups|source\w+)(?:\[.*)?)?)?$/,
        isWeaker: isThere,
      },
      // Without any trusted source, DigitalOcean lets everybody in.
      { type: /:DatabaseFirewall$/, path: /^rules$/, isWeaker: isGone },
      {
        type: /:SecurityGroup(?:Ingress)?Rule$/,
        path: /^(?:cidr\w+|ipv6CidrBlocks|fromPort|toPort|protocol|ipProtocol)/,
        isWeaker: isThere,
      },
    ],
  },
  {
    name: "public",
    because: "It can be reached or read from the internet, which was not declared.",
    properties: [
      {
        path: /^acl$/,
        isWeaker: becomes("public-read", "public-read-write", "authenticated-read"),
      },
      { path: /^(?:publiclyAccessible|mapPublicIpOnLaunch)$/, isWeaker: becomes(true) },
      {
        path: /^(?:blockPublicAcls|blockPublicPolicy|ignorePublicAcls|restrictPublicBuckets)$/,
        isWeaker: OFF,
      },
      { path: /^rule\.objectOwnership$/, isWeaker: differs },
      {
        type: /:(?:WorkersScriptSubdomain|R2ManagedDomain|R2CustomDomain)$/,
        path: /^(?:enabled|previewsEnabled)$/,
        isWeaker: becomes(true),
      },
    ],
  },
  {
    name: "tls",
    because: "Connections are encrypted or verified less strictly than declared.",
    properties: [
      { path: /^transitEncryptionEnabled$/, isWeaker: OFF },
      { path: /^transitEncryptionMode$/, isWeaker: becomes("preferred") },
      { path: /^mtls\.sslmode$/, isWeaker: becomes("require", undefined) },
      { path: /^mtls\.caCertificateId$/, isWeaker: differs },
    ],
  },
  {
    name: "encryption",
    because: "What it stores is not encrypted as declared.",
    properties: [
      { path: /^(?:storageEncrypted|atRestEncryptionEnabled|encrypted)$/, isWeaker: OFF },
      { path: /^kmsKeyId$/, isWeaker: differs },
      {
        type: /:BucketServerSideEncryptionConfiguration(?:V2)?$/,
        path: /^rules/,
        isWeaker: differs,
      },
    ],
  },
  {
    name: "backups",
    because: "Less of it can be restored than declared.",
    properties: [
      { path: /^(?:backupRetentionPeriod|snapshotRetentionLimit)$/, isWeaker: decreases },
      { type: /:Droplet$/, path: /^backups$/, isWeaker: OFF },
      { path: /^pointInTimeRecovery\.enabled$/, isWeaker: OFF },
    ],
  },
  {
    name: "versioning",
    because: "Objects that are overwritten or deleted are no longer kept.",
    properties: [
      { path: /^versioning\.enabled$/, isWeaker: OFF },
      { path: /^versioningConfiguration\.status$/, isWeaker: differs },
    ],
  },
  {
    name: "deletion",
    because: "It deletes or forgets data that was to be kept.",
    properties: [
      {
        type: /(?:Lifecycle|LifecycleConfiguration(?:V2)?|SpacesBucket)$/,
        path: /(?:^rules$|^lifecycleRules$|^(?:rules|lifecycleRules)\[[^\]]*\]$|expiration|deleteObjectsTransition|noncurrentVersionExpiration)/i,
        isWeaker: isThere,
      },
      { path: /^evictionPolicy$/, isWeaker: differs },
      { type: /:ParameterGroup$/, path: /^parameters/, isWeaker: differs },
    ],
  },
  {
    name: "protection",
    because: "The vendor no longer keeps it from being deleted.",
    properties: [{ path: /^deletionProtection$/, isWeaker: OFF }],
  },
  {
    name: "standby",
    because: "Nothing takes over when its machine fails.",
    properties: [
      { path: /^(?:multiAz|multiAzEnabled|automaticFailoverEnabled)$/, isWeaker: OFF },
      { path: /^(?:nodeCount|numCacheClusters)$/, isWeaker: decreases },
    ],
  },
  {
    name: "rights",
    because: "Somebody has other rights than were declared.",
    properties: [
      { type: /:SpacesKey$/, path: /^grants/, isWeaker: isThere },
      { path: /^(?:accessString|noPasswordRequired)$/, isWeaker: differs },
      { type: /^aws:elasticache\/user:/, path: /^authenticationMode/, isWeaker: differs },
      { path: /^userIds/, isWeaker: isThere },
      {
        type: /:postgres:Database$/,
        path: /^(?:undeclaredRights|roles(?:\[[^\]]*\](?:\.privileges)?)?$)/,
        isWeaker: isThere,
      },
    ],
  },
  {
    name: "target",
    because: "It uses something else than what was declared.",
    properties: [
      { type: /:WorkersScript$/, path: /^bindings/, isWeaker: differs },
      { path: /^origin\./, isWeaker: differs },
    ],
  },
  {
    name: "running-code",
    because: "It runs something else than what was built and reviewed.",
    properties: [
      {
        type: /:WorkersScript$/,
        path: /^(?:content|contentSha256|mainModule)$/,
        isWeaker: differs,
      },
      { type: /:Droplet$/, path: /^(?:image|userData)$/, isWeaker: differs },
    ],
  },
  {
    name: "missing-part",
    because: "Something in it that was declared is gone.",
    properties: [
      { type: /:postgres:Database$/, path: /^(?:roles|schemas|extensions)/, isWeaker: isGone },
      { type: /:d1:Migrations$/, path: /^files/, isWeaker: isGone },
      { type: /:UserGroup$/, path: /^userIds/, isWeaker: isGone },
      { type: /:Droplet$/, path: /^volumeIds/, isWeaker: isGone },
      { type: /:Firewall$/, path: /^dropletIds/, isWeaker: isGone },
    ],
  },
];

/** The table as lines of the grades. */
export const WEAKENINGS: readonly GradeRule[] = TABLE.map(({ name, because, properties }) => ({
  name,
  because,
  grades: ["high", "medium"],
  fits: ({ difference: { kind, subject, changes } }) =>
    kind === "changed" &&
    changes.some((change) =>
      properties.some((property) => weakens(property, subject.type, change)),
    ),
}));

function weakens(
  { type, path, isWeaker }: Property,
  token: string,
  change: PropertyChange,
): boolean {
  if (type !== undefined && !type.test(token)) return false;
  return path.test(change.path) && isWeaker(shownValue(change.before), shownValue(change.after));
}

/** What a report shows, as a value; undefined: there is none. What was cut or hidden stays a text. */
function shownValue(shown: string | null): unknown {
  if (shown === null || shown === "null") return undefined;
  try {
    return JSON.parse(shown);
  } catch {
    return shown;
  }
}
