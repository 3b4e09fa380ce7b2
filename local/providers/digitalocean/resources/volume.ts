import { orMissing } from "../../../../providers/digitalocean-api/fault.ts";
import type { Volume } from "../../../../providers/digitalocean-api/types.ts";
import { act } from "./actions.ts";
import { dateOf, define, lowerCase, setTags, tags } from "./shared.ts";

/** The path of a volume. */
export const volumePath = (id: string, ...rest: readonly string[]): string =>
  ["/volumes", ...[id, ...rest].map(encodeURIComponent)].join("/");

/** `digitalocean.Volume`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#tag/Block-Storage */
export const volume = define({
  token: "digitalocean:index/volume:Volume",
  title: "volume",
  doc: "A block storage volume. https://docs.digitalocean.com/products/volumes/",
  identity: ["name", "region"],
  importFormat: "<id>",
  properties: {
    name: {
      type: "string",
      mode: "required",
      replace: true,
      autoname: { maxLength: 64 },
      doc: "The name of the volume.",
    },
    region: {
      type: "string",
      mode: "required",
      replace: true,
      normalize: lowerCase,
      doc: "Slug of the region.",
    },
    size: { type: "integer", mode: "required", doc: "Size in GiB; it can only grow." },
    description: {
      type: "string",
      mode: "optional",
      unset: "",
      replace: true,
      doc: "A description.",
    },
    snapshotId: {
      type: "string",
      mode: "optional",
      replace: true,
      doc: "The snapshot to create the volume from.",
    },
    initialFilesystemType: {
      type: "string",
      mode: "optional",
      replace: true,
      values: ["ext4", "xfs"],
      doc: "File system that the new volume is formatted with.",
    },
    initialFilesystemLabel: {
      type: "string",
      mode: "optional",
      replace: true,
      doc: "Label of the new file system.",
    },
    filesystemType: {
      type: "string",
      mode: "inherited",
      replace: true,
      deprecated: "Use initialFilesystemType.",
      doc: "File system of the volume.",
    },
    tags,
    filesystemLabel: { type: "string", mode: "output", doc: "Label of the file system." },
    dropletIds: {
      type: { array: "integer" },
      mode: "output",
      incidental: true,
      doc: "IDs of the droplets that the volume is attached to.",
    },
    volumeUrn: { type: "string", mode: "output", doc: "The uniform resource name of the volume." },
  },
  validate({ size }, olds) {
    const before = olds?.size;
    if (typeof size !== "number" || typeof before !== "number" || size >= before) return [];
    return [
      {
        property: "size",
        reason: `"size" is ${size} GiB, and the volume has ${before} GiB already. A volume cannot shrink: set at least ${before}, or create another volume.`,
      },
    ];
  },
  parseImportId: (id) => ({ id, state: {} }),
  async create({ client }, inputs) {
    const { volume } = await client.api.post<{ volume: Volume }>("/volumes", {
      name: inputs.name,
      region: inputs.region.toLowerCase(),
      size_gigabytes: inputs.size,
      description: inputs.description,
      snapshot_id: inputs.snapshotId,
      filesystem_type: inputs.initialFilesystemType ?? inputs.filesystemType,
      filesystem_label: inputs.initialFilesystemLabel,
      tags: inputs.tags,
    });
    return live(volume);
  },
  async read({ client }, id) {
    const found = await orMissing(client.api.get<{ volume: Volume }>(volumePath(id)));
    return found && live(found.volume);
  },
  async update(context, id, { size, region, tags = [] }) {
    const { api } = context.client;
    const { volume } = await api.get<{ volume: Volume }>(volumePath(id));
    if (size > volume.size_gigabytes)
      await act(context, volumePath(id, "actions"), {
        type: "resize",
        size_gigabytes: size,
        region: region.toLowerCase(),
      });
    await setTags(api, { id, type: "volume" }, volume.tags ?? [], tags);
    return live((await api.get<{ volume: Volume }>(volumePath(id))).volume).state;
  },
  async delete({ client }, id) {
    await client.api.delete(volumePath(id));
  },
  async findExisting({ client }, { name, region }) {
    const query = { name, region: region.toLowerCase() };
    const [found] = await client.api.list<Volume>("/volumes", "volumes", query);
    return found && { ...live(found), createdAt: dateOf(found.created_at) };
  },
});

const live = (found: Volume) => ({
  id: found.id,
  state: {
    name: found.name,
    region: found.region.slug,
    size: found.size_gigabytes,
    description: found.description ?? "",
    filesystemType: found.filesystem_type ?? "",
    filesystemLabel: found.filesystem_label ?? "",
    tags: found.tags ?? [],
    dropletIds: found.droplet_ids ?? [],
    volumeUrn: `do:volume:${found.id}`,
  },
});
