/** Deploys a stack of an estate on paper: what the pack is told at each moment, and what it says. */
import { IsolationIndex } from "../../../isolation/compare/index.ts";
import type { ResourceFact } from "../../../isolation/facts.ts";
import { leavesOf, Unknown } from "../../../isolation/facts.ts";
import {
  entryOf,
  type Manifest,
  manifestOf,
  readManifest,
} from "../../../isolation/manifest/index.ts";
import type { Observation } from "../../../isolation/observation.ts";
import { observe, observeMap } from "../../../isolation/observe.ts";
import { createFingerprinter } from "../../../isolation/secrets/index.ts";
import {
  type Evaluation,
  evaluateResource,
  evaluateStack,
  type RuleFinding,
} from "../../../policy/evaluate.ts";
import type { ExportedManifest, Rule, RuleContext, Sibling } from "../../../policy/rule.ts";
import { announcedAt, factsAt, type Moment } from "./facts.ts";
import { type Estate, type StackSpec, stackOf } from "./spec.ts";

/** The moments at which the pack speaks, in order. */
export const MOMENTS = [
  "preview resource",
  "preview stack",
  "update resource",
  "update stack",
] as const;

/** What the pack says at each moment. */
export type Run = Readonly<Record<(typeof MOMENTS)[number], readonly Evaluation[]>>;

/** One for all runs: it remembers what takes long. */
const fingerprinters = new Map<string, ReturnType<typeof createFingerprinter>>();

/** Previews and updates a stack, whatever the pack says meanwhile. */
export async function run(
  estate: Estate,
  subject: string,
  rules: readonly Rule[],
  moments: readonly (typeof MOMENTS)[number][] = MOMENTS,
): Promise<Run> {
  const surroundings = await surroundingsOf(estate, subject);
  const result: Record<string, readonly Evaluation[]> = {};
  for (const moment of moments) {
    const [phase, scope] = moment.split(" ") as ["preview" | "update", "resource" | "stack"];
    const context = await contextOf(estate, subject, phase, surroundings);
    result[moment] =
      scope === "resource"
        ? await announce(estate, subject, phase, rules, context)
        : [await evaluateStack(rules, context)];
  }
  return result as Run;
}

/** All that the rules are given at the end of a preview or an update. */
export async function contextOf(
  estate: Estate,
  subject: string,
  phase: "preview" | "update",
  surroundings?: Surroundings,
): Promise<RuleContext> {
  const stack = stackOf(estate, subject);
  const observations = await observeStack(estate, stack, phase);
  return {
    ...(surroundings ?? (await surroundingsOf(estate, subject))),
    subject: factsAt(stack, phase),
    tier: stack.tier,
    observations,
    exported: exportedBy(estate, stack, observations),
    settings: estate.settings,
    today: estate.today,
    fingerprinter: fingerprinterOf(estate),
  };
}

/** Everything that was said as a violation at a moment. */
export const violations = (run: Run, moment: (typeof MOMENTS)[number]): RuleFinding[] =>
  (run[moment] ?? []).flatMap(({ findings }) => findings);

/** Everything that could not be told at a moment. */
export const undecided = (run: Run, moment: (typeof MOMENTS)[number]): RuleFinding[] =>
  (run[moment] ?? []).flatMap((evaluation) => evaluation.undecided);

/** What the pack sees of a stack at a moment. */
export async function observeStack(
  estate: Estate,
  stack: StackSpec,
  moment: Moment,
): Promise<Observation[]> {
  const fingerprinter = fingerprinterOf(estate);
  const { resources, config, outputs } = factsAt(stack, moment);
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  return Promise.all([
    ...resources.map((resource) => observe(resource, byUrn, fingerprinter)),
    observeMap("config", config, fingerprinter),
    observeMap("outputs", outputs, fingerprinter),
  ]);
}

/** Resource by resource, in the order of the program; what is only read is not announced. */
async function announce(
  estate: Estate,
  subject: string,
  moment: Moment,
  rules: readonly Rule[],
  context: RuleContext,
): Promise<Evaluation[]> {
  const stack = stackOf(estate, subject);
  const fingerprinter = fingerprinterOf(estate);
  const byUrn = new Map<string, ResourceFact>();
  const observations: Observation[] = [];
  const evaluations: Evaluation[] = [];
  for (const spec of stack.resources) {
    if (spec.external) continue;
    const resource = announcedAt(stack, spec, moment);
    byUrn.set(resource.urn, resource);
    observations.push(await observe(resource, byUrn, fingerprinter));
    const known = { ...context, observations: [...observations], exported: undefined };
    const last = observations.at(-1);
    if (last) evaluations.push(await evaluateResource(rules, last, known));
  }
  return evaluations;
}

type Surroundings = Pick<RuleContext, "siblings" | "others">;

async function surroundingsOf(estate: Estate, subject: string): Promise<Surroundings> {
  const others = estate.stacks.filter(({ stack }) => stack !== subject);
  const index = new IsolationIndex();
  for (const stack of others.filter(({ status }) => status === "deployed")) {
    const manifest = manifestFor(estate, stack, await observeStack(estate, stack, "update"));
    index.add(nameOf(stack), () => manifest);
  }
  return { siblings: others.map(siblingOf), others: index };
}

const nameOf = ({ project, stack }: StackSpec) => ({ project, stack });

/** What the program of a stack exports. */
function manifestFor(
  { settings }: Estate,
  stack: StackSpec,
  observations: readonly Observation[],
): Manifest {
  const entries = observations
    .filter(({ resource }) => resource.urn !== "outputs")
    .map((observation) => [observation.resource.urn, entryOf(observation)]);
  return manifestOf(nameOf(stack), settings.salt, Object.fromEntries(entries));
}

function siblingOf(stack: StackSpec): Sibling {
  const { status, tier } = stack;
  return {
    name: nameOf(stack),
    tier,
    status,
    problem:
      status === "unreadable" ? "Its state is of a newer version. Update this pack." : undefined,
    facts: status === "deployed" ? factsAt(stack, "state") : undefined,
  };
}

function fingerprinterOf({ settings: { salt } }: Estate): ReturnType<typeof createFingerprinter> {
  const known = fingerprinters.get(salt) ?? createFingerprinter(salt);
  fingerprinters.set(salt, known);
  return known;
}

/** In a preview the manifest is unknown as long as anything in the stack is. */
function exportedBy(
  estate: Estate,
  stack: StackSpec,
  observations: readonly Observation[],
): ExportedManifest {
  const manifest = manifestFor(estate, stack, observations);
  const value = estate.exported(structuredClone(manifest));
  if (value === undefined) return { status: "missing" };
  const unknown = observations.some(({ resource: { inputs, outputs } }) =>
    [...leavesOf(inputs), ...leavesOf(outputs)].some((leaf) => leaf.value instanceof Unknown),
  );
  if (unknown) return { status: "unknown" };
  const read = readManifest(value);
  return "manifest" in read
    ? { status: "known", manifest: read.manifest }
    : { status: "malformed", problem: read.problem };
}

/** Every secret text of an estate that is long enough to be told from a word. */
export function secretsOf(estate: Estate): Set<string> {
  const secrets = new Set<string>();
  for (const stack of estate.stacks) {
    const { config, resources, outputs } = factsAt(stack, "update");
    for (const facts of [
      config,
      outputs,
      ...resources.flatMap((each) => [each.inputs, each.outputs]),
    ])
      for (const { value, secret } of leavesOf(facts))
        if (secret && typeof value === "string" && value.length >= SHORTEST_SECRET)
          secrets.add(value);
  }
  return secrets;
}

const SHORTEST_SECRET = 8;
