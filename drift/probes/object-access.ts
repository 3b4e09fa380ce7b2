/** Who may reach the objects of the stack's buckets beside what it declares. */
import type { Grant, S3Client } from "@aws-sdk/client-s3";
import type { ResourceFact } from "../../isolation/facts.ts";
import { concurrently } from "../../policy/siblings/concurrently.ts";
import type { Difference } from "../finding.ts";
import type { S3Access } from "../vendors/accounts.ts";
import { s3Client } from "../vendors/s3.ts";
import { spacesIn } from "../vendors/spaces.ts";
import { found, grouped, isThere, isTold, listed, lookAtEach, ownOf, textAt } from "./facts.ts";
import type { Probe, ProbeInput } from "./probe.ts";
import { r2Access } from "./r2-access.ts";

/** Objects of each bucket whose own lists are looked at: each costs a request. */
const MOST_OBJECTS = 1000;
const AT_ONCE = 8;

/** Type tokens of buckets, each with how its name and region are told. */
const BUCKETS = {
  "aws:s3/bucket:Bucket": { name: "bucket", vendor: "aws" },
  "aws:s3/bucketV2:BucketV2": { name: "bucket", vendor: "aws" },
  "digitalocean:index/spacesBucket:SpacesBucket": { name: "name", vendor: "digitalocean" },
} as const;

export const objectAccess: Probe = {
  name: "object-access",
  looksAt: "who reaches the objects of the buckets",
  async run(input) {
    const buckets = Object.entries(BUCKETS).flatMap(([type, { name, vendor }]) =>
      ownOf(input, type)
        .filter((each) => isThere(input, each))
        .map((resource) => ({
          resource,
          vendor,
          name: textAt(resource.outputs, name) ?? resource.id ?? "",
        })),
    );
    const checks = buckets.map((bucket) => () => ofBucket(bucket, input));
    return lookAtEach([...checks, () => r2Access(input)], (check) => check());
  },
};

interface Bucket {
  readonly resource: ResourceFact;
  readonly vendor: "aws" | "digitalocean";
  readonly name: string;
}

async function ofBucket(bucket: Bucket, input: ProbeInput): Promise<readonly Difference[]> {
  const { aws, digitalocean } = await input.accounts();
  const region = textAt(bucket.resource.outputs, "region");
  const access = bucket.vendor === "aws" ? aws : digitalocean?.spaces;
  if (access === undefined)
    throw new Error(`The stack's provider has no key for the bucket ${bucket.name}.`);
  const client = await s3Client(endpointOf(bucket, access, region), region ?? "us-east-1");
  try {
    return [...(await settings(client, bucket, input)), ...(await objects(client, bucket, input))];
  } finally {
    client.destroy();
  }
}

/** Spaces has an endpoint for each region. */
const endpointOf = ({ vendor }: Bucket, access: S3Access, region = "nyc3"): S3Access =>
  vendor === "aws" ? access : spacesIn(access, region);

/** One setting of a bucket that a resource of its own declares. */
interface Setting {
  /** After "the bucket … has". */
  readonly what: string;
  readonly kind: "access" | "changed";
  /** Type tokens of which a resource for the bucket declares it. */
  readonly types: readonly string[];
  /** The bucket's own property that does. */
  readonly property: string;
  /** What there is, in a few words, and as the vendor has it where those leave out much; undefined: nothing. */
  readonly read: (
    client: S3Client,
    Bucket: string,
  ) => Promise<string | { readonly said: string; readonly whole: string } | undefined>;
}

const SETTINGS: readonly Setting[] = [
  {
    what: "a policy",
    kind: "access",
    types: [
      "aws:s3/bucketPolicy:BucketPolicy",
      "digitalocean:index/spacesBucketPolicy:SpacesBucketPolicy",
    ],
    property: "policy",
    async read(client, Bucket) {
      const { GetBucketPolicyCommand } = await import("@aws-sdk/client-s3");
      const { Policy } = await client.send(new GetBucketPolicyCommand({ Bucket }));
      return Policy === undefined ? undefined : { said: principalsOf(Policy), whole: Policy };
    },
  },
  {
    what: "an access control list",
    kind: "access",
    types: ["aws:s3/bucketAcl:BucketAcl", "aws:s3/bucketAclV2:BucketAclV2"],
    property: "acl",
    async read(client, Bucket) {
      const { GetBucketAclCommand } = await import("@aws-sdk/client-s3");
      const { Grants, Owner } = await client.send(new GetBucketAclCommand({ Bucket }));
      return grantsOf(Grants, Owner?.ID);
    },
  },
  {
    what: "rules for other origins",
    kind: "access",
    types: [
      "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
      "digitalocean:index/spacesBucketCorsConfiguration:SpacesBucketCorsConfiguration",
    ],
    property: "corsRules",
    async read(client, Bucket) {
      const { GetBucketCorsCommand } = await import("@aws-sdk/client-s3");
      const { CORSRules = [] } = await client.send(new GetBucketCorsCommand({ Bucket }));
      return listed(CORSRules.flatMap(({ AllowedOrigins = [] }) => AllowedOrigins)) || undefined;
    },
  },
  {
    what: "rules by which objects go",
    kind: "changed",
    types: ["aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"],
    property: "lifecycleRules",
    async read(client, Bucket) {
      const { GetBucketLifecycleConfigurationCommand } = await import("@aws-sdk/client-s3");
      const command = new GetBucketLifecycleConfigurationCommand({ Bucket });
      const { Rules = [] } = await client.send(command);
      return (
        listed(Rules.map(({ ID, Filter }) => ID ?? Filter?.Prefix ?? "without a name")) || undefined
      );
    },
  },
  {
    what: "a web site",
    kind: "access",
    types: ["aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration"],
    property: "website",
    async read(client, Bucket) {
      const { GetBucketWebsiteCommand } = await import("@aws-sdk/client-s3");
      const { IndexDocument, RedirectAllRequestsTo } = await client.send(
        new GetBucketWebsiteCommand({ Bucket }),
      );
      return RedirectAllRequestsTo?.HostName ?? IndexDocument?.Suffix ?? "without a page";
    },
  },
  {
    what: "notifications",
    kind: "access",
    types: ["aws:s3/bucketNotification:BucketNotification"],
    property: "notification",
    async read(client, Bucket) {
      const { GetBucketNotificationConfigurationCommand } = await import("@aws-sdk/client-s3");
      const found = await client.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
      const targets = [
        ...(found.TopicConfigurations ?? []).map(({ TopicArn }) => TopicArn),
        ...(found.QueueConfigurations ?? []).map(({ QueueArn }) => QueueArn),
        ...(found.LambdaFunctionConfigurations ?? []).map((each) => each.LambdaFunctionArn),
        ...(found.EventBridgeConfiguration === undefined ? [] : ["EventBridge"]),
      ];
      return listed(targets.map(String)) || undefined;
    },
  },
  {
    what: "a replication",
    kind: "access",
    types: ["aws:s3/bucketReplicationConfig:BucketReplicationConfig"],
    property: "replicationConfiguration",
    async read(client, Bucket) {
      const { GetBucketReplicationCommand } = await import("@aws-sdk/client-s3");
      const { ReplicationConfiguration } = await client.send(
        new GetBucketReplicationCommand({ Bucket }),
      );
      const targets = (ReplicationConfiguration?.Rules ?? []).map(
        ({ Destination }) => Destination?.Bucket,
      );
      return listed(targets.map(String)) || undefined;
    },
  },
];

/** What S3 answers where a setting is not there, and what servers that speak like it answer for one that they lack. */
const ABSENT =
  /^(?:NoSuch\w+|NotImplemented|ReplicationConfigurationNotFoundError|MethodNotAllowed|UnsupportedOperation)$/;

async function settings(
  client: S3Client,
  { resource, name }: Bucket,
  input: ProbeInput,
): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (const { what, kind, types, property, read } of SETTINGS) {
    const own = resource.inputs[property];
    // A list of nobody is none; the vendors' providers write it, and never read it again.
    if ((own !== undefined && own !== "private") || isTold(input, resource.urn, property)) continue;
    const isDeclared = types.some((type) =>
      ownOf(input, type).some(({ inputs }) => textAt(inputs, "bucket") === name),
    );
    if (isDeclared) continue;
    const there = await read(client, name).catch((error: unknown) => {
      if (error instanceof Error && ABSENT.test(error.name)) return undefined;
      throw error;
    });
    if (there === undefined) continue;
    const { said, whole } = typeof there === "string" ? { said: there } : there;
    const message = `The bucket ${name} has ${what} (${input.redactor.text(said)}), which the stack does not declare.`;
    // What was acknowledged for somebody is not acknowledged for more rights of the same one.
    const changes =
      whole === undefined
        ? []
        : [{ path: property, before: null, after: input.redactor.show(whole, property) }];
    differences.push(found(kind, resource, message, { key: property, changes }));
  }
  return differences;
}

/** Objects whose own lists let others in. Where lists are switched off, there is nothing to look at. */
async function objects(
  client: S3Client,
  { resource, name, vendor }: Bucket,
  { note }: ProbeInput,
): Promise<Difference[]> {
  if (vendor === "aws" && (await areListsOff(client, name))) return [];
  const { GetObjectAclCommand, ListObjectsV2Command } = await import("@aws-sdk/client-s3");
  const page = await client.send(new ListObjectsV2Command({ Bucket: name, MaxKeys: MOST_OBJECTS }));
  const keys = (page.Contents ?? []).flatMap(({ Key }) => Key ?? []);
  const told = await concurrently(keys, AT_ONCE, async (Key) => {
    try {
      const { Grants, Owner } = await client.send(new GetObjectAclCommand({ Bucket: name, Key }));
      return { Key, who: grantsOf(Grants, Owner?.ID) };
    } catch (error) {
      // Gone since it was listed.
      if (error instanceof Error && error.name === "NoSuchKey") return { Key, who: undefined };
      throw error;
    }
  });
  const open = grouped(
    told.flatMap(({ Key, who }) => (who === undefined ? [] : [{ Key, who }])),
    ({ who }) => who,
  );
  if (page.IsTruncated)
    note(
      `The bucket ${name} has many objects: who may use them was looked at for the first ${keys.length}.`,
    );
  return [...open].map(([who, them]) => {
    const names = them.map(({ Key }) => Key);
    const message = `In the bucket ${name} ${names.length === 1 ? "the object" : `${names.length} objects,`} ${listed(names)}${names.length === 1 ? "" : ","} may be used by ${who}, which the stack does not declare.`;
    return found("access", resource, message, { key: `objects ${who}` });
  });
}

async function areListsOff(client: S3Client, Bucket: string): Promise<boolean> {
  const { GetBucketOwnershipControlsCommand } = await import("@aws-sdk/client-s3");
  try {
    const answer = await client.send(new GetBucketOwnershipControlsCommand({ Bucket }));
    const rules = answer.OwnershipControls?.Rules ?? [];
    return rules.some(({ ObjectOwnership }) => ObjectOwnership === "BucketOwnerEnforced");
  } catch (error) {
    if (error instanceof Error && error.name === "OwnershipControlsNotFoundError") return false;
    throw error;
  }
}

const GROUPS: Readonly<Record<string, string>> = {
  "http://acs.amazonaws.com/groups/global/AllUsers": "everybody",
  "http://acs.amazonaws.com/groups/global/AuthenticatedUsers": "every AWS account",
};

/** AWS's own deliverer of logs, to whom a bucket of logs belongs. */
const LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery";

/** Whom a list lets in beside the owner, with what; undefined: nobody. */
function grantsOf(
  grants: readonly Grant[] | undefined,
  owner: string | undefined,
): string | undefined {
  const others = (grants ?? [])
    .filter(({ Grantee }) => Grantee?.ID === undefined || Grantee.ID !== owner)
    .filter(({ Grantee }) => Grantee?.URI !== LOG_DELIVERY)
    .map(({ Grantee, Permission }) => {
      const who = GROUPS[Grantee?.URI ?? ""] ?? `the account ${Grantee?.ID ?? Grantee?.URI}`;
      return `${who} (${Permission})`;
    });
  return others.length === 0 ? undefined : [...new Set(others)].sort().join(", ");
}

/** Whom a policy is about: what it allows is in the bucket's console, and not for a line. */
function principalsOf(policy: string): string {
  const { Statement = [] } = JSON.parse(policy) as { Statement?: unknown };
  const statements = (Array.isArray(Statement) ? Statement : [Statement]) as {
    readonly Effect?: string;
    readonly Principal?: unknown;
  }[];
  const said = statements.map(({ Effect, Principal }) => {
    const isEverybody = Principal === "*" || (Principal as { AWS?: unknown } | null)?.AWS === "*";
    return `${Effect === "Deny" ? "refuses" : "lets in"} ${isEverybody ? "everybody" : JSON.stringify(Principal)}`;
  });
  return listed([...new Set(said)]);
}
