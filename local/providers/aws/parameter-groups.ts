/** Parameter groups of RDS and of ElastiCache. */
import type { Properties } from "../../../providers/sdk/properties.ts";
import { groupRows } from "./named.ts";
import { inRequests, normalizeParameters, type Parameter, parameterChanges } from "./parameters.ts";
import { optional, REPLACE, required } from "./rows.ts";
import { MANAGED } from "./shared.ts";

/** Rows of a parameter group of either service. */
export const parameterGroupRows = {
  ...groupRows,
  description: optional("string", "Description of the group.", { replace: true, unset: MANAGED }),
  family: required("string", "Family of engine versions: postgres17, valkey8.", REPLACE),
} as const;

/** Rows of one parameter of either service. */
export const parameterRows = {
  name: required("string", "Name of the parameter."),
  value: required("string", "Value of the parameter."),
} as const;

/** Row of a group's parameters. */
export const parametersRow = <const R extends Properties>(rows: R) =>
  optional({ array: { object: rows } } as const, "Parameters that differ from the family's own.", {
    unset: [],
    normalize: normalizeParameters,
  } as const);

/** A service's requests about the parameters of its groups. */
export interface ParameterApi<P extends Parameter> {
  /** Those that somebody has set in the group, page by page. */
  readonly page: (
    group: string,
    marker: { readonly Marker?: string },
  ) => Promise<{ readonly parameters: readonly P[]; readonly marker: string | undefined }>;
  readonly set: (group: string, parameters: readonly Parameter[]) => Promise<unknown>;
  readonly reset: (group: string, parameters: readonly Parameter[]) => Promise<unknown>;
}

/** Parameters that somebody has set in the group. */
export async function ownParameters<P extends Parameter>(
  { page }: ParameterApi<P>,
  group: string,
): Promise<P[]> {
  const found: P[] = [];
  for (let Marker: string | undefined; ; ) {
    const { parameters, marker } = await page(group, Marker ? { Marker } : {});
    found.push(...parameters);
    Marker = marker;
    if (!Marker) return found;
  }
}

/** Brings a group's parameters to what the program says; may be done again. */
export async function bringParameters(
  api: ParameterApi<Parameter>,
  group: string,
  wanted: readonly Parameter[],
): Promise<void> {
  const { set, reset } = parameterChanges(await ownParameters(api, group), wanted);
  for (const part of inRequests(reset)) await api.reset(group, part);
  for (const part of inRequests(set)) await api.set(group, part);
}
