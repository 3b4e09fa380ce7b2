/**
 * Secrets that a refresh cannot change: their vendor never tells them again, so that a provider which
 * reads the resource keeps what the state has. Of any other secret a refresh may have brought a new
 * value, of which the manifest has no fingerprint.
 */
import { type FactMap, type ResourceFact, reveal } from "../../isolation/facts.ts";
import { pathSegments, valueAt } from "../property-paths.ts";
import {
  ELASTICACHE_GROUP,
  HYPERDRIVE,
  RDS_CLUSTER,
  RDS_INSTANCE,
  WORKER,
} from "../vendor-types.ts";

/** Properties by their type; true for every property. */
const NEVER_READ: Readonly<Record<string, readonly string[] | true>> = {
  // Made of chance and of nothing else: there is no vendor to ask.
  "random:index/randomBytes:RandomBytes": true,
  "random:index/randomPassword:RandomPassword": true,
  [HYPERDRIVE]: ["origin.password"],
  "cloudflare:index/mtlsCertificate:MtlsCertificate": ["privateKey"],
  "digitalocean:index/droplet:Droplet": ["userData"],
  "digitalocean:index/spacesKey:SpacesKey": ["secretKey"],
  [ELASTICACHE_GROUP]: ["authToken"],
  [RDS_CLUSTER]: ["masterPassword"],
  [RDS_INSTANCE]: ["password"],
};

/** @param path of a secret in the resource's inputs or outputs. */
export function isNeverRead({ type, inputs, outputs }: ResourceFact, path: string): boolean {
  if (type === WORKER)
    // A refresh may have read another kind of binding at that place into the outputs alone.
    return [inputs, outputs].every((values) => isSecretText(values, path));
  const properties = NEVER_READ[type];
  return properties === true || properties?.includes(path) === true;
}

/** The text of a secret binding, or nothing at all. */
function isSecretText(values: FactMap, path: string): boolean {
  if (valueAt(values, path) === undefined) return true;
  const [list, index, field, ...more] = pathSegments(path);
  if (list !== "bindings" || index === undefined || field !== "text" || more.length > 0)
    return false;
  const kind = valueAt(values, [list, index, "type"]);
  return kind !== undefined && reveal(kind) === "secret_text";
}
