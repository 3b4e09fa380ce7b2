import type { Scope } from "../components/scope.ts";
import type { SystemResources } from "../components/system-outputs.ts";
import { agentverse } from "./agentverse.ts";
import { cutty } from "./cutty.ts";
import { handled } from "./handled.ts";
import { instainstru } from "./instainstru.ts";
import { qhub } from "./qhub.ts";

/** Every system that a stack can list under `bulkhead:systems`. */
export const systems = { qhub, agentverse, instainstru, handled, cutty } satisfies Record<
  string,
  (scope: Scope) => SystemResources
>;

export type SystemName = keyof typeof systems;

export const SYSTEM_NAMES = Object.keys(systems) as readonly SystemName[];
