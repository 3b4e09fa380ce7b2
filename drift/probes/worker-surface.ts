/** Where a Worker answers, when it runs and who reads its log, beside what its stack declares. */
import type { ResourceFact } from "../../isolation/facts.ts";
import type { Difference } from "../finding.ts";
import type { CloudflareAccess } from "../vendors/accounts.ts";
import {
  found,
  isThere,
  isTold,
  listAt,
  listed,
  lookAtEach,
  ownOf,
  textAt,
  valueAt,
} from "./facts.ts";
import type { Probe, ProbeInput } from "./probe.ts";

/*
 * Routes and custom domains are things of their own, which are listed with all that no stack owns. Here is
 * what has no existence but as a setting of the Worker.
 */

const SCRIPT = "cloudflare:index/workersScript:WorkersScript";
const SUBDOMAIN = "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain";
const SCHEDULE = "cloudflare:index/workersCronTrigger:WorkersCronTrigger";

export const workerSurface: Probe = {
  name: "worker-surface",
  looksAt: "where the Workers answer and when they run",
  async run(input) {
    const scripts = ownOf(input, SCRIPT).filter((each) => isThere(input, each));
    if (scripts.length === 0) return [];
    const { cloudflare } = await input.accounts();
    if (cloudflare === undefined) return [];
    return lookAtEach(scripts, async (script) => {
      const name = textAt(script.outputs, "scriptName") ?? script.name;
      const isDeclared = (type: string) =>
        ownOf(input, type).some(({ outputs }) => textAt(outputs, "scriptName") === name);
      return [
        ...(isDeclared(SUBDOMAIN) ? [] : await addresses(script, name, cloudflare)),
        ...(isDeclared(SCHEDULE) ? [] : await schedules(script, name, cloudflare)),
        ...(await readers(script, name, cloudflare, input)),
      ];
    });
  },
};

async function addresses(
  script: ResourceFact,
  name: string,
  { client, accountId: account_id }: CloudflareAccess,
): Promise<Difference[]> {
  const answers = await client.workers.scripts.subdomain.get(name, { account_id });
  const places = [
    ...(answers.enabled ? ["at workers.dev"] : []),
    ...(answers.previews_enabled ? ["at the preview addresses of its versions"] : []),
  ];
  if (places.length === 0) return [];
  const message = `${script.name} answers ${places.join(" and ")}, which the stack does not declare.`;
  return [found("access", script, message, { key: "workers.dev" })];
}

async function schedules(
  script: ResourceFact,
  name: string,
  { client, accountId: account_id }: CloudflareAccess,
): Promise<Difference[]> {
  const { schedules } = await client.workers.scripts.schedules.get(name, { account_id });
  if (schedules.length === 0) return [];
  const times = schedules.map(({ cron }) => cron);
  const message = `${script.name} is started by cron (${listed(times)}), which the stack does not declare.`;
  return [found("code", script, message, { key: "cron" })];
}

/** Who gets the Worker's log. What the refresh compares, it has told already. */
async function readers(
  script: ResourceFact,
  name: string,
  { client, accountId: account_id }: CloudflareAccess,
  input: ProbeInput,
): Promise<Difference[]> {
  const settings = await client.workers.scripts.settings.get(name, { account_id });
  const declared = new Set(
    listAt(script.inputs, "tailConsumers").map((each) => JSON.stringify(serviceOf(each))),
  );
  const consumers = (settings.tail_consumers ?? [])
    .map(({ service }) => service)
    .filter((service) => !declared.has(JSON.stringify(service)));
  const differences: Difference[] = [];
  if (consumers.length > 0 && !isTold(input, script.urn, "tailConsumers")) {
    const message = `The log of ${script.name} goes to the Worker ${listed(consumers)}, which the stack does not declare.`;
    differences.push(found("access", script, message, { key: "tail" }));
  }
  const isPushed = settings.logpush === true && valueAt(script.inputs, "logpush") !== true;
  if (isPushed && !isTold(input, script.urn, "logpush")) {
    const message = `The log of ${script.name} is pushed out of the account by Logpush, which the stack does not declare.`;
    differences.push(found("access", script, message, { key: "logpush" }));
  }
  return differences;
}

const serviceOf = (consumer: unknown): unknown =>
  (consumer as { service?: unknown } | null)?.service;
