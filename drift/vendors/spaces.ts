/** DigitalOcean's Spaces, whose every region is a service of its own. */
import type { S3Client } from "@aws-sdk/client-s3";
import type { S3Access } from "./accounts.ts";
import { type ListedBucket, listBuckets, regionOfBucket } from "./buckets.ts";
import { s3Client } from "./s3.ts";

/** As the provider takes it: `{{.Region}}` stands for the region. */
const ENDPOINT = "https://{{.Region}}.digitaloceanspaces.com";
const PLACE_OF_REGION = /\{\{\s*\.Region\s*\}\}/g;

/** Where Spaces is. @see https://docs.digitalocean.com/platform/regional-availability/#spaces-object-storage */
const REGIONS = [
  ...["ams3", "atl1", "blr1", "fra1", "lon1", "nyc3"],
  ...["sfo2", "sfo3", "sgp1", "syd1", "tor1"],
] as const;

/** Spaces takes every region's signature under this name. */
const SIGNED_REGION = "us-east-1";

export interface SpacesBucket extends ListedBucket {
  /** The client that reaches it. */
  readonly s3: S3Client;
  readonly region: () => Promise<string>;
}

/** Access to the buckets of one region. */
export const spacesIn = (access: S3Access, region: string): S3Access => ({
  ...access,
  endpoint: (access.endpoint ?? ENDPOINT).replaceAll(PLACE_OF_REGION, region),
});

/** The buckets of every region. */
export async function listSpaces(access: S3Access): Promise<SpacesBucket[]> {
  const endpoint = access.endpoint ?? ENDPOINT;
  const hasRegions = endpoint.search(PLACE_OF_REGION) !== -1;
  const found = await Promise.all(
    (hasRegions ? REGIONS : [undefined]).map(async (region) => {
      const s3 = await s3Client(spacesIn(access, region ?? ""), SIGNED_REGION);
      return (await listBuckets(s3)).map((bucket) => ({
        ...bucket,
        s3,
        region: async () => region ?? (await regionOfBucket(s3, bucket.name))?.toLowerCase() ?? "",
      }));
    }),
  );
  return found.flat();
}
