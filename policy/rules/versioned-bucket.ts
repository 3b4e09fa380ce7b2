import { type ResourceFact, Unknown } from "../../isolation/facts.ts";
import { type Expectation, isDeclared, isTrue, unmet } from "../expectations.ts";
import { propertyOf } from "../property-paths.ts";
import type { Finding, Rule, RuleView } from "../rule.ts";
import { S3_BUCKETS, SPACES_BUCKET } from "../vendor-types.ts";

const EXPECTATIONS: readonly Expectation[] = [
  {
    types: [SPACES_BUCKET],
    path: "versioning.enabled",
    accepts: isTrue,
    message: "It keeps no earlier versions of its objects.",
  },
];

const VERSIONING: ReadonlySet<string> = new Set([
  "aws:s3/bucketVersioning:BucketVersioning",
  "aws:s3/bucketVersioningV2:BucketVersioningV2",
]);

export const versionedBucket: Rule = {
  name: "versioned-bucket",
  title: "Checks whether production's buckets keep earlier versions of their objects",
  severity: "high",
  level: "mandatory",
  why: "An object that was overwritten or deleted by mistake is gone unless the bucket kept it.",
  remedy: "Switch versioning on for the bucket.",
  violation: "A Spaces bucket of production without versioning.",
  passes: "An R2 bucket, whose vendor has no versioning, and a bucket of staging.",
  *resource({ resource }, { tier }) {
    if (tier === "production") yield* unmet(EXPECTATIONS, resource);
  },
  *stack(view) {
    if (view.tier !== "production") return;
    for (const resource of view.subject.resources)
      if (S3_BUCKETS.includes(resource.type) && isDeclared(resource)) yield* s3(resource, view);
  },
};

/** An S3 bucket's versioning is a resource of its own, or in older programs a property. */
function* s3(bucket: ResourceFact, { subject }: RuleView): Generator<Finding> {
  if (isTrue(propertyOf(bucket, "versioning.enabled"))) return;
  const names = [bucket.id, propertyOf(bucket, "bucket")].filter(
    (name) => typeof name === "string",
  );
  const settings = subject.resources.filter(({ type }) => VERSIONING.has(type));
  const own = settings.filter((each) => names.some((name) => name === propertyOf(each, "bucket")));
  const states = own.map((each) => propertyOf(each, "versioningConfiguration.status"));
  if (states.includes("Enabled")) return;
  const unknown =
    states.some((state) => state instanceof Unknown) ||
    settings.some((each) => propertyOf(each, "bucket") instanceof Unknown);
  yield {
    status: unknown ? "undecided" : "violation",
    urn: bucket.urn,
    path: "versioning",
    message: unknown
      ? "Whether it keeps earlier versions is not known yet."
      : "It keeps no earlier versions of its objects.",
  };
}
