import type { ResourceFact } from "../../isolation/facts.ts";
import { type FactValue, isFactMap, joinPath, leavesOf, Unknown } from "../../isolation/facts.ts";
import { type Environment, environmentsIn } from "../environment-names.ts";
import { isDeclared } from "../expectations.ts";
import { propertyOf, valueAt } from "../property-paths.ts";
import type { Finding, Rule, RuleView } from "../rule.ts";
import { WORKER } from "../vendor-types.ts";

/** Properties that hold a resource's own name at the vendor. */
const NAMES = [
  "name",
  "title",
  "identifier",
  "clusterIdentifier",
  "replicationGroupId",
  "queueName",
];

/** Types whose name stands in a property that for others means another resource. */
const NAMED_OTHERWISE: Readonly<Record<string, string>> = {
  [WORKER]: "scriptName",
  "aws:s3/bucket:Bucket": "bucket",
  "aws:s3/bucketV2:BucketV2": "bucket",
};

/** Things within something whose name says the environment, and names of the domain name system. */
const NAMELESS =
  /^(?:random|tls|command|local|time|docker-build|postgresql|mysql|kubernetes|bulkhead:postgres):|(?:dnsRecord|record|zone|domain|ruleset|databaseDb|databaseUser|databaseConnectionPool|workersKv|project):/i;

const TAGS = ["tags", "labels"];

/** Keys of tags, and variables, whose value is an environment and nothing else. */
const ENVIRONMENT_KEYS: ReadonlySet<string> = new Set([
  "environment",
  "env",
  "app_env",
  "deploy_env",
  "environment_name",
]);

const HOSTNAME = /^(?:[a-z0-9_-]+\.)+[a-z]{2,}\.?$/i;

export const environmentInName: Rule = {
  name: "environment-in-name",
  title: "Checks whether names and tags at the vendor say the environment that they belong to",
  severity: "medium",
  level: "mandatory",
  why: "Who looks at a dashboard, a bill or an incident must see which environment a thing belongs to.",
  remedy: "Name it after its environment (Scope.physicalName does) and after no other.",
  violation:
    "A bucket agentverse-reps in staging, or a Worker api-staging-production in production.",
  passes: "The names cutty-prod and agentverse-reps in production, and any host name.",
  *resource({ resource }, view) {
    if (isDeclared(resource)) {
      yield* wrongName(resource, view);
      yield* wrongTags(resource, view);
    }
    if (resource.type === WORKER) yield* wrongVariables(resource, view);
  },
};

function* wrongName(resource: ResourceFact, view: RuleView): Generator<Finding> {
  if (NAMELESS.test(resource.type)) return;
  const properties = [NAMED_OTHERWISE[resource.type] ?? [], NAMES].flat();
  for (const path of properties) {
    const name = valueAt(resource.inputs, path);
    const found = { urn: resource.urn, path };
    if (name instanceof Unknown)
      yield { ...found, status: "undecided", message: "Its name is not known yet." };
    if (typeof name !== "string" || HOSTNAME.test(name)) continue;
    const { carriesOwn, foreign } = spelled(name, resource.name, view);
    const { stack } = view.subject;
    if (foreign !== undefined)
      yield {
        ...found,
        status: "violation",
        message: `Its name "${name}" says ${foreign}, and it belongs to ${stack}.`,
      };
    // Production was often there before the other environments, and keeps its names.
    else if (!carriesOwn && view.tier !== "production")
      yield {
        ...found,
        status: "violation",
        message: `Its name "${name}" does not say that it belongs to ${stack}.`,
      };
  }
}

function* wrongTags(resource: ResourceFact, view: RuleView): Generator<Finding> {
  for (const property of TAGS) {
    for (const { path, value, secret } of leavesOf(propertyOf(resource, property), property)) {
      if (typeof value !== "string" || secret) continue;
      const key = /([\w-]+)"?\]?$/.exec(path)?.[1] ?? "";
      const tag = /^([\w-]+)[:=](.*)$/.exec(value);
      yield* wrongLabel(resource, path, tag?.[1] ?? key, tag?.[2] ?? value, view);
    }
  }
}

/** Variables of a Worker that say where it runs. */
function* wrongVariables(resource: ResourceFact, view: RuleView): Generator<Finding> {
  const bindings = propertyOf(resource, "bindings");
  if (!Array.isArray(bindings)) return;
  for (const [index, binding] of (bindings as readonly FactValue[]).entries()) {
    if (!isFactMap(binding) || binding.type !== "plain_text") continue;
    const { name, text } = binding;
    if (typeof name === "string" && typeof text === "string" && isEnvironmentKey(name))
      yield* wrongLabel(resource, joinPath(`bindings[${index}]`, "text"), name, text, view);
  }
}

function* wrongLabel(
  { urn, name }: ResourceFact,
  path: string,
  key: string,
  value: string,
  view: RuleView,
): Generator<Finding> {
  const { carriesOwn, foreign } = spelled(value, name, view);
  if (foreign === undefined && (carriesOwn || !isEnvironmentKey(key))) return;
  yield {
    status: "violation",
    urn,
    path,
    message: `It says "${value}", and it belongs to ${view.subject.stack}.`,
  };
}

const isEnvironmentKey = (key: string): boolean => ENVIRONMENT_KEYS.has(key.toLowerCase());

function spelled(name: string, logicalName: string, { subject, tier, siblings }: RuleView) {
  const own: Environment = { stack: subject.stack, tier };
  const others = siblings
    .filter(({ name: { project, stack } }) => project === subject.project && stack !== own.stack)
    .map(({ name: { stack } }) => ({ stack }));
  return environmentsIn(name, own, others, logicalName);
}
