import { orMissing } from "../../../../providers/cloudflare-api/fault.ts";
import { accountOf, splitId } from "../ids.ts";
import { accountId, define } from "./shared.ts";

/** `cloudflare.WorkersScriptSubdomain`. Source: https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/subdomain/ */
export const workersScriptSubdomain = define({
  token: "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain",
  title: "workers.dev route",
  doc: "Whether a Worker is served at workers.dev. https://developers.cloudflare.com/workers/configuration/routing/workers-dev/",
  identity: ["accountId", "scriptName"],
  importFormat: "<account_id>/<script_name>",
  properties: {
    accountId,
    scriptName: { type: "string", mode: "required", replace: true, doc: "Name of the script." },
    enabled: {
      type: "boolean",
      mode: "required",
      doc: "Whether the Worker is available on the workers.dev subdomain.",
    },
    previewsEnabled: {
      type: "boolean",
      mode: "inherited",
      doc: "Whether the Worker's preview URLs are available on the workers.dev subdomain.",
    },
  },
  parseImportId(id) {
    const parts = splitId(id, ["accountId", "scriptName"]);
    return parts && { id: parts.scriptName ?? "", state: parts };
  },
  async create({ client }, inputs) {
    const found = await client.workers.scripts.subdomain.create(
      inputs.scriptName,
      paramsOf(inputs),
    );
    return { id: inputs.scriptName, state: stateOf(found) };
  },
  async read({ client }, id, known) {
    const found = await orMissing(client.workers.scripts.subdomain.get(id, accountOf(known.state)));
    return found && { id, state: { scriptName: id, ...stateOf(found) } };
  },
  async update({ client }, id, inputs) {
    return stateOf(await client.workers.scripts.subdomain.create(id, paramsOf(inputs)));
  },
  async delete({ client }, id, state) {
    await client.workers.scripts.subdomain.delete(id, accountOf(state));
  },
});

function paramsOf(inputs: {
  readonly accountId: string;
  readonly enabled: boolean;
  readonly previewsEnabled?: boolean | undefined;
}) {
  const { enabled, previewsEnabled } = inputs;
  const previews = previewsEnabled === undefined ? {} : { previews_enabled: previewsEnabled };
  return { ...accountOf(inputs), enabled, ...previews };
}

function stateOf(found: { enabled: boolean; previews_enabled: boolean }) {
  return { enabled: found.enabled, previewsEnabled: found.previews_enabled };
}
