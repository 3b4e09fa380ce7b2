import { orMissing } from "../../../../providers/digitalocean-api/fault.ts";
import { assignIp, findReservedIp } from "./reserved-ip.ts";
import { define, splitPair, uniqueId } from "./shared.ts";

/** `digitalocean.ReservedIpAssignment`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#tag/Reserved-IP-Actions */
export const reservedIpAssignment = define({
  token: "digitalocean:index/reservedIpAssignment:ReservedIpAssignment",
  title: "reserved IP assignment",
  doc: "Gives a reserved IP to a droplet. https://docs.digitalocean.com/products/networking/reserved-ips/",
  identity: ["ipAddress"],
  importFormat: "<ip>,<droplet_id>",
  properties: {
    ipAddress: { type: "string", mode: "required", replace: true, doc: "The reserved address." },
    dropletId: { type: "integer", mode: "required", replace: true, doc: "The ID of the droplet." },
  },
  parseImportId(id) {
    const [ipAddress, droplet] = splitPair(id) ?? [];
    const dropletId = Number(droplet);
    if (ipAddress === undefined || !Number.isInteger(dropletId)) return undefined;
    return { id: uniqueId(`${dropletId}-${ipAddress}`), state: { ipAddress, dropletId } };
  },
  async create(context, { ipAddress, dropletId }) {
    await assignIp(context, ipAddress, dropletId);
    return { id: uniqueId(`${dropletId}-${ipAddress}`), state: {} };
  },
  async read(context, id, { state }) {
    const { ipAddress, dropletId } = state;
    const found = await orMissing(findReservedIp(context, ipAddress ?? ""));
    return found?.droplet && found.droplet.id === dropletId
      ? { id, state: { ipAddress, dropletId } }
      : undefined;
  },
  async delete(context, _id, { ipAddress, dropletId }) {
    const found = await findReservedIp(context, ipAddress ?? "");
    if (found.droplet?.id === dropletId) await assignIp(context, found.ip, undefined);
  },
});
