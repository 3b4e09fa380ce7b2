/** Switches off at Cloudflare what no resource of the stack declares. */

import { textAt } from "../../probes/facts.ts";
import type { CloudflareAccess } from "../../vendors/accounts.ts";
import { type RepairRule, type RepairSite, resourceOf } from "./repair.ts";

const BUCKET = ["cloudflare:index/r2Bucket:R2Bucket"];
const SCRIPT = ["cloudflare:index/workersScript:WorkersScript"];

/** The rule that R2 gives each bucket. @see https://developers.cloudflare.com/r2/buckets/object-lifecycles/ */
const DEFAULT_RULE = "Default Multipart Abort Rule";

type Jurisdiction = "default" | "eu" | "fedramp";

/** One call for the R2 bucket of a finding. */
const ofBucket =
  (
    effect: string,
    call: (
      buckets: CloudflareAccess["client"]["r2"]["buckets"],
      name: string,
      params: { account_id: string; jurisdiction: Jurisdiction },
      site: RepairSite,
    ) => Promise<unknown>,
  ): RepairRule["repair"] =>
  (subject) => ({
    effect,
    async apply(site) {
      const { client, accountId: account_id } = accessOf(site);
      const { outputs } = resourceOf(site, subject);
      const jurisdiction = (textAt(outputs, "jurisdiction") ?? "default") as Jurisdiction;
      const name = textAt(outputs, "name") ?? subject.id ?? "";
      await call(client.r2.buckets, name, { account_id, jurisdiction }, site);
    },
  });

/** One call for the Worker of a finding. */
const ofWorker =
  (
    effect: string,
    call: (
      scripts: CloudflareAccess["client"]["workers"]["scripts"],
      name: string,
      params: { account_id: string },
    ) => Promise<unknown>,
  ): RepairRule["repair"] =>
  (subject) => ({
    effect,
    async apply(site) {
      const { client, accountId: account_id } = accessOf(site);
      const { outputs } = resourceOf(site, subject);
      await call(client.workers.scripts, textAt(outputs, "scriptName") ?? subject.name, {
        account_id,
      });
    },
  });

export const CLOUDFLARE_REPAIRS: readonly RepairRule[] = [
  {
    types: BUCKET,
    key: /^(r2\.dev)$/,
    repair: ofBucket("Closes the bucket's address at r2.dev.", (buckets, name, params) =>
      buckets.domains.managed.update(name, { ...params, enabled: false }),
    ),
  },
  {
    types: BUCKET,
    key: /^(domains)$/,
    repair: ofBucket(
      "Takes the custom domains that the stack does not declare off the bucket.",
      async (buckets, name, params, { resources }) => {
        const declared = resources
          .filter(({ type }) => type === "cloudflare:index/r2CustomDomain:R2CustomDomain")
          .map(({ inputs }) => textAt(inputs, "domain"));
        const { domains } = await buckets.domains.custom.list(name, params);
        for (const { domain } of domains.filter((each) => !declared.includes(each.domain)))
          await buckets.domains.custom.delete(domain, { ...params, bucket_name: name });
      },
    ),
  },
  {
    types: BUCKET,
    key: /^(cors)$/,
    repair: ofBucket("Deletes the bucket's rules for other origins.", (buckets, name, params) =>
      buckets.cors.delete(name, params),
    ),
  },
  {
    types: BUCKET,
    key: /^(lifecycle)$/,
    repair: ofBucket(
      "Deletes the bucket's lifecycle rules but the one that R2 has made.",
      async (buckets, name, params) => {
        const { rules = [] } = await buckets.lifecycle.get(name, params);
        const kept = rules.filter(({ id }) => id === DEFAULT_RULE);
        await buckets.lifecycle.update(name, { ...params, rules: kept });
      },
    ),
  },
  {
    types: SCRIPT,
    key: /^(workers\.dev)$/,
    repair: ofWorker("Takes the Worker off workers.dev.", (scripts, name, params) =>
      scripts.subdomain.create(name, { ...params, enabled: false, previews_enabled: false }),
    ),
  },
  {
    types: SCRIPT,
    key: /^(cron)$/,
    repair: ofWorker("Deletes the Worker's schedules.", (scripts, name, params) =>
      scripts.schedules.update(name, { ...params, body: [] }),
    ),
  },
  {
    types: SCRIPT,
    key: /^(tail)$/,
    repair: ofWorker("Gives the Worker's log to nobody.", (scripts, name, params) =>
      scripts.settings.edit(name, { ...params, tail_consumers: [] }),
    ),
  },
  {
    types: SCRIPT,
    key: /^(logpush)$/,
    repair: ofWorker(
      "Ends that the Worker's log is pushed out of the account.",
      (scripts, name, params) => scripts.settings.edit(name, { ...params, logpush: false }),
    ),
  },
];

function accessOf({ accounts }: RepairSite): CloudflareAccess {
  if (accounts.cloudflare !== undefined) return accounts.cloudflare;
  throw new Error("The stack has no account at Cloudflare. Check its providers.");
}
