import { randomUUID } from "node:crypto";
import type { Document } from "../../store/document-store.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { notFound, unprocessable } from "../envelope.ts";
import { withUniqueName } from "../unique-name.ts";

export interface VolumeBody {
  readonly name: string;
  readonly region: string;
  readonly sizeGigabytes: number;
  readonly description: string;
  /** `ext4`, `xfs`, or empty for a volume that is not formatted. */
  readonly filesystemType: string;
  readonly filesystemLabel: string;
  readonly tags: readonly string[];
  /** The droplet that it is attached to. */
  readonly droplet?: number;
  /** It is to leave its droplet, which has not let go of it yet. */
  readonly isLeaving?: boolean;
}

/** A volume; the document's name makes its own unique in team and region. */
export type Volume = Document<VolumeBody>;

/** The vendor's limit, 16 TiB. */
export const MAX_GIGABYTES = 16_384;

/** Another name would not do as that of a device. */
const NAME = /^[a-z](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

const volumesOf = ({ store }: VendorContext) => store.collection<VolumeBody>("do-volume");
const keyOf = (region: string, name: string) => `${region}/${name}`;

export const listVolumes = (cloud: VendorContext, accountId: string): Volume[] =>
  volumesOf(cloud).list(accountId);

export const findVolume = (
  cloud: VendorContext,
  accountId: string,
  id: string,
): Volume | undefined => volumesOf(cloud).get(accountId, id);

export function requireVolume(cloud: VendorContext, accountId: string, id: string): Volume {
  const volume = findVolume(cloud, accountId, id);
  if (volume === undefined) throw notFound("volume");
  return volume;
}

export const volumeByName = (
  cloud: VendorContext,
  accountId: string,
  region: string,
  name: string,
): Volume | undefined => volumesOf(cloud).byName(accountId, keyOf(region, name));

export const volumesAttachedTo = (
  cloud: VendorContext,
  accountId: string,
  droplet: number,
): Volume[] => listVolumes(cloud, accountId).filter(({ body }) => body.droplet === droplet);

export function insertVolume(cloud: VendorContext, accountId: string, body: VolumeBody): Volume {
  if (!NAME.test(body.name)) {
    throw unprocessable(
      "name: must begin with a letter and have lower-case letters, digits and hyphens only, 64 at most.",
    );
  }
  const id = randomUUID();
  return withUniqueName("volume", body.name, () =>
    volumesOf(cloud).insert(accountId, { id, name: keyOf(body.region, body.name), body }),
  );
}

export function updateVolume(
  cloud: VendorContext,
  { account, id, body }: Volume,
  change: Partial<VolumeBody>,
): Volume {
  return volumesOf(cloud).update(account, id, { body: { ...body, ...change } });
}

/** Takes the volume off its droplet, which no longer uses it. */
export function releaseVolume(cloud: VendorContext, { account, id, body }: Volume): void {
  const { droplet: _, isLeaving: __, ...rest } = body;
  volumesOf(cloud).update(account, id, { body: rest });
}

export const removeVolume = (cloud: VendorContext, { account, id }: Volume): boolean =>
  volumesOf(cloud).remove(account, id);
