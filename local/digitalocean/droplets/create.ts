import { z } from "zod";
import { formatAddress, parseRange, rangeSize } from "../../ipv4.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { findSshKey } from "../account/ssh-keys.ts";
import { type Action, beginAction } from "../actions/records.ts";
import { findImage, type Image } from "../catalogue/images.ts";
import { REGIONS, requireRegion } from "../catalogue/regions.ts";
import { findSize } from "../catalogue/sizes.ts";
import { unprocessable } from "../envelope.ts";
import { type MachinePlan, planMachine } from "../machines/machine-plan.ts";
import { nextNumber } from "../numbers.ts";
import { ensureTags } from "../tags/records.ts";
import { findVolume, updateVolume, type Volume, volumeByName } from "../volumes/records.ts";
import { requireVpc, type Vpc, vpcForResource } from "../vpcs/records.ts";
import { type Droplet, insertDroplet, listDroplets } from "./records.ts";

const DEFAULT_PORT = 5432;

const id = z.union([z.string().min(1), z.number().int()]).transform(String);

/** What a droplet is made from; `volumes` as the API documents it and as the official provider writes it. */
export const createBody = z.strictObject({
  name: z
    .string()
    .regex(
      /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/,
      "Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)",
    )
    .max(255),
  region: z.string().optional(),
  size: z.string(),
  image: id,
  ssh_keys: z.array(id).nullish(),
  backups: z.boolean().nullish(),
  ipv6: z.literal(false, "must be false: the local cloud has no IPv6").nullish(),
  monitoring: z.boolean().nullish(),
  /** Without effect at the vendor too: every droplet is in a VPC. */
  private_networking: z.boolean().nullish(),
  public_networking: z.literal(true, "must be true: droplets have a public address").nullish(),
  /** The agent is for the vendor's web console, which is not here. */
  with_droplet_agent: z.boolean().nullish(),
  tags: z.array(z.string()).nullish(),
  user_data: z.string().nullish(),
  volumes: z
    .array(z.union([z.string(), z.strictObject({ id: z.string() }).transform((one) => one.id)]))
    .nullish(),
  vpc_uuid: z.string().nullish(),
});

/** Records a new droplet, whose machine is yet to be brought up, or throws the vendor's refusal. */
export async function createDroplet(
  cloud: VendorContext,
  accountId: string,
  request: z.infer<typeof createBody>,
): Promise<{ readonly droplet: Droplet; readonly action: Action }> {
  const size = findSize(request.size);
  if (size === undefined)
    throw unprocessable("You specified an invalid size for Droplet creation.");
  const image = findImage(request.image);
  if (image === undefined) {
    throw unprocessable("You specified an invalid image for Droplet creation.");
  }
  const sshKeys = (request.ssh_keys ?? []).map((key) => sshKeyId(cloud, accountId, key));
  const plan = checkedPlan(request.user_data ?? "", image);
  const [endpoint] = await cloud.engines.endpoints([plan.postgres?.port ?? DEFAULT_PORT]);
  return cloud.store.transaction(() => {
    const vpcId = request.vpc_uuid ?? "";
    const region = requireRegion(
      request.region ??
        (vpcId === "" ? firstRegion() : requireVpc(cloud, accountId, vpcId).body.region),
    ).slug;
    const volumes = (request.volumes ?? []).map((one) => freeVolume(cloud, accountId, region, one));
    const vpc = vpcForResource(cloud, accountId, { vpcId, region, field: "vpc_uuid" });
    const number = nextNumber(cloud);
    const droplet = insertDroplet(cloud, accountId, number, {
      name: request.name,
      region,
      size: size.slug,
      disk: size.disk,
      image: image.slug,
      vpcId: vpc.id,
      privateAddress: freeAddress(cloud, vpc),
      endpoint,
      tags: ensureTags(cloud, accountId, request.tags ?? []),
      sshKeys,
      monitoring: request.monitoring ?? false,
      backups: request.backups ?? false,
      ...(request.user_data ? { userData: cloud.vault.seal(request.user_data) } : {}),
      isOn: true,
      status: "new",
    });
    for (const volume of volumes) updateVolume(cloud, volume, { droplet: number });
    const action = beginAction(cloud, accountId, {
      type: "create",
      resourceType: "droplet",
      droplet: number,
      region,
    });
    return { droplet, action };
  });
}

const firstRegion = (): string => REGIONS[0]?.slug ?? "";

/** The user data's plan, or the refusal that names everything in it that is not served. */
function checkedPlan(userData: string, image: Image): MachinePlan {
  if (userData === "") return {};
  const { value, refusals } = planMachine(userData);
  if (refusals !== undefined) {
    const all = refusals.map(({ key, message }) => `${key} ${message}`).join(" ");
    throw unprocessable(`user_data: ${all}`);
  }
  const server = value.postgres?.package;
  // At the vendor the droplet would come up without a server, and only its own log would say so.
  if (server !== undefined && image.postgres !== "17") {
    throw unprocessable(
      `user_data: packages ${server}: the archive of ${image.slug} has PostgreSQL ${image.postgres} ` +
        "and not 17. Choose the image debian-13-x64.",
    );
  }
  return value;
}

function sshKeyId(cloud: VendorContext, accountId: string, key: string): string {
  const found = findSshKey(cloud, accountId, key);
  if (found === undefined) {
    throw unprocessable(`ssh_keys: ${key} is not a key of this team. Add it to the account first.`);
  }
  return found.id;
}

function freeVolume(
  cloud: VendorContext,
  accountId: string,
  region: string,
  idOrName: string,
): Volume {
  const volume =
    findVolume(cloud, accountId, idOrName) ?? volumeByName(cloud, accountId, region, idOrName);
  if (volume === undefined) throw unprocessable(`volumes: there is no volume ${idOrName}.`);
  if (volume.body.region !== region) {
    throw unprocessable(
      `volumes: ${volume.body.name} is in ${volume.body.region} and the droplet in ${region}. Both must be in one region.`,
    );
  }
  if (volume.body.droplet !== undefined) {
    throw unprocessable(
      `volumes: ${volume.body.name} is attached to droplet ${volume.body.droplet}. Detach it first.`,
    );
  }
  return volume;
}

/** The lowest address of the VPC that no droplet has; the first ones are the network's and its router's. */
function freeAddress(cloud: VendorContext, { account, id, body }: Vpc): string {
  const range = parseRange(body.ipRange);
  if (range === undefined) throw new Error(`The VPC ${id} has no range of addresses.`);
  const taken = new Set(
    listDroplets(cloud, account).map((droplet) =>
      droplet.body.vpcId === id ? droplet.body.privateAddress : "",
    ),
  );
  const last = range.first + rangeSize(range.bits) - 2;
  for (let address = range.first + 2; address <= last; address++) {
    const text = formatAddress(address);
    if (!taken.has(text)) return text;
  }
  throw unprocessable("vpc_uuid: the VPC has no free address any more. Choose another.");
}
