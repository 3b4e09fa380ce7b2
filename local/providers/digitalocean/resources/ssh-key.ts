import { orMissing } from "../../../../providers/digitalocean-api/fault.ts";
import type { SshKey } from "../../../../providers/digitalocean-api/types.ts";
import type { PlainValue } from "../../../../providers/sdk/values.ts";
import { define } from "./shared.ts";

const keyPath = (id: string): string => `/account/keys/${encodeURIComponent(id)}`;
const trimmed = (value: PlainValue): PlainValue =>
  typeof value === "string" ? value.trim() : value;

/** `digitalocean.SshKey`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#tag/SSH-Keys */
export const sshKey = define({
  token: "digitalocean:index/sshKey:SshKey",
  title: "SSH key",
  doc: "A public SSH key for new droplets. https://docs.digitalocean.com/products/droplets/how-to/add-ssh-keys/",
  identity: ["publicKey"],
  importFormat: "<id>",
  properties: {
    name: {
      type: "string",
      mode: "required",
      autoname: { maxLength: 255 },
      doc: "The name of the key.",
    },
    publicKey: {
      type: "string",
      mode: "required",
      replace: true,
      normalize: trimmed,
      doc: "The public key.",
    },
    fingerprint: { type: "string", mode: "output", doc: "The fingerprint of the key." },
  },
  parseImportId: (id) => ({ id, state: {} }),
  async create({ client }, { name, publicKey }) {
    const body = { name, public_key: publicKey };
    return live((await client.api.post<{ ssh_key: SshKey }>("/account/keys", body)).ssh_key);
  },
  async read({ client }, id) {
    const found = await orMissing(client.api.get<{ ssh_key: SshKey }>(keyPath(id)));
    return found && live(found.ssh_key);
  },
  async update({ client }, id, { name }) {
    return live((await client.api.put<{ ssh_key: SshKey }>(keyPath(id), { name })).ssh_key).state;
  },
  async delete({ client }, id) {
    await client.api.delete(keyPath(id));
  },
  creationTimeUnknown: true,
  async findExisting({ client }, { publicKey }) {
    const keys = await client.api.list<SshKey>("/account/keys", "ssh_keys");
    const found = keys.find((each) => each.public_key.trim() === publicKey.trim());
    return found && live(found);
  },
});

const live = (key: SshKey) => ({
  id: String(key.id),
  state: { name: key.name, publicKey: key.public_key, fingerprint: key.fingerprint },
});
