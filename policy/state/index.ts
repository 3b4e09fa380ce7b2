/** A stack's state as facts. */
import { isDeepStrictEqual } from "node:util";
import {
  type FactMap,
  type ProviderFact,
  type ResourceFact,
  STACK_TYPE,
  type StackFacts,
  type StackName,
} from "../../isolation/facts.ts";
import { readState, type StateFile, type StateResource } from "./state-file.ts";
import { stateMap } from "./values.ts";

export { readState, refreshedIn, StateError, type StateFile, unsettledIn } from "./state-file.ts";

/**
 * The facts that `pulumi stack export` shows. Secrets are sealed; configuration is not in it.
 *
 * What may exist at the vendor counts as existing: resources that are to be deleted, and those whose
 * creation was interrupted, by what the program asked for.
 *
 * @throws StateError when the document cannot be understood.
 */
export function stateFacts(deployment: unknown, name: StackName): StackFacts {
  return factsOf(readState(deployment), name);
}

/** {@link stateFacts} of a state that was read before. */
export function factsOf({ deployment }: StateFile, name: StackName): StackFacts {
  const resources = deployment?.resources ?? [];
  const interrupted = (deployment?.pending_operations ?? [])
    // What is being deleted is still among the resources.
    .filter(({ type }) => type !== "deleting")
    .filter(({ type, resource }) => type !== "creating" || !wasMade(resource, resources))
    .map(({ resource }) => ({ ...resource, outputs: {} }));
  const providers = new Map(resources.map((each) => [`${each.urn}::${each.id}`, each]));
  return {
    ...name,
    phase: "state",
    config: {},
    resources: [...resources, ...interrupted]
      .filter(({ type }) => type !== STACK_TYPE)
      .map((each) => resourceFact(each, providers)),
    outputs: stackOutputs(resources),
  };
}

/**
 * Whether a later update has made what an interrupted one was to make: Pulumi keeps the interrupted
 * operation in the state until somebody refreshes it.
 */
const wasMade = ({ urn, inputs }: StateResource, resources: readonly StateResource[]): boolean =>
  resources.some(
    (each) =>
      each.urn === urn && !each.pendingReplacement && isDeepStrictEqual(each.inputs, inputs),
  );

/**
 * URNs of what an interrupted command was changing at the vendor, unless the state shows that it was
 * done since.
 */
export function interruptedIn({ deployment }: StateFile): readonly string[] {
  const resources = deployment?.resources ?? [];
  const open = (deployment?.pending_operations ?? []).filter(({ type, resource }) =>
    type === "deleting"
      ? resources.some(({ urn, id }) => urn === resource.urn && id === resource.id)
      : !wasMade(resource, resources),
  );
  return [...new Set(open.map(({ resource }) => resource.urn))];
}

function resourceFact(
  resource: StateResource,
  providers: ReadonlyMap<string, StateResource>,
): ResourceFact {
  const { urn, type, parent, custom, external, protect, retainOnDelete } = resource;
  // Deleted already, and to be made anew: only what the program asked for still holds.
  const gone = resource.pendingReplacement;
  return {
    urn,
    type,
    name: nameOf(urn),
    parent,
    custom,
    id: gone ? undefined : resource.id || undefined,
    external,
    inputs: stateMap(resource.inputs),
    outputs: gone ? {} : stateMap(resource.outputs),
    protect,
    retainOnDelete,
    provider: providerFact(resource.provider, providers),
    ...placesOf(resource),
  };
}

/** A place as Pulumi's SDK records one. Source: pulumi/pulumi sdk/nodejs/resource.ts. */
const POSITION = /^project:\/\/\/(?:file:)?(?<file>.+)#(?<line>\d+)(?:,\d+)?$/;

/** The places in the program itself; those in its packages say nothing of what it declares. */
function placesOf({ sourcePosition, stackTrace }: StateResource): Pick<ResourceFact, "declaredAt"> {
  const positions = [sourcePosition, ...(stackTrace ?? []).map((frame) => frame.sourcePosition)];
  const places = positions.flatMap((position) => {
    const { file, line } = POSITION.exec(position ?? "")?.groups ?? {};
    return file === undefined || file.includes("node_modules/") ? [] : [`${file}:${line}`];
  });
  return places.length === 0 ? {} : { declaredAt: [...new Set(places)] };
}

/**
 * @param reference the provider's URN and id, as `urn::id`.
 * @param providers by such references.
 */
function providerFact(
  reference: string | undefined,
  providers: ReadonlyMap<string, StateResource>,
): ProviderFact | undefined {
  if (reference === undefined || reference === "") return undefined;
  const urn = reference.slice(0, reference.lastIndexOf("::"));
  const [, , type = ""] = urn.split("::");
  return { urn, type, name: nameOf(urn), inputs: stateMap(providers.get(reference)?.inputs) };
}

const stackOutputs = (resources: readonly StateResource[]): FactMap =>
  stateMap(resources.find(({ type }) => type === STACK_TYPE)?.outputs);

/** The last part of a URN, which may itself hold colons. */
const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");
