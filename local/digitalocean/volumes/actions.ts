import { z } from "zod";
import type { VendorContext } from "../../vendor-context.ts";
import { type Action, beginAction, requireIdle } from "../actions/records.ts";
import { findDroplet } from "../droplets/records.ts";
import { conflict, notFound, unprocessable } from "../envelope.ts";
import { MAX_GIGABYTES, updateVolume, type Volume } from "./records.ts";

/** Given by clients for the vendor's routing; the volume's own is what counts. */
const region = z.string().nullish();
const volumeName = z.string().optional();
const attachment = { droplet_id: z.number().int(), region, volume_name: volumeName };

export const actionBody = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("attach"), ...attachment, tags: z.array(z.string()).nullish() }),
  z.strictObject({ type: z.literal("detach"), ...attachment }),
  z.strictObject({
    type: z.literal("resize"),
    size_gigabytes: z.number().int(),
    region,
    volume_name: volumeName,
  }),
]);

type Request = z.infer<typeof actionBody>;

/** Records what is to become of the volume; the droplet's machine has yet to follow. */
export function beginVolumeAction(cloud: VendorContext, volume: Volume, request: Request): Action {
  const { account, id, body } = volume;
  return cloud.store.transaction(() => {
    const droplet = carryOver(cloud, volume, request);
    return beginAction(cloud, account, {
      type: request.type === "resize" ? "resize" : `${request.type}_volume`,
      resourceType: "volume",
      subject: id,
      region: body.region,
      ...(droplet === undefined ? {} : { droplet }),
    });
  });
}

/** Writes the change, and tells which droplet's machine has to follow it. */
function carryOver(cloud: VendorContext, volume: Volume, request: Request): number | undefined {
  switch (request.type) {
    case "attach":
      return attach(cloud, volume, request.droplet_id);
    case "detach":
      return detach(cloud, volume, request.droplet_id);
    case "resize":
      return resize(cloud, volume, request.size_gigabytes);
  }
}

function attach(cloud: VendorContext, volume: Volume, number: number): number {
  const { account, body } = volume;
  const droplet = findDroplet(cloud, account, number);
  if (droplet === undefined) throw notFound("droplet");
  if (body.droplet !== undefined) {
    throw conflict(`The volume is attached to droplet ${body.droplet}. Detach it first.`);
  }
  if (droplet.body.region !== body.region) {
    throw unprocessable(
      `droplet_id: the droplet is in ${droplet.body.region} and the volume in ${body.region}. Both must be in one region.`,
    );
  }
  requireIdle(cloud, account, number);
  updateVolume(cloud, volume, { droplet: number });
  return number;
}

function detach(cloud: VendorContext, volume: Volume, number: number): number {
  if (volume.body.droplet !== number) {
    throw unprocessable("droplet_id: the volume is not attached to this droplet.");
  }
  requireIdle(cloud, volume.account, number);
  updateVolume(cloud, volume, { isLeaving: true });
  return number;
}

function resize(cloud: VendorContext, volume: Volume, gigabytes: number): undefined {
  if (gigabytes <= volume.body.sizeGigabytes || gigabytes > MAX_GIGABYTES) {
    throw unprocessable(
      `size_gigabytes: must be more than ${volume.body.sizeGigabytes} and at most ${MAX_GIGABYTES}.`,
    );
  }
  updateVolume(cloud, volume, { sizeGigabytes: gigabytes });
}
