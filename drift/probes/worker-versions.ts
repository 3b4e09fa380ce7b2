/** Which versions of a Worker serve, and whether Pulumi has deployed them. */
import { createHash } from "node:crypto";
import type Cloudflare from "cloudflare";
import type { ResourceFact } from "../../isolation/facts.ts";
import type { Difference, Trace } from "../finding.ts";
import type { CloudflareAccess } from "../vendors/accounts.ts";
import { found, isThere, isTold, lookAtEach, ownOf, textAt } from "./facts.ts";
import type { Probe, ProbeInput } from "./probe.ts";

const SCRIPT = "cloudflare:index/workersScript:WorkersScript";

/** A version as the API lists it. @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/versions/ */
export interface Version {
  readonly id: string;
  readonly number: number;
  readonly metadata: {
    readonly created_on: string;
    readonly author_email?: string;
    readonly source?: string;
  };
  readonly annotations?: { readonly "workers/triggered_by"?: string };
}

export interface Deployment {
  readonly created_on: string;
  readonly author_email?: string;
  readonly source?: string;
  readonly versions: readonly { readonly version_id: string; readonly percentage: number }[];
  readonly annotations?: { readonly "workers/triggered_by"?: string };
}

/**
 * Pulumi uploads a script as a whole. So a version that came of a secret that was put, or a deployment
 * that went back, is never Pulumi's; an upload is another's when it is younger than Pulumi's own.
 */
const SECRET = "secret";

/** What one upload changes carries times that differ a little. */
const SAME_MOMENT_MS = 5_000;

export const workerVersions: Probe = {
  name: "worker-versions",
  looksAt: "the versions of the Workers that serve",
  async run(input) {
    const scripts = ownOf(input, SCRIPT).filter((each) => isThere(input, each));
    if (scripts.length === 0) return [];
    const { cloudflare } = await input.accounts();
    if (cloudflare === undefined) return [];
    return lookAtEach(scripts, (script) => versionsOf(script, cloudflare, input));
  },
};

async function versionsOf(
  script: ResourceFact,
  access: CloudflareAccess,
  input: ProbeInput,
): Promise<readonly Difference[]> {
  const name = textAt(script.outputs, "scriptName") ?? script.name;
  const { client } = access;
  const path = `/accounts/${access.accountId}/workers/scripts/${encodeURIComponent(name)}`;
  const { deployments } = await ask<{ deployments: readonly Deployment[] }>(
    client,
    `${path}/deployments`,
  );
  const [deployment] = deployments;
  if (deployment === undefined) return [];
  const { items } = await ask<{ items: readonly Version[] }>(client, `${path}/versions`);
  // The list ends somewhere, and an early version may serve for years.
  const unlisted = deployment.versions.filter(({ version_id: id }) =>
    items.every((version) => version.id !== id),
  );
  const early = await Promise.all(
    unlisted.map(({ version_id: id }) => ask<Version>(client, `${path}/versions/${id}`)),
  );
  const told = ["content", "contentSha256"].some((each) => isTold(input, script.urn, each));
  const other = told ? "other code" : await otherCode(script, client, path);
  return versionDifferences(script, deployment, [...items, ...early], other);
}

/**
 * What Pulumi has not deployed of what serves. Pure.
 *
 * @param versions of the script, the newest first; those of the deployment are among them.
 * @param other how the code that serves differs; undefined: it does not.
 */
export function versionDifferences(
  script: ResourceFact,
  deployment: Deployment,
  versions: readonly Version[],
  other: string | undefined,
): readonly Difference[] {
  const live = deployment.versions.flatMap(({ version_id: id }) =>
    versions.filter((version) => version.id === id),
  );
  return [
    ...gradual(script, deployment, versions),
    ...secrets(script, live, versions),
    ...uploads(script, live, versions, deployment, other),
  ];
}

const ask = async <T>(client: Cloudflare, path: string): Promise<T> =>
  (await client.get<{ result: T }>(path)).result;

/** More than one version serves. */
function gradual(
  script: ResourceFact,
  { versions, ...deployment }: Deployment,
  items: readonly Version[],
): Difference[] {
  if (versions.length < 2) return [];
  const shares = versions.map(({ version_id: id, percentage }) => {
    const number = items.find((version) => version.id === id)?.number;
    return `${percentage} % by version ${number ?? id}`;
  });
  const message = `${script.name} is served by ${versions.length} versions (${shares.join(", ")}) instead of the one that was deployed.`;
  return [found("code", script, message, { key: "gradual", trace: traceOf(deployment) })];
}

/** Versions that serve now, or that lead to one that does, in which a secret was put. */
function secrets(
  script: ResourceFact,
  live: readonly Version[],
  items: readonly Version[],
): Difference[] {
  const newest = Math.max(...live.map(({ number }) => number));
  const put = items.filter(
    (version) =>
      triggerOf(version) === SECRET &&
      (live.includes(version) || (version.number <= newest && isYounger(version, script))),
  );
  const [last] = put;
  if (last === undefined) return [];
  const message = `A secret of ${script.name} was set in place ${put.length === 1 ? "" : `${put.length} times, the last `}in version ${last.number}, so that the Worker has another value than the stack.`;
  return [found("secret", script, message, { trace: traceOf({ ...last.metadata }) })];
}

/** What serves was not deployed by Pulumi: one finding, with all that is known of it. */
function uploads(
  script: ResourceFact,
  live: readonly Version[],
  items: readonly Version[],
  deployment: Deployment,
  other: string | undefined,
): Difference[] {
  const younger = live.find(
    (version) => triggerOf(version) !== SECRET && isYounger(version, script),
  );
  // Pulumi deploys what it has just uploaded; whoever goes back chooses an earlier one.
  const newest = Math.max(...live.map(({ number }) => number));
  const isSetBack = items.some(
    ({ number, metadata }) =>
      number > newest && Date.parse(metadata.created_on) < Date.parse(deployment.created_on),
  );
  const said = [
    ...(isSetBack ? [`was set back to version ${newest}`] : []),
    ...(younger && !isSetBack
      ? [`runs version ${younger.number}, which was uploaded after the stack's last deployment`]
      : []),
    ...(other === undefined ? [] : [`runs ${other} than the stack has deployed`]),
  ];
  if (said.length === 0) return [];
  const by = isSetBack ? deployment : ((younger ?? live[0])?.metadata ?? deployment);
  return [found("code", script, `${script.name} ${said.join(", and ")}.`, { trace: traceOf(by) })];
}

/** How the modules that serve differ from the stack's; undefined: they do not. */
async function otherCode(
  { inputs }: ResourceFact,
  client: Cloudflare,
  path: string,
): Promise<string | undefined> {
  const declared = textAt(inputs, "contentSha256") ?? hashed(textAt(inputs, "content"));
  const main = textAt(inputs, "mainModule");
  if (declared === undefined || main === undefined) return undefined;
  const answer = await client.get(`${path}/content/v2`, {}).asResponse();
  const form = await answer.formData();
  const module = form.get(main);
  if (module === null) return "other code";
  if (hashed(typeof module === "string" ? module : await module.text()) !== declared)
    return "other code";
  return [...form.keys()].some((name) => name !== main) ? "more modules" : undefined;
}

const hashed = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : createHash("sha256").update(text).digest("hex");

const triggerOf = ({ annotations }: Pick<Version, "annotations">): string | undefined =>
  annotations?.["workers/triggered_by"];

/** Whether a version was made after what Pulumi recorded when it deployed. */
function isYounger({ metadata }: Version, { outputs }: ResourceFact): boolean {
  const recorded = Date.parse(textAt(outputs, "modifiedOn") ?? "");
  return Date.parse(metadata.created_on) > recorded + SAME_MOMENT_MS;
}

function traceOf({
  created_on: at,
  author_email: author,
  source,
}: Pick<Deployment, "created_on" | "author_email" | "source">): Trace {
  const by = source === undefined ? "" : `, by ${source}`;
  return {
    actor: author || null,
    at: new Date(at).toISOString(),
    source: `Cloudflare deployments${by}`,
  };
}
