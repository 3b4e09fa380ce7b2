/** Stacks as their states record them, and their findings, for tests of who has changed what. */
import type { OpenResource } from "../../../drift/engine/secrets.ts";
import type { Difference, Kind } from "../../../drift/finding.ts";
import { withTraces } from "../../../drift/trace/trace.ts";
import { openAccounts } from "../../../drift/vendors/accounts.ts";
import type { FactMap, ResourceFact } from "../../../isolation/facts.ts";

const urnOf = (type: string, name: string) => `urn:pulumi:staging::bulkhead::${type}::${name}`;

/** A resource as the state records it, with when Pulumi changed it last. */
export interface Recorded {
  readonly fact: ResourceFact;
  readonly changedAt: number | undefined;
}

export const recorded = (
  type: string,
  id: string,
  changedAt: number | undefined = Date.now(),
  inputs: FactMap = {},
): Recorded => ({
  fact: {
    urn: urnOf(type, id),
    type,
    name: id,
    id,
    custom: true,
    external: false,
    protect: false,
    inputs,
    outputs: {},
  },
  changedAt,
});

export const drifted = ({ fact }: Recorded, kind: Kind = "changed"): Difference => ({
  kind,
  subject: { urn: fact.urn, type: fact.type, name: fact.name, id: fact.id ?? null },
  message: "It is another one.",
  changes: [],
  trace: null,
  rules: [],
});

export const unowned = (type: string, id: string): Difference => ({
  ...drifted(recorded(type, id), "unmanaged"),
  subject: { urn: null, type, name: id, id },
});

export const provider = (vendor: string, inputs: FactMap): OpenResource => ({
  urn: urnOf(`pulumi:providers:${vendor}`, vendor),
  type: `pulumi:providers:${vendor}`,
  inputs,
  outputs: {},
});

/** Differences of a stack with these resources and providers, traced. */
export function traced(
  differences: readonly Difference[],
  stack: readonly Recorded[],
  providers: readonly OpenResource[],
  env: Readonly<Record<string, string>> = {},
) {
  const state: OpenResource[] = [
    ...providers,
    ...stack.map(({ fact, changedAt }) => ({
      ...fact,
      changedAt: changedAt === undefined ? undefined : new Date(changedAt).toISOString(),
    })),
  ];
  return withTraces(differences, {
    recorded: stack.map(({ fact }) => fact),
    secrets: async () => state,
    accounts: () => openAccounts(state, env),
    shown: (words) => words,
    now: Date.now(),
    signal: AbortSignal.timeout(60_000),
  });
}
