import {
  type BucketCannedACL,
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketCorsCommand,
  DeleteBucketLifecycleCommand,
  DeleteObjectsCommand,
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutBucketAclCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { DigitalOceanClient } from "../client.ts";
import { define, lowerCase, splitPair } from "./shared.ts";
import { BUCKET_IMPORT, corsFromS3, corsRows, corsToS3, orNone, orUnset } from "./spaces.ts";
import { lifecycleRules, ruleFromS3, ruleToS3 } from "./spaces-lifecycle.ts";

/** The official provider's own choice. */
const DEFAULT_REGION = "nyc3";

const properties = {
  name: {
    type: "string",
    mode: "required",
    replace: true,
    autoname: { maxLength: 63 },
    doc: "The name of the bucket.",
  },
  region: {
    type: "string",
    mode: "optional",
    unset: DEFAULT_REGION,
    replace: true,
    normalize: lowerCase,
    doc: "Slug of the bucket's region.",
  },
  acl: {
    type: "string",
    mode: "optional",
    unset: "private",
    values: ["private", "public-read"],
    doc: "Canned ACL of the bucket.",
  },
  corsRules: {
    type: { array: { object: corsRows } },
    mode: "optional",
    deprecated: "Use SpacesBucketCorsConfiguration.",
    doc: "What origins may do.",
  },
  lifecycleRules,
  versioning: {
    type: {
      object: {
        enabled: {
          type: "boolean",
          mode: "optional",
          unset: false,
          doc: "Whether versions are kept.",
        },
      },
    },
    mode: "inherited",
    doc: "Whether earlier versions of objects are kept.",
  },
  forceDestroy: {
    type: "boolean",
    mode: "optional",
    unset: false,
    doc: "Whether a bucket that holds objects may be destroyed.",
  },
  bucketDomainName: { type: "string", mode: "output", doc: "Where the bucket is." },
  bucketUrn: { type: "string", mode: "output", doc: "The uniform resource name of the bucket." },
  endpoint: { type: "string", mode: "output", doc: "Where Spaces is, without the bucket." },
} as const;

/** `digitalocean.SpacesBucket`. Source: https://docs.digitalocean.com/reference/api/spaces/ */
export const spacesBucket = define({
  token: "digitalocean:index/spacesBucket:SpacesBucket",
  title: "Spaces bucket",
  doc: "A bucket of Spaces. https://docs.digitalocean.com/products/spaces/",
  identity: ["name"],
  importFormat: BUCKET_IMPORT,
  properties,
  parseImportId(id) {
    const pair = splitPair(id);
    return pair && { id: pair[1], state: { region: pair[0], name: pair[1] } };
  },
  async create({ client }, { name, acl, region: given }) {
    const region = regionOf(given);
    await client.spaces(region).send(
      new CreateBucketCommand({
        Bucket: name,
        ACL: acl as BucketCannedACL | undefined,
        CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint },
      }),
    );
    return { id: name, state: addresses(client, name, region) };
  },
  async finish({ client }, { id }, inputs) {
    const region = regionOf(inputs.region);
    const s3 = client.spaces(region);
    const present = await settingsOf(client, s3, id);
    if (inputs.corsRules?.length)
      await s3.send(
        new PutBucketCorsCommand({
          Bucket: id,
          CORSConfiguration: { CORSRules: corsToS3(inputs.corsRules) },
        }),
      );
    const versioned = inputs.versioning && (inputs.versioning.enabled ?? false);
    if (versioned !== undefined && versioned !== present.versioning.enabled)
      await s3.send(
        new PutBucketVersioningCommand({
          Bucket: id,
          VersioningConfiguration: { Status: versioned ? "Enabled" : "Suspended" },
        }),
      );
    const rules = inputs.lifecycleRules ?? [];
    if (rules.length > 0)
      await s3.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: id,
          LifecycleConfiguration: { Rules: rules.map(ruleToS3) },
        }),
      );
    else if (present.lifecycleRules.length > 0)
      await s3.send(new DeleteBucketLifecycleCommand({ Bucket: id }));
    const state = { ...addresses(client, id, region), ...(await settingsOf(client, s3, id)) };
    return { id, state };
  },
  async read({ client }, id, { inputs, state }) {
    const s3 = client.spaces(regionOf(state.region));
    if ((await orUnset(client, s3.send(new HeadBucketCommand({ Bucket: id })))) === undefined)
      return undefined;
    const location = await s3.send(new GetBucketLocationCommand({ Bucket: id }));
    const region = location.LocationConstraint?.toLowerCase() || regionOf(state.region);
    return {
      id,
      state: {
        ...addresses(client, id, region),
        ...(await settingsOf(client, s3, id)),
        // The vendor tells CORS rules of both resources; they are this one's only if it set them.
        ...(inputs?.corsRules === undefined ? {} : { corsRules: await corsOf(client, s3, id) }),
      },
    };
  },
  async update({ client }, id, inputs, known) {
    const s3 = client.spaces(regionOf(inputs.region));
    const acl = inputs.acl ?? "private";
    if (acl !== (known.inputs?.acl ?? "private"))
      await s3.send(new PutBucketAclCommand({ Bucket: id, ACL: acl as BucketCannedACL }));
    if (known.inputs?.corsRules?.length && !inputs.corsRules?.length)
      await s3.send(new DeleteBucketCorsCommand({ Bucket: id }));
    return {};
  },
  async delete({ client }, id, state) {
    const s3 = client.spaces(regionOf(state.region));
    if (state.forceDestroy) await empty(s3, id);
    await s3.send(new DeleteBucketCommand({ Bucket: id }));
  },
  async findExisting({ client }, { name, region: given }) {
    const region = regionOf(given);
    const { Buckets = [] } = await client.spaces(region).send(new ListBucketsCommand({}));
    const found = Buckets.find((each) => each.Name === name);
    return (
      found && { id: name, state: addresses(client, name, region), createdAt: found.CreationDate }
    );
  },
});

const regionOf = (region: string | null | undefined): string =>
  (region ?? DEFAULT_REGION).toLowerCase();

function addresses(client: DigitalOceanClient, name: string, region: string) {
  const { host, hostname, origin, protocol } = new URL(client.spacesEndpoint(region));
  // An address has no names below it: the bucket is the first part of the path.
  const isAddress = /^[\d.]+$|^localhost$|^\[/.test(hostname);
  return {
    name,
    region,
    // The official provider tells the host alone, which stands for https.
    endpoint: protocol === "https:" ? host : origin,
    bucketDomainName: isAddress ? `${host}/${name}` : `${name}.${host}`,
    bucketUrn: `do:space:${name}`,
  };
}

async function settingsOf(client: DigitalOceanClient, s3: S3Client, bucket: string) {
  const versioning = await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }));
  const lifecycle = await orNone(
    client,
    s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket })),
  );
  return {
    versioning: { enabled: versioning.Status === "Enabled" },
    lifecycleRules: (lifecycle?.Rules ?? []).map(ruleFromS3),
  };
}

async function corsOf(client: DigitalOceanClient, s3: S3Client, bucket: string) {
  const found = await orNone(client, s3.send(new GetBucketCorsCommand({ Bucket: bucket })));
  return corsFromS3(found?.CORSRules ?? []);
}

/** Deletes every version of every object. */
async function empty(s3: S3Client, bucket: string): Promise<void> {
  for (;;) {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    const found = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    if (found.length === 0) return;
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({
        Bucket: bucket,
        Delete: {
          Quiet: true,
          Objects: found.map(({ Key, VersionId }) => ({ Key: Key ?? "", VersionId })),
        },
      }),
    );
    // The next page would hold the same objects again, for ever.
    const [first] = Errors;
    if (first !== undefined)
      throw new Error(`Spaces did not delete ${first.Key}: ${first.Message ?? first.Code}.`);
  }
}
