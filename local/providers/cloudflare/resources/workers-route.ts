import { conflictOn, orMissing } from "../../../../providers/cloudflare-api/fault.ts";
import { present } from "../../present.ts";
import { splitId } from "../ids.ts";
import { define } from "./shared.ts";

/** Cloudflare's code for a route pattern that exists in the zone. */
const PATTERN_EXISTS = [10020];

/** `cloudflare.WorkersRoute`. Source: https://developers.cloudflare.com/api/resources/workers/subresources/routes/ */
export const workersRoute = define({
  token: "cloudflare:index/workersRoute:WorkersRoute",
  title: "Worker route",
  doc: "A URL pattern that a Worker answers. https://developers.cloudflare.com/workers/configuration/routing/routes/",
  identity: ["zoneId", "pattern"],
  importFormat: "<zone_id>/<route_id>",
  properties: {
    zoneId: { type: "string", mode: "required", replace: true, doc: "Zone identifier tag." },
    pattern: {
      type: "string",
      mode: "required",
      doc: "Pattern to match incoming requests against.",
    },
    script: {
      type: "string",
      mode: "optional",
      doc: "Name of the script to run; without one, requests bypass Workers.",
    },
  },
  parseImportId(id) {
    const parts = splitId(id, ["zoneId", "routeId"]);
    return parts && { id: parts.routeId ?? "", state: { zoneId: parts.zoneId } };
  },
  async create({ client }, inputs) {
    const params = { zone_id: inputs.zoneId, ...bodyOf(inputs) };
    return live(await conflictOn(PATTERN_EXISTS, () => client.workers.routes.create(params)));
  },
  async read({ client }, id, known) {
    const zone = { zone_id: known.state.zoneId ?? "" };
    const found = await orMissing(client.workers.routes.get(id, zone));
    return found && live(found);
  },
  async update({ client }, id, inputs) {
    const params = { zone_id: inputs.zoneId, ...bodyOf(inputs) };
    return live(await client.workers.routes.update(id, params)).state;
  },
  async delete({ client }, id, state) {
    await client.workers.routes.delete(id, { zone_id: state.zoneId ?? "" });
  },
  creationTimeUnknown: true,
  async findExisting({ client }, inputs) {
    for await (const each of client.workers.routes.list({ zone_id: inputs.zoneId }))
      if (each.pattern === inputs.pattern) return live(each);
    return undefined;
  },
});

function bodyOf(inputs: { readonly pattern: string; readonly script?: string | undefined }) {
  return { pattern: inputs.pattern, ...present({ script: inputs.script }) };
}

function live(found: { id: string; pattern: string; script?: string }) {
  // Cloudflare answers an empty script for a route that bypasses Workers.
  return { id: found.id, state: { pattern: found.pattern, script: found.script || undefined } };
}
