import { orMissing } from "../../../../providers/digitalocean-api/fault.ts";
import type { Volume } from "../../../../providers/digitalocean-api/types.ts";
import { act } from "./actions.ts";
import { type DigitalOceanContext, define, uniqueId } from "./shared.ts";
import { volumePath } from "./volume.ts";

/** `digitalocean.VolumeAttachment`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#tag/Block-Storage-Actions */
export const volumeAttachment = define({
  token: "digitalocean:index/volumeAttachment:VolumeAttachment",
  title: "volume attachment",
  doc: "Attaches a volume to a droplet. https://docs.digitalocean.com/products/volumes/",
  identity: ["volumeId"],
  properties: {
    dropletId: { type: "integer", mode: "required", replace: true, doc: "The ID of the droplet." },
    volumeId: { type: "string", mode: "required", replace: true, doc: "The ID of the volume." },
  },
  async create(context, { dropletId, volumeId }) {
    if (!(await isAttached(context, volumeId, dropletId)))
      await act(context, volumePath(volumeId, "actions"), {
        type: "attach",
        droplet_id: dropletId,
      });
    return { id: uniqueId(`${dropletId}-${volumeId}`), state: {} };
  },
  async read(context, id, { state }) {
    const { volumeId, dropletId } = state;
    const attached = await orMissing(isAttached(context, volumeId ?? "", dropletId ?? 0));
    return attached ? { id, state: {} } : undefined;
  },
  async delete(context, _id, { volumeId, dropletId }) {
    if (await isAttached(context, volumeId ?? "", dropletId ?? 0))
      await act(context, volumePath(volumeId ?? "", "actions"), {
        type: "detach",
        droplet_id: dropletId,
      });
  },
});

async function isAttached(
  { client }: DigitalOceanContext,
  volumeId: string,
  dropletId: number,
): Promise<boolean> {
  const { volume } = await client.api.get<{ volume: Volume }>(volumePath(volumeId));
  return (volume.droplet_ids ?? []).includes(dropletId);
}
