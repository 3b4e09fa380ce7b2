import type { Context, Hono } from "hono";
import type { Endpoint } from "../engines/engines.ts";
import type { VendorContext } from "../vendor-context.ts";

/** What authentication has established, by `context.get(…)`. */
export interface DigitalOceanEnv {
  Variables: {
    /** The team that the token belongs to; everything is looked up in it alone. */
    accountId: string;
  };
}

export type DigitalOceanContext = Context<DigitalOceanEnv>;

/** How many of each kind a team has, for `bulkhead local status`. */
export type Inventory = Readonly<Record<string, number>>;

/** Something of a team that has a URN: it is in a project, and perhaps in a VPC. */
export interface TeamResource {
  /** `do:dbaas:<uuid>`, `do:droplet:<number>`, `do:space:<bucket>`, … */
  readonly urn: string;
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** The VPC whose private network it is in. */
  readonly vpcId?: string;
}

/** What carries tags, by the name that `/tags/:tag/resources` calls its kind. */
export interface Taggable {
  readonly resourceType: "database" | "droplet" | "volume";
  readonly list: (
    cloud: VendorContext,
    accountId: string,
  ) => readonly { readonly id: string; readonly tags: readonly string[] }[];
  readonly setTags: (
    cloud: VendorContext,
    accountId: string,
    id: string,
    tags: readonly string[],
  ) => Promise<void> | void;
}

/** One product, mounted under `/v2`; the server knows none by name. */
export interface DigitalOceanService {
  readonly name: string;
  /** `services`: all of them, for what concerns every product alike: members, projects, tags. */
  readonly routes: (
    cloud: VendorContext,
    services: readonly DigitalOceanService[],
  ) => Hono<DigitalOceanEnv>;
  /** Brings up what must run while the cloud does, and goes on with what a killed cloud left unfinished. */
  readonly start?: (cloud: VendorContext) => Promise<void>;
  /** Ends what runs in the cloud's own process; servers are the engines' to end. */
  readonly stop?: (cloud: VendorContext) => Promise<void>;
  /** Where its servers are to be found, running or not: no other server gets these. */
  readonly endpoints?: (cloud: VendorContext) => readonly Endpoint[];
  readonly inventory?: (cloud: VendorContext, accountId: string) => Inventory;
  /** What projects may hold; a VPC with one of these in it is not deleted. */
  readonly resources?: (cloud: VendorContext, accountId: string) => readonly TeamResource[];
  readonly taggable?: Taggable;
}
