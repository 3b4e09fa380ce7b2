import { netmask, parseRange } from "../../ipv4.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { pendingActions } from "../actions/records.ts";
import { describeImage, findImage } from "../catalogue/images.ts";
import { regionSlugs, requireRegion } from "../catalogue/regions.ts";
import { findSize } from "../catalogue/sizes.ts";
import { volumesAttachedTo } from "../volumes/records.ts";
import { requireVpc } from "../vpcs/records.ts";
import { type Droplet, numberOf } from "./records.ts";

/** Of the public addresses; local ones share a range of loopback. */
const PUBLIC_BITS = 10;

/** A droplet as the API shows it; its user data is not among it. */
export function describeDroplet(cloud: VendorContext, droplet: Droplet) {
  const { account, body, createdAt } = droplet;
  const number = numberOf(droplet);
  const size = findSize(body.size);
  const image = findImage(body.image);
  const vpc = requireVpc(cloud, account, body.vpcId);
  return {
    id: number,
    name: body.name,
    memory: size?.memory,
    vcpus: size?.vcpus,
    disk: body.disk,
    locked: pendingActions(cloud, account, number).length > 0,
    status: body.status,
    kernel: null,
    created_at: createdAt,
    features: [
      ...(body.backups ? ["backups"] : []),
      ...(body.monitoring ? ["monitoring"] : []),
      "private_networking",
    ],
    backup_ids: [],
    next_backup_window: null,
    snapshot_ids: [],
    image: image && describeImage(image),
    volume_ids: volumesAttachedTo(cloud, account, number).map(({ id }) => id),
    size: size && { ...size, regions: regionSlugs(), available: true },
    size_slug: body.size,
    networks: {
      v4: [
        {
          ip_address: body.privateAddress,
          netmask: netmask(parseRange(vpc.body.ipRange)?.bits ?? 0),
          gateway: "",
          type: "private",
        },
        {
          ip_address: body.endpoint.host,
          netmask: netmask(PUBLIC_BITS),
          gateway: "127.0.0.1",
          type: "public",
        },
      ],
      v6: [],
    },
    region: requireRegion(body.region),
    tags: body.tags,
    vpc_uuid: body.vpcId,
  };
}
