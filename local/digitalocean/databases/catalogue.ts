import { regionSlugs } from "../catalogue/regions.ts";
import { unprocessable } from "../envelope.ts";

/** The engines that a cluster can have, by the vendor's slugs. */
export type EngineSlug = "pg" | "valkey";

/** A plan. Memory and connections are enforced by the engine; the storage is a figure. */
export interface Plan {
  readonly memoryMib: number;
  /** Storage that the plan comes with, and the most that it can be given. */
  readonly storageMib: { readonly base: number; readonly most: number };
  /** Whether the plan may have standby nodes. */
  readonly standby: boolean;
}

const GIB = 1024;
const plan = (memoryGib: number, base: number, most: number, standby = true): Plan => ({
  memoryMib: memoryGib * GIB,
  storageMib: { base: base * GIB, most: most * GIB },
  standby,
});

/**
 * Plans by slug, small to large.
 * @see https://www.digitalocean.com/pricing/managed-databases
 */
const PLANS: Readonly<Record<string, Plan>> = {
  "db-s-1vcpu-1gb": plan(1, 10, 30, false),
  "db-s-1vcpu-2gb": plan(2, 30, 60),
  "db-s-2vcpu-4gb": plan(4, 60, 200),
  "db-s-4vcpu-8gb": plan(8, 140, 500),
  "db-s-6vcpu-16gb": plan(16, 290, 1000),
  "gd-2vcpu-8gb": plan(8, 30, 500),
  "gd-4vcpu-16gb": plan(16, 60, 1000),
  "gd-8vcpu-32gb": plan(32, 130, 2000),
};

interface Offer {
  readonly version: string;
  /** When the vendor ends its support for that version; null when it has not said. */
  readonly endOfLife: string | null;
  readonly endOfAvailability: string | null;
}

/** The one version of each engine: what the machine's own programs are. */
const OFFERS: Readonly<Record<EngineSlug, Offer>> = {
  pg: {
    version: "17",
    endOfLife: "2029-11-08T00:00:00Z",
    endOfAvailability: "2029-05-08T00:00:00Z",
  },
  valkey: { version: "8", endOfLife: null, endOfAvailability: null },
};

/** Engines that the vendor has and the local cloud has not. */
const ELSEWHERE = ["mysql", "mongodb", "kafka", "opensearch", "advanced_pg", "advanced_mysql"];

const MOST_NODES = 3;
const CONNECTIONS_PER_GIB = 25;
/** Connections that the vendor keeps for its own maintenance. */
export const RESERVED_CONNECTIONS = 3;

export const planOf = (size: string): Plan => {
  const found = PLANS[size];
  if (found === undefined) throw new Error(`There is no plan ${size}.`);
  return found;
};

/** `max_connections` of a plan; clients get all but the reserved ones. */
export const connectionsOf = (size: string): number =>
  (planOf(size).memoryMib / GIB) * CONNECTIONS_PER_GIB;

export const offerOf = (engine: EngineSlug): Offer => OFFERS[engine];

export function requireEngine(engine: string): EngineSlug {
  if (engine === "pg" || engine === "valkey") return engine;
  if (engine === "redis") {
    throw unprocessable(
      "redis is no longer offered: Caching clusters cannot be created since 2025-04-30. Use the engine valkey.",
    );
  }
  if (ELSEWHERE.includes(engine)) {
    throw unprocessable(`The local cloud does not serve the engine ${engine}. Use pg or valkey.`);
  }
  throw unprocessable("invalid cluster engine");
}

export function requireVersion(engine: EngineSlug, version: string | undefined): string {
  const offered = offerOf(engine).version;
  if (version !== undefined && version !== offered) {
    throw unprocessable(`invalid cluster engine version. ${engine} is offered as "${offered}".`);
  }
  return offered;
}

/** Size, count of nodes and storage as one: what is offered of each depends on the others. */
export interface Layout {
  readonly size: string;
  readonly nodes: number;
  /** None for an engine that keeps its data in memory. */
  readonly storageMib: number;
}

export function requireLayout(
  engine: EngineSlug,
  wanted: { readonly size: string; readonly nodes: number; readonly storageMib?: number },
): Layout {
  const { size, nodes, storageMib } = wanted;
  const found = PLANS[size];
  if (found === undefined) throw unprocessable("invalid size");
  if (nodes < 1 || nodes > MOST_NODES) {
    throw unprocessable(`invalid num_nodes. A cluster has 1 to ${MOST_NODES} nodes.`);
  }
  if (nodes > 1 && !found.standby) {
    throw unprocessable(`invalid num_nodes. The size ${size} has no standby nodes.`);
  }
  if (engine === "valkey") {
    if (storageMib !== undefined && storageMib > 0) {
      throw unprocessable("storage_size_mib is not supported for this cluster type");
    }
    return { size, nodes, storageMib: 0 };
  }
  const { base, most } = found.storageMib;
  const storage = storageMib || base;
  if (storage < base || storage > most) {
    throw unprocessable(
      `invalid storage_size_mib. The size ${size} takes ${base} to ${most} MiB in a cluster.`,
    );
  }
  return { size, nodes, storageMib: storage };
}

/** Whether `wanted` is at least as large: the vendor never makes a node smaller. */
export const isNotSmaller = (wanted: string, present: string): boolean =>
  planOf(wanted).memoryMib >= planOf(present).memoryMib;

/** What `GET /databases/options` answers. */
export function options() {
  const slugs = Object.keys(PLANS);
  const withStandby = slugs.filter((slug) => planOf(slug).standby);
  const layouts = [
    { num_nodes: 1, sizes: slugs },
    { num_nodes: 2, sizes: withStandby },
    { num_nodes: 3, sizes: withStandby },
  ];
  const engines = Object.entries(OFFERS);
  return {
    options: Object.fromEntries(
      engines.map(([engine, { version }]) => [
        engine,
        { regions: regionSlugs(), versions: [version], layouts },
      ]),
    ),
    version_availability: Object.fromEntries(
      engines.map(([engine, { version, endOfLife, endOfAvailability }]) => [
        engine,
        [{ version, end_of_life: endOfLife, end_of_availability: endOfAvailability }],
      ]),
    ),
  };
}
