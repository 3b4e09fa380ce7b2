import { orMissing } from "../../../../providers/cloudflare-api/fault.ts";
import { present } from "../../present.ts";
import { accountOf, splitId } from "../ids.ts";
import { accountId, define } from "./shared.ts";

/** `cloudflare.WorkersCronTrigger`. Source: https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/schedules/ */
export const workersCronTrigger = define({
  token: "cloudflare:index/workersCronTrigger:WorkersCronTrigger",
  title: "Worker cron trigger",
  doc: "The schedules of a Worker. https://developers.cloudflare.com/workers/configuration/cron-triggers/",
  identity: ["accountId", "scriptName"],
  importFormat: "<account_id>/<script_name>",
  properties: {
    accountId,
    scriptName: { type: "string", mode: "required", replace: true, doc: "Name of the script." },
    schedules: {
      type: {
        array: {
          object: {
            cron: { type: "string", mode: "required", doc: "Cron expression." },
            createdOn: { type: "string", mode: "output", doc: "When the schedule was created." },
            modifiedOn: { type: "string", mode: "output", doc: "When the schedule was changed." },
          },
        },
      },
      mode: "required",
      doc: "Cron schedules.",
    },
  },
  parseImportId(id) {
    const parts = splitId(id, ["accountId", "scriptName"]);
    return parts && { id: parts.scriptName ?? "", state: parts };
  },
  async create({ client }, inputs) {
    const body = inputs.schedules.map(({ cron }) => ({ cron }));
    const params = { ...accountOf(inputs), body };
    const found = await client.workers.scripts.schedules.update(inputs.scriptName, params);
    return { id: inputs.scriptName, state: { schedules: found.schedules.map(schedule) } };
  },
  async read({ client }, id, known) {
    const found = await orMissing(client.workers.scripts.schedules.get(id, accountOf(known.state)));
    return found && { id, state: { scriptName: id, schedules: found.schedules.map(schedule) } };
  },
  async update({ client }, id, inputs) {
    const body = inputs.schedules.map(({ cron }) => ({ cron }));
    const params = { ...accountOf(inputs), body };
    const found = await client.workers.scripts.schedules.update(id, params);
    return { schedules: found.schedules.map(schedule) };
  },
  async delete({ client }, id, state) {
    const params = { ...accountOf(state), body: [] };
    await client.workers.scripts.schedules.update(id, params);
  },
});

function schedule(found: { cron: string; created_on?: string; modified_on?: string }) {
  const times = present({ createdOn: found.created_on, modifiedOn: found.modified_on });
  return { cron: found.cron, ...times };
}
