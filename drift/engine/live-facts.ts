/** What a stack really consists of: its state, with what a refresh found instead. */
import type { ResourceFact, StackFacts } from "../../isolation/facts.ts";
import { stateMap } from "../../policy/state/values.ts";
import type { Step } from "./preview.ts";

/** A resource that is not as it was recorded. */
export interface ChangedResource {
  readonly recorded: ResourceFact;
  /** Undefined: it is gone at the vendor. */
  readonly live: ResourceFact | undefined;
  /** Paths of the inputs that the provider calls different, also where secrets hide the values. */
  readonly told: readonly string[];
}

/** The resources that a refresh would change, in the state's order. */
export function changedResources(recorded: StackFacts, steps: readonly Step[]): ChangedResource[] {
  const byUrn = new Map(steps.map((step) => [step.urn, step]));
  return recorded.resources.flatMap((resource) => {
    const step = byUrn.get(resource.urn);
    if (step === undefined) return [];
    return [
      {
        recorded: resource,
        live: step.op === "delete" ? undefined : liveResource(resource, step),
        told: Object.keys(step.detailedDiff ?? {}),
      },
    ];
  });
}

/** The stack as it really is. */
export function liveFacts(recorded: StackFacts, changed: readonly ChangedResource[]): StackFacts {
  const byUrn = new Map(changed.map((each) => [each.recorded.urn, each]));
  return {
    ...recorded,
    resources: recorded.resources.flatMap((resource) => {
      const change = byUrn.get(resource.urn);
      if (change === undefined) return [resource];
      return change.live === undefined ? [] : [change.live];
    }),
  };
}

function liveResource(recorded: ResourceFact, { new: found }: Step): ResourceFact {
  if (!found) return recorded;
  return {
    ...recorded,
    id: found.id || recorded.id,
    inputs: stateMap(found.inputs),
    outputs: stateMap(found.outputs),
  };
}
