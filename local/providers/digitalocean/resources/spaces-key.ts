import { orMissing } from "../../../../providers/digitalocean-api/fault.ts";
import type { SpacesKey } from "../../../../providers/digitalocean-api/types.ts";
import { dateOf, define } from "./shared.ts";

const keyPath = (accessKey: string): string => `/spaces/keys/${encodeURIComponent(accessKey)}`;

/** `digitalocean.SpacesKey`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#tag/Spaces-Keys */
export const spacesKey = define({
  token: "digitalocean:index/spacesKey:SpacesKey",
  title: "Spaces key",
  doc: "An access key of Spaces. https://docs.digitalocean.com/products/spaces/how-to/manage-access/",
  identity: ["name"],
  properties: {
    name: {
      type: "string",
      mode: "required",
      autoname: { maxLength: 63 },
      doc: "The name of the key.",
    },
    grants: {
      type: {
        array: {
          object: {
            bucket: {
              type: "string",
              mode: "required",
              doc: "Name of the bucket; empty for all of them, with full access.",
            },
            permission: {
              type: "string",
              mode: "required",
              values: ["read", "readwrite", "fullaccess"],
              doc: "What the key may do in it.",
            },
          },
        },
      },
      mode: "optional",
      unset: [],
      doc: "What the key may do.",
    },
    accessKey: { type: "string", mode: "output", doc: "The access key ID." },
    createdAt: { type: "string", mode: "output", doc: "When the key was created." },
    secretKey: { type: "string", mode: "output", secret: true, doc: "The secret access key." },
  },
  async create({ client }, { name, grants = [] }) {
    const { key } = await client.api.post<{ key: SpacesKey }>("/spaces/keys", { name, grants });
    return live(key);
  },
  async read({ client }, id) {
    const found = await orMissing(client.api.get<{ key: SpacesKey }>(keyPath(id)));
    return found && live(found.key);
  },
  async update({ client }, id, { name, grants = [] }) {
    return live((await client.api.put<{ key: SpacesKey }>(keyPath(id), { name, grants })).key)
      .state;
  },
  async delete({ client }, id) {
    await client.api.delete(keyPath(id));
  },
  secretToldOnce: true,
  async findExisting({ client }, { name }) {
    const keys = await client.api.list<SpacesKey>("/spaces/keys", "keys");
    const found = keys.find((each) => each.name === name);
    return found && { ...live(found), createdAt: dateOf(found.created_at) };
  },
});

const live = (key: SpacesKey) => ({
  id: key.access_key,
  state: {
    name: key.name,
    accessKey: key.access_key,
    createdAt: key.created_at,
    grants: (key.grants ?? []).map(({ bucket, permission }) => ({ bucket, permission })),
    // The vendor tells it this once.
    ...(key.secret_key && { secretKey: key.secret_key }),
  },
});
