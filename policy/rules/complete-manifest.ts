import { isProvider, type ResourceFact, stackLabel } from "../../isolation/facts.ts";
import { entryOf, type Manifest, type ManifestEntry } from "../../isolation/manifest/index.ts";
import type { Observation } from "../../isolation/observation.ts";
import { saltId } from "../../isolation/secrets/index.ts";
import { isDeclared } from "../expectations.ts";
import type { Finding, Rule, RuleView } from "../rule.ts";

export const completeManifest: Rule = {
  name: "complete-manifest",
  title: "Checks whether the stack tells the others all that it owns, uses and holds",
  severity: "critical",
  level: "mandatory",
  why: "Other stacks compare themselves with this manifest: what is missing in it can be shared without anybody noticing.",
  remedy:
    "Export the program's manifest unchanged as the output isolation (components/stack-manifest.ts).",
  violation: "A program without the output isolation, or one that leaves a database out of it.",
  passes: "A component that the manifest does not name, since what is in it is named by itself.",
  *stack(view) {
    const { exported } = view;
    if (exported?.status === "unknown")
      yield { ...FOUND, status: "undecided", message: "The manifest is not known yet." };
    else if (exported?.status === "missing")
      yield { ...FOUND, message: "The stack exports no manifest." };
    else if (exported?.status === "malformed")
      yield { ...FOUND, message: `The stack's manifest cannot be read. ${exported.problem}` };
    else if (exported?.status === "known") yield* differences(exported.manifest, view);
  },
};

const FOUND = { status: "violation", urn: "outputs", path: "isolation" } as const;

function* differences(manifest: Manifest, view: RuleView): Generator<Finding> {
  const { subject, settings, observations } = view;
  if (stackLabel(manifest) !== stackLabel(subject))
    yield { ...FOUND, message: `The manifest is of the stack ${stackLabel(manifest)}.` };
  if (manifest.salt !== saltId(settings.salt)) {
    yield {
      ...FOUND,
      message:
        "The manifest's fingerprints were made with another salt than policy/settings.yaml has.",
    };
    return;
  }
  const seen = new Set(observations.map(({ resource }) => resource.urn));
  const held = new Set(
    Object.values(manifest.resources).flatMap(({ secrets = [] }) =>
      secrets.flatMap(({ fingerprints }) => fingerprints),
    ),
  );
  for (const observation of observations) {
    if (!isDerived(observation.resource)) yield* missingFrom(manifest, observation);
    else {
      // A state shows of an output's secret that it is there; at the end of the update it was compared.
      if (subject.phase !== "state") yield* unheldSecrets(held, observation);
      // A component may own what none of its resources does: the hosts that a Worker answers on.
      if (observation.claims.length > 0)
        yield* missingFrom(manifest, { ...observation, references: [], secrets: [] });
    }
  }
  for (const [urn, { claims = [] }] of Object.entries(manifest.resources))
    if (!seen.has(urn) && claims.length > 0)
      yield { ...FOUND, message: `The manifest claims what no resource is: ${urn}.` };
}

/** Components and outputs say of resources what those say themselves. */
const isDerived = ({ urn, custom }: ResourceFact): boolean => !custom && urn !== "config";

/** A secret that no resource holds would be compared with nothing. */
function* unheldSecrets(
  held: ReadonlySet<string>,
  { resource: { urn }, secrets }: Observation,
): Generator<Finding> {
  // One fingerprint tells a secret, in whatever form; a text with several secrets needs one of each.
  const isHeld = (one: readonly string[]): boolean => one.some((each) => held.has(each));
  for (const { path, fingerprints, parts = [] } of secrets)
    if (!isHeld(fingerprints) || !parts.every(isHeld))
      yield {
        status: "violation",
        // Nothing is made of it; what is not compared must be said all the same.
        level: "advisory",
        urn,
        path,
        message: "No resource and no config key in the stack's manifest holds this secret.",
      };
}

/** The program's view of a resource must hold all of the pack's own. */
function* missingFrom({ resources }: Manifest, observation: Observation): Generator<Finding> {
  const { resource, secrets } = observation;
  const { urn } = resource;
  const mine = entryOf(observation);
  const theirs = resources[urn];
  const found = { status: "violation", urn } as const;
  if (theirs === undefined) {
    if (isDeclared(resource) || isProvider(resource) || hasSomething(mine))
      yield { ...found, message: "The stack's manifest does not name it." };
    return;
  }
  const { claims: own = [], references: used = [] } = mine;
  const claims = new Set(theirs.claims);
  const references = new Set(theirs.references?.map(([identity]) => identity));
  for (const identity of own)
    if (!claims.has(identity))
      yield { ...found, identity, message: "The stack's manifest does not say that it owns this." };
  for (const identity of claims)
    if (!own.includes(identity))
      yield {
        ...found,
        identity,
        message: "The stack's manifest claims this for it, and it is not so.",
      };
  for (const [identity, path] of used)
    if (!references.has(identity))
      yield {
        ...found,
        path,
        identity,
        message: "The stack's manifest does not say that it uses this.",
      };
  const held = new Set(theirs.secrets?.flatMap(({ fingerprints }) => fingerprints));
  const paths = new Set(theirs.secrets?.map(({ path }) => path));
  for (const { path, fingerprints, length } of secrets)
    if (fingerprints.some((each) => !held.has(each)) || (length === undefined && !paths.has(path)))
      yield {
        ...found,
        path,
        message: "The stack's manifest does not have this secret's fingerprints.",
      };
}

const hasSomething = ({ claims, references, secrets }: ManifestEntry): boolean =>
  [claims, references, secrets].some((list) => list !== undefined && list.length > 0);
