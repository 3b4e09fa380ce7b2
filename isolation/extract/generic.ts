import { type FactMap, leavesOf, type ResourceFact } from "../facts.ts";
import { arnIdentity } from "../identity/arn.ts";
import { cloudPathIdentity, cloudSqlIdentity } from "../identity/cloud-path.ts";
import { idIdentity, isUniqueId } from "../identity/ids.ts";
import { NO_SCOPE } from "../identity/kinds.ts";
import type { Identity } from "../observation.ts";
import type { Identify, Rule } from "./table.ts";

/** Properties that say what a resource's id is unique in, the narrowest first. */
const SCOPES = [
  "zoneId",
  "clusterId",
  "accountId",
  "projectId",
  "project",
  "subscriptionId",
  "region",
] as const;

/** The same, in a provider's configuration. */
const PROVIDER_SCOPES = [
  ...SCOPES,
  "tenantId",
  "organization",
  "owner",
  "cluster",
  "context",
  "host",
] as const;

/** A thing by its type and id, for types whose ids are unique in their scope alone. */
export function resourceIdentity(type: string, id: string, scope: string = NO_SCOPE): Identity {
  return `resource:${type}/${scope.replaceAll("/", ":")}/${id}`;
}

/** By the resource's id: globally unique, an ARN, or unique together with its type and scope. */
const ownId: Identify = (id, { resource, of }) => {
  if (isUniqueId(id) && !isInput(resource, id)) return idIdentity(id);
  const arn = arnIdentity(id);
  if (arn !== undefined) return arn;
  const path = cloudPathIdentity(id);
  if (path !== undefined && !isInput(resource, id)) return path;
  return of("arn") === undefined
    ? resourceIdentity(resource.type, id, scopeOf(resource))
    : undefined;
};

/** A resource whose id is among its inputs belongs to another thing, which has that id. */
function isInput({ inputs }: ResourceFact, id: string): boolean {
  const canonical = id.toLowerCase();
  for (const { value } of leavesOf(inputs))
    if (typeof value === "string" && value.toLowerCase() === canonical) return true;
  return false;
}

function scopeOf({ inputs, provider }: ResourceFact): string | undefined {
  return textAmong(inputs, SCOPES) ?? textAmong(provider?.inputs ?? {}, PROVIDER_SCOPES);
}

/** The first that is given. A secret one is left out, since identities are shown. */
function textAmong(values: FactMap, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = values[name];
    if (typeof text === "string" && text !== "") return text;
  }
  return undefined;
}

export const BY_ID: Rule = { at: "id", as: ownId };
export const BY_ARN: Rule = { at: "arn", as: arnIdentity };

/** What a resource of a type is that no table knows. */
export const GENERIC_CLAIMS: readonly Rule[] = [
  BY_ID,
  BY_ARN,
  // An instance of Cloud SQL, whose id is its bare name.
  { at: "connectionName", as: cloudSqlIdentity },
];
