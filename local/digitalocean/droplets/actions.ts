import { z } from "zod";
import type { VendorContext } from "../../vendor-context.ts";
import { type Action, beginAction, requireIdle } from "../actions/records.ts";
import { findSize } from "../catalogue/sizes.ts";
import { unprocessable } from "../envelope.ts";
import { type Droplet, type DropletBody, numberOf, updateDroplet } from "./records.ts";

/** The actions that are served; every other one of the vendor's is refused by its name. */
export const actionBody = z.discriminatedUnion(
  "type",
  [
    z.strictObject({
      type: z.enum(["power_on", "power_off", "shutdown", "reboot", "power_cycle"]),
    }),
    z.strictObject({ type: z.enum(["enable_backups", "disable_backups"]) }),
    z.strictObject({ type: z.literal("rename"), name: z.string().min(1).max(255) }),
    z.strictObject({
      type: z.literal("resize"),
      size: z.string(),
      disk: z.boolean().default(false),
    }),
  ],
  "must be power_on, power_off, shutdown, reboot, power_cycle, rename, resize, enable_backups or disable_backups: the local cloud has no other",
);

type Request = z.infer<typeof actionBody>;

/** Records what is to become of the droplet; its machine is yet to be brought there. */
export function beginDropletAction(
  cloud: VendorContext,
  droplet: Droplet,
  request: Request,
): Action {
  const change = changeBy(droplet, request);
  const number = numberOf(droplet);
  requireIdle(cloud, droplet.account, number);
  return cloud.store.transaction(() => {
    updateDroplet(cloud, droplet, change);
    return beginAction(cloud, droplet.account, {
      type: request.type,
      resourceType: "droplet",
      droplet: number,
      region: droplet.body.region,
    });
  });
}

function changeBy({ body }: Droplet, request: Request): Partial<DropletBody> {
  switch (request.type) {
    case "power_on":
      if (body.isOn) throw unprocessable("Droplet is already powered on.");
      return { isOn: true };
    case "power_off":
    case "shutdown":
      if (!body.isOn) throw unprocessable("Droplet is already powered off.");
      return { isOn: false };
    case "reboot":
    case "power_cycle":
      return { isOn: true };
    case "enable_backups":
    case "disable_backups":
      return { backups: request.type === "enable_backups" };
    case "rename":
      return { name: request.name };
    case "resize":
      return resized(body, request.size, request.disk);
  }
}

function resized(body: DropletBody, slug: string, withDisk: boolean): Partial<DropletBody> {
  const size = findSize(slug);
  if (size === undefined) throw unprocessable(`size: there is no size ${slug}.`);
  if (body.isOn) throw unprocessable("You must power off the Droplet before resizing it.");
  if (size.disk < body.disk) {
    throw unprocessable("This size is not available because it has a smaller disk.");
  }
  return { size: slug, ...(withDisk ? { disk: size.disk } : {}) };
}
