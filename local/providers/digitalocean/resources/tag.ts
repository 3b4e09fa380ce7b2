import { orMissing } from "../../../../providers/digitalocean-api/fault.ts";
import type { Tag } from "../../../../providers/digitalocean-api/types.ts";
import { define } from "./shared.ts";

const tagPath = (name: string): string => `/tags/${encodeURIComponent(name)}`;
const counted = (doc: string) =>
  ({ type: "integer", mode: "output", incidental: true, doc }) as const;

/** `digitalocean.Tag`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#tag/Tags */
export const tag = define({
  token: "digitalocean:index/tag:Tag",
  title: "tag",
  doc: "A tag. https://docs.digitalocean.com/products/droplets/how-to/tag/",
  identity: ["name"],
  importFormat: "<name>",
  properties: {
    name: {
      type: "string",
      mode: "required",
      replace: true,
      autoname: { maxLength: 255 },
      doc: "The name of the tag.",
    },
    databasesCount: counted("Number of database clusters that carry it."),
    dropletsCount: counted("Number of droplets that carry it."),
    imagesCount: counted("Number of images that carry it."),
    totalResourceCount: counted("Number of resources that carry it."),
    volumeSnapshotsCount: counted("Number of volume snapshots that carry it."),
    volumesCount: counted("Number of volumes that carry it."),
  },
  parseImportId: (name) => ({ id: name, state: { name } }),
  // The vendor takes a tag that exists already for the same one.
  async create({ client }, { name }) {
    return live((await client.api.post<{ tag: Tag }>("/tags", { name })).tag);
  },
  async read({ client }, id) {
    const found = await orMissing(client.api.get<{ tag: Tag }>(tagPath(id)));
    return found && live(found.tag);
  },
  async delete({ client }, id) {
    await client.api.delete(tagPath(id));
  },
});

function live({ name, resources }: Tag) {
  const count = (kind: string): number => {
    const of = resources?.[kind];
    return typeof of === "object" ? (of.count ?? 0) : 0;
  };
  return {
    id: name,
    state: {
      name,
      databasesCount: count("databases"),
      dropletsCount: count("droplets"),
      imagesCount: count("images"),
      volumeSnapshotsCount: count("volume_snapshots"),
      volumesCount: count("volumes"),
      totalResourceCount: resources?.count ?? 0,
    },
  };
}
