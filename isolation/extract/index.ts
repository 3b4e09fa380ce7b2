import { leavesOf, type ResourceFact, type StackName, stackLabel, Unknown } from "../facts.ts";
import { s3Bucket } from "../identity/bucket.ts";
import { idIdentity } from "../identity/ids.ts";
import type { Claim, Reference } from "../observation.ts";
import { AWS } from "./aws.ts";
import { BULKHEAD } from "./bulkhead.ts";
import { CLOUDFLARE } from "./cloudflare.ts";
import { DIGITALOCEAN } from "./digitalocean.ts";
import { GENERIC_CLAIMS } from "./generic.ts";
import { mine, mineText } from "./mine.ts";
import { PULUMI, stackIdentity } from "./pulumi.ts";
import { RANDOM } from "./random.ts";
import { type Resolution, resolve } from "./resolve.ts";
import { type Extractor, propertiesOf, typeKey, type Vendor } from "./table.ts";

/** What a resource is and what it uses. */
export interface Extraction {
  /**
   * Each identity once. Empty for providers, for what is read and not owned, and for components
   * that no table knows.
   */
  readonly claims: Claim[];
  /** Each identity once a path. */
  readonly references: Reference[];
  /**
   * Paths whose value is not known yet and could hold a claim or a reference: inputs, and outputs
   * that a table reads. Outputs that a managed resource's claims are made of are left out.
   */
  readonly unknown: string[];
}

/** By package, the first part of a type token. */
const VENDORS: ReadonlyMap<string, Vendor> = new Map([
  ["aws", AWS],
  ["bulkhead", BULKHEAD],
  ["cloudflare", CLOUDFLARE],
  ["digitalocean", DIGITALOCEAN],
  ["pulumi", PULUMI],
  ["random", RANDOM],
]);

/**
 * What a resource of any type is and uses: by the table of its vendor, by its type and id, and by
 * all texts in it, secret ones included. Of a secret only what it points to is told: a server, a
 * bucket, an account, a host; never an id, which could be the secret itself.
 */
export function extract(resource: ResourceFact): Extraction {
  const { urn, custom, external } = resource;
  const {
    claims: claimRules = custom ? GENERIC_CLAIMS : [],
    references: rules = [],
    ignore = [],
  } = extractorOf(resource.type);
  const own = claimRules.map((rule) => resolve(rule, resource));
  const used = rules.map((rule) => ({ ...resolve(rule, resource), kind: rule.kind }));
  const claims = own.flatMap(({ found }) => found.map((one): Claim => ({ ...one, urn })));
  const exact = used.flatMap(({ found, kind }) =>
    found.map((one): Reference => ({ ...one, urn, kind })),
  );
  const account = exact.find(({ kind }) => kind === "account")?.identity;
  const mined = mine(propertiesOf(resource), {
    urn,
    account: account?.replace(/^account:cloudflare\//, ""),
    ignore,
  });
  const read = external ? claims.map((claim): Reference => ({ ...claim, kind: "read" })) : [];
  return {
    claims: external ? [] : unique(claims, ({ identity }) => identity),
    references: unique([...read, ...exact, ...withoutKnown(mined, claims, exact)], placeOf),
    // What is not known of a thing of one's own is given by the vendor, when the thing is new.
    unknown: unknownIn(resource, external ? [...own, ...used] : used),
  };
}

/**
 * What a text names that belongs to no resource: a config value, a stack output.
 *
 * @param secret false for a text that anybody may read, whose ids are told too.
 */
export function extractText(urn: string, path: string, text: string, secret = true): Reference[] {
  return unique(mineText(urn, path, text, secret), placeOf);
}

/** The claim of a stack on its own name. */
export function stackClaim(name: StackName): Claim {
  const { project, stack } = name;
  const urn = `urn:pulumi:${stack}::${project}::pulumi:pulumi:Stack::${project}-${stack}`;
  return { identity: stackIdentity(stackLabel(name)), urn, path: "" };
}

function extractorOf(type: string): Extractor {
  const vendor = VENDORS.get(type.replace(/:.*$/, ""));
  const key = typeKey(type);
  const exact = vendor?.types[key] ?? vendor?.types[key.replace(/\/.*$/, "/*")];
  const { every = {} } = vendor ?? {};
  return {
    ...every,
    ...exact,
    references: [...(every.references ?? []), ...(exact?.references ?? [])],
    ignore: [...(every.ignore ?? []), ...(exact?.ignore ?? [])],
  };
}

/**
 * What texts name and the tables have not told. At a path that a table has read, an id or a name is
 * that same thing; and an account's or a zone's id is no id of something else.
 */
function withoutKnown(
  mined: readonly Reference[],
  claims: readonly Claim[],
  exact: readonly Reference[],
): Reference[] {
  const known = [...claims, ...exact];
  const claimed = new Set(claims.map(({ identity }) => identity));
  const read = new Set(known.map(({ path }) => path));
  const owners = new Set(
    known.flatMap(({ identity }) => OWNER.exec(identity)?.slice(1).map(idIdentity) ?? []),
  );
  const told = [...known, ...mined.filter(({ kind }) => kind !== "name")];
  const elsewhere = new Set(
    told.flatMap(({ identity }) => OTHER_BUCKET.exec(identity)?.slice(1).map(s3Bucket) ?? []),
  );
  return mined.filter(
    ({ identity, path, kind }) =>
      // A name beside a binding or a URL of that bucket means that one.
      !(kind === "name" && elsewhere.has(identity)) &&
      !claimed.has(identity) &&
      !owners.has(identity) &&
      !(read.has(path) && (kind === "name" || identity.startsWith("id:"))),
  );
}

/** A bucket that is none of S3, by its name. */
const OTHER_BUCKET = /^(?:r2|spaces):.*\/([^/]+)$/;

/** The identities whose ids look like those of other things. */
const OWNER = /^(?:account:cloudflare\/|zone:)(.+)$/;

function unknownIn(resource: ResourceFact, resolutions: readonly Resolution[]): string[] {
  const paths = new Set(resolutions.flatMap(({ unknown }) => unknown));
  if (resource.external && resource.id === undefined) paths.add("id");
  for (const { path, value } of leavesOf(resource.inputs))
    if (value instanceof Unknown && !path.startsWith("__")) paths.add(path);
  return [...paths];
}

/** The first of each. */
function unique<T>(facts: readonly T[], keyOf: (fact: T) => string): T[] {
  const seen = new Set<string>();
  return facts.filter((fact) => {
    const key = keyOf(fact);
    return !seen.has(key) && seen.add(key);
  });
}

const placeOf = ({ identity, path }: Claim): string => `${identity}\n${path}`;
