/** What the resources of Spaces share: buckets by region and name, and CORS rules. */
import type { CORSRule } from "@aws-sdk/client-s3";
import { type DigitalOceanClient, spacesFault } from "../client.ts";
import { lowerCase, splitPair } from "./shared.ts";

/** The import id of what belongs to a bucket. */
export const BUCKET_IMPORT = "<region>,<name>";

/** Rows of what belongs to a bucket. */
export const bucketRows = {
  bucket: { type: "string", mode: "required", replace: true, doc: "Name of the bucket." },
  region: {
    type: "string",
    mode: "required",
    replace: true,
    normalize: lowerCase,
    doc: "Slug of the bucket's region.",
  },
} as const;

/** Reads {@link BUCKET_IMPORT}; what belongs to a bucket has its name as the id. */
export function parseBucketImport(id: string) {
  const pair = splitPair(id);
  return pair && { id: pair[1], state: { region: pair[0], bucket: pair[1] } };
}

/** Gives undefined where the bucket, or that setting of it, does not exist. */
export async function orUnset<T>(
  client: DigitalOceanClient,
  work: Promise<T>,
): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const fault = spacesFault(error, client.spacesEndpoint("nyc3"));
    if (fault?.kind === "not-found") return undefined;
    throw fault ?? error;
  }
}

/** {@link orUnset} for a setting; without the bucket itself, throws. */
export async function orNone<T>(
  client: DigitalOceanClient,
  work: Promise<T>,
): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const fault = spacesFault(error, client.spacesEndpoint("nyc3"));
    if (fault?.kind === "not-found" && fault.code !== "NoSuchBucket") return undefined;
    throw fault ?? error;
  }
}

interface Rule {
  readonly allowedHeaders?: readonly string[] | undefined;
  readonly allowedMethods: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly exposeHeaders?: readonly string[] | undefined;
  readonly id?: string | undefined;
  readonly maxAgeSeconds?: number | undefined;
}

/** A program's CORS rules as S3 takes them. */
export const corsToS3 = (rules: readonly Rule[]): CORSRule[] =>
  rules.map((rule) => ({
    ID: rule.id,
    AllowedHeaders: rule.allowedHeaders && [...rule.allowedHeaders],
    AllowedMethods: [...rule.allowedMethods],
    AllowedOrigins: [...rule.allowedOrigins],
    ExposeHeaders: rule.exposeHeaders && [...rule.exposeHeaders],
    MaxAgeSeconds: rule.maxAgeSeconds,
  }));

/** S3's CORS rules as a program says them. */
export const corsFromS3 = (rules: readonly CORSRule[]) =>
  rules.map((rule) => ({
    allowedMethods: rule.AllowedMethods ?? [],
    allowedOrigins: rule.AllowedOrigins ?? [],
    ...(rule.AllowedHeaders?.length ? { allowedHeaders: rule.AllowedHeaders } : {}),
    ...(rule.ExposeHeaders?.length ? { exposeHeaders: rule.ExposeHeaders } : {}),
    ...(rule.ID ? { id: rule.ID } : {}),
    ...(rule.MaxAgeSeconds === undefined ? {} : { maxAgeSeconds: rule.MaxAgeSeconds }),
  }));

/** Rows of a CORS rule that every resource has. */
export const corsRows = {
  allowedMethods: { type: { array: "string" }, mode: "required", doc: "GET, PUT, POST, …" },
  allowedOrigins: { type: { array: "string" }, mode: "required", doc: "Allowed origins." },
  allowedHeaders: {
    type: { array: "string" },
    mode: "optional",
    unset: [],
    doc: "Allowed request headers.",
  },
  maxAgeSeconds: {
    type: "integer",
    mode: "optional",
    doc: "How long a preflight's answer may be cached, in seconds.",
  },
} as const;
