/** Rows, ids and comparisons that several property tables share. */
import type { DigitalOceanApi } from "../../../../providers/digitalocean-api/client.ts";
import { type Context, defineResource } from "../../../../providers/sdk/definition.ts";
import { isPlainMap } from "../../../../providers/sdk/properties.ts";
import type { PlainValue } from "../../../../providers/sdk/values.ts";
import type { DigitalOceanClient } from "../client.ts";

/** {@link defineResource} for this plugin's client. */
export const define = defineResource<DigitalOceanClient>();

/** What every operation here is given. */
export type DigitalOceanContext = Context<DigitalOceanClient>;

/** Slugs are lower case at the vendor. */
export const lowerCase = (value: PlainValue): PlainValue =>
  typeof value === "string" ? value.toLowerCase() : value;

/** For lists whose order says nothing. */
export const sorted = (value: PlainValue): PlainValue =>
  Array.isArray(value) ? value.map((each) => text(each)).sort() : value;

/** One text for values that are equal, whatever the order of their names. */
function text(value: PlainValue): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    isPlainMap(each as PlainValue)
      ? Object.fromEntries(Object.entries(each as object).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

/** The cluster that a database, login, pool or setting belongs to. */
export const clusterId = {
  type: "string",
  mode: "required",
  replace: true,
  doc: "The ID of the database cluster.",
} as const;

/** Tags of a resource. */
export const tags = {
  type: { array: "string" },
  mode: "optional",
  unset: [],
  normalize: (value: PlainValue) => sorted(Array.isArray(value) ? value.map(lowerCase) : value),
  doc: "A list of tag names.",
} as const;

/** The path of something that belongs to a cluster. */
export const clusterPath = (cluster: string, ...rest: readonly string[]): string =>
  ["/databases", ...[cluster, ...rest].map(encodeURIComponent)].join("/");

/** The import id of what belongs to a cluster. */
export const CLUSTER_CHILD = "<cluster_id>,<name>";

/** Splits `a,b`; undefined for anything else. */
export function splitPair(id: string): readonly [string, string] | undefined {
  const [left, right, ...rest] = id.split(",");
  return left && right && rest.length === 0 ? [left, right] : undefined;
}

/** An id for what the vendor gives none. */
export const uniqueId = (prefix: string): string =>
  `${prefix}-${Date.now()}${Math.random().toString(16).slice(2, 10)}`;

/** What the vendor says of a time, as a date. */
export const dateOf = (time: string | undefined): Date | undefined =>
  time === undefined ? undefined : new Date(time);

/** Gives a resource exactly the wanted tags. */
export async function setTags(
  api: DigitalOceanApi,
  resource: { readonly id: string; readonly type: "database" | "droplet" | "volume" },
  present: readonly string[],
  wanted: readonly string[],
): Promise<void> {
  const body = { resources: [{ resource_id: resource.id, resource_type: resource.type }] };
  for (const tag of without(present, wanted))
    await api.delete(`/tags/${encodeURIComponent(tag)}/resources`, body);
  for (const tag of without(wanted, present)) {
    await api.post("/tags", { name: tag });
    await api.post(`/tags/${encodeURIComponent(tag)}/resources`, body);
  }
}

/** Those of the first list that the second one has not. */
export function without<T>(these: readonly T[], those: readonly T[]): T[] {
  return these.filter((each) => !those.includes(each));
}
