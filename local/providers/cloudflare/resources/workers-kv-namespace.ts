import type {
  Namespace,
  NamespaceCreateParams,
} from "cloudflare/resources/kv/namespaces/namespaces";
import { conflictOn, orMissing } from "../../../../providers/cloudflare-api/fault.ts";
import { present } from "../../present.ts";
import { accountOf, splitId } from "../ids.ts";
import { accountId, define } from "./shared.ts";

/** KV's code for a title that is taken. */
const TITLE_TAKEN = [10014];

/** `cloudflare.WorkersKvNamespace`. Source: https://developers.cloudflare.com/api/resources/kv/subresources/namespaces/ */
export const workersKvNamespace = define({
  token: "cloudflare:index/workersKvNamespace:WorkersKvNamespace",
  title: "KV namespace",
  doc: "A Workers KV namespace. https://developers.cloudflare.com/kv/",
  identity: ["accountId", "title"],
  importFormat: "<account_id>/<namespace_id>",
  properties: {
    accountId,
    title: {
      type: "string",
      mode: "required",
      doc: "A human-readable string name for a namespace.",
    },
    jurisdiction: {
      type: "string",
      mode: "inherited",
      replace: true,
      values: ["eu", "fedramp", "us"],
      doc: "Location to restrict the namespace to.",
    },
    supportsUrlEncoding: {
      type: "boolean",
      mode: "output",
      doc: "True if keys written via the URL will be URL-decoded before storing.",
    },
  },
  parseImportId(id) {
    const parts = splitId(id, ["accountId", "namespaceId"]);
    return parts && { id: parts.namespaceId ?? "", state: { accountId: parts.accountId } };
  },
  async create({ client }, inputs) {
    const params = {
      account_id: inputs.accountId,
      title: inputs.title,
      ...present({ jurisdiction: inputs.jurisdiction }),
    } as NamespaceCreateParams;
    return live(await conflictOn(TITLE_TAKEN, () => client.kv.namespaces.create(params)));
  },
  async read({ client }, id, known) {
    const found = await orMissing(client.kv.namespaces.get(id, accountOf(known.state)));
    return found && live(found);
  },
  async update({ client }, id, inputs) {
    const params = { account_id: inputs.accountId, title: inputs.title };
    return live(await client.kv.namespaces.update(id, params)).state;
  },
  async delete({ client }, id, state) {
    await client.kv.namespaces.delete(id, accountOf(state));
  },
  creationTimeUnknown: true,
  async findExisting({ client }, inputs) {
    for await (const each of client.kv.namespaces.list(accountOf(inputs)))
      if (each.title === inputs.title) return live(each);
    return undefined;
  },
});

function live(found: Namespace) {
  return {
    id: found.id,
    state: {
      title: found.title,
      ...present({
        jurisdiction: found.jurisdiction,
        supportsUrlEncoding: found.supports_url_encoding,
      }),
    },
  };
}
