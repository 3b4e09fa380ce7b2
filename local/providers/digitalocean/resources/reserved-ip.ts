import { orMissing } from "../../../../providers/digitalocean-api/fault.ts";
import type { ReservedIp } from "../../../../providers/digitalocean-api/types.ts";
import { ProviderError, VendorFault } from "../../../../providers/sdk/fault.ts";
import { act } from "./actions.ts";
import { type DigitalOceanContext, define, lowerCase } from "./shared.ts";

const ipPath = (ip: string, ...rest: readonly string[]): string =>
  ["/reserved_ips", ...[ip, ...rest].map(encodeURIComponent)].join("/");

/** The address as the vendor has it. */
export async function findReservedIp(
  { client }: DigitalOceanContext,
  ip: string,
): Promise<ReservedIp> {
  return (await client.api.get<{ reserved_ip: ReservedIp }>(ipPath(ip))).reserved_ip;
}

/** Gives the address to a droplet, or takes it away from any. */
export async function assignIp(
  context: DigitalOceanContext,
  ip: string,
  dropletId: number | undefined,
): Promise<void> {
  const { droplet } = await findReservedIp(context, ip);
  if (droplet?.id === dropletId) return;
  const body =
    dropletId === undefined ? { type: "unassign" } : { type: "assign", droplet_id: dropletId };
  await act(context, ipPath(ip, "actions"), body);
}

/** `digitalocean.ReservedIp`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#tag/Reserved-IPs */
export const reservedIp = define({
  token: "digitalocean:index/reservedIp:ReservedIp",
  title: "reserved IP",
  doc: "A public address that stays. https://docs.digitalocean.com/products/networking/reserved-ips/",
  identity: [],
  importFormat: "<ip>",
  properties: {
    region: {
      type: "string",
      mode: "required",
      replace: true,
      normalize: lowerCase,
      doc: "Slug of the region.",
    },
    dropletId: {
      type: "integer",
      mode: "optional",
      doc: "The ID of the droplet that has the address.",
    },
    ipAddress: { type: "string", mode: "inherited", replace: true, doc: "The address." },
    reservedIpUrn: {
      type: "string",
      mode: "output",
      doc: "The uniform resource name of the address.",
    },
  },
  validate: ({ ipAddress }, olds) =>
    ipAddress === undefined || olds !== undefined
      ? []
      : [
          {
            property: "ipAddress",
            reason:
              '"ipAddress" cannot be chosen: the vendor gives the address. Take it out, or import the address.',
          },
        ],
  parseImportId: (id) => ({ id, state: { ipAddress: id } }),
  async create({ client, what }, { region }) {
    const body = { region: region.toLowerCase() };
    try {
      return live(
        (await client.api.post<{ reserved_ip: ReservedIp }>("/reserved_ips", body)).reserved_ip,
      );
    } catch (error) {
      if (!(error instanceof VendorFault && error.kind === "lost")) throw error;
      // No name tells one address from another, so asking again could leave one that nobody knows of.
      throw new ProviderError(
        `Whether the ${what} was created is not known: ${error.message}. Look for a new address in the control panel; delete it, or import it with its address as the id, and run \`pulumi up\` again.`,
      );
    }
  },
  async finish(context, { id }, { dropletId }) {
    if (dropletId !== undefined) await assignIp(context, id, dropletId);
    return live(await findReservedIp(context, id));
  },
  async read(context, id, { inputs }) {
    const found = await orMissing(findReservedIp(context, id));
    if (found === undefined) return undefined;
    // Where the program does not say, a ReservedIpAssignment may.
    const isOwn = inputs === undefined || inputs.dropletId !== undefined;
    const { state } = live(found);
    return { id, state: isOwn ? { ...state, dropletId: found.droplet?.id } : state };
  },
  async update(context, id, inputs, known) {
    if (inputs.dropletId === undefined && known.inputs?.dropletId !== undefined)
      await assignIp(context, id, undefined);
    return {};
  },
  async delete(context, id) {
    await assignIp(context, id, undefined);
    await context.client.api.delete(ipPath(id));
  },
});

const live = (found: ReservedIp) => ({
  id: found.ip,
  state: {
    ipAddress: found.ip,
    region: found.region.slug,
    reservedIpUrn: `do:reservedip:${found.ip}`,
  },
});
