import { type FactValue, type ResourceFact, Unknown } from "../../isolation/facts.ts";
import { type Expectation, isDeclared, isNotTrue, isTrue, unmet } from "../expectations.ts";
import { propertyOf, valueAt } from "../property-paths.ts";
import { letsEverybodyIn } from "../public-policies.ts";
import type { Finding, Rule } from "../rule.ts";
import { S3_BUCKETS, SPACES_BUCKET } from "../vendor-types.ts";

const PUBLIC_ACCESS_BLOCK = ["aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"];

/** Access control lists that let strangers in. */
const PUBLIC_ACLS: ReadonlySet<FactValue | undefined> = new Set([
  "public-read",
  "public-read-write",
  "authenticated-read",
]);

const EXPECTATIONS: readonly Expectation[] = [
  {
    types: ["cloudflare:index/r2ManagedDomain:R2ManagedDomain"],
    path: "enabled",
    accepts: isNotTrue,
    message: "It publishes every object of the bucket under r2.dev.",
  },
  {
    types: ["cloudflare:index/r2CustomDomain:R2CustomDomain"],
    path: "enabled",
    accepts: isNotTrue,
    message: "It publishes every object of the bucket under a domain.",
  },
  {
    types: [
      SPACES_BUCKET,
      ...S3_BUCKETS,
      "aws:s3/bucketAcl:BucketAcl",
      "aws:s3/bucketAclV2:BucketAclV2",
    ],
    path: "acl",
    accepts: (value) => !PUBLIC_ACLS.has(value),
    message: "Its access control list lets strangers read.",
  },
  // What is left out of such a block is off.
  ...["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"].map(
    (path) => ({
      types: PUBLIC_ACCESS_BLOCK,
      path,
      accepts: isTrue,
      message: `Without ${path} the bucket can be made public.`,
    }),
  ),
];

const POLICIES: ReadonlySet<string> = new Set([
  "aws:s3/bucketPolicy:BucketPolicy",
  "digitalocean:index/spacesBucketPolicy:SpacesBucketPolicy",
]);

/** Where a resource keeps its rules for browsers, and where those keep origins and methods. */
const CORS: Readonly<Record<string, { rules: string; origins: string; methods: string }>> = {
  "cloudflare:index/r2BucketCors:R2BucketCors": {
    rules: "rules",
    origins: "allowed.origins",
    methods: "allowed.methods",
  },
  ...Object.fromEntries(
    [
      "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
      "aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2",
      "digitalocean:index/spacesBucketCorsConfiguration:SpacesBucketCorsConfiguration",
      SPACES_BUCKET,
    ].map((type) => [
      type,
      { rules: "corsRules", origins: "allowedOrigins", methods: "allowedMethods" },
    ]),
  ),
};

const WRITING: ReadonlySet<FactValue> = new Set(["PUT", "POST", "DELETE", "PATCH"]);

export const privateBucket: Rule = {
  name: "private-bucket",
  title: "Checks whether buckets are closed to strangers",
  severity: "high",
  level: "mandatory",
  why: "Whoever knows or guesses the address of a public bucket reads every file in it.",
  remedy: "Keep the bucket private and serve its objects through a Worker or signed URLs.",
  violation: "An R2ManagedDomain with enabled: true.",
  passes: "An R2ManagedDomain with enabled: false, or a policy that names one account.",
  *resource({ resource }, { tier }) {
    yield* unmet(EXPECTATIONS, resource);
    if (!isDeclared(resource)) return;
    if (POLICIES.has(resource.type)) yield* publicPolicy(resource);
    if (tier === "production") yield* openCors(resource);
  },
};

function* publicPolicy(resource: ResourceFact): Generator<Finding> {
  const open = letsEverybodyIn(propertyOf(resource, "policy"));
  if (open === false) return;
  yield {
    status: open ? "violation" : "undecided",
    urn: resource.urn,
    path: "policy",
    message: open ? "It allows everybody." : "Whom it allows is not known yet.",
  };
}

function* openCors(resource: ResourceFact): Generator<Finding> {
  const cors = CORS[resource.type];
  const rules = cors && propertyOf(resource, cors.rules);
  if (cors === undefined || !Array.isArray(rules)) return;
  for (const [index, rule] of rules.entries()) {
    const origins = listIn(rule, cors.origins);
    const methods = listIn(rule, cors.methods);
    const found = { urn: resource.urn, path: `${cors.rules}[${index}]` };
    if (origins.includes("*") && methods.some((method) => WRITING.has(method)))
      yield {
        ...found,
        status: "violation",
        message: "It lets the pages of every website write to production's bucket.",
      };
    else if ([...origins, ...methods].some((item) => item instanceof Unknown))
      yield { ...found, status: "undecided", message: "Which origins it allows is not known yet." };
  }
}

/** The items of a list, or what stands in its place. */
function listIn(rule: FactValue, path: string): readonly FactValue[] {
  return [valueAt(rule, path) ?? []].flat();
}
