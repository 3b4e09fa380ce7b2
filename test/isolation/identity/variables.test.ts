import { describe, expect, it } from "vitest";
import { identitiesOfText, type TextContext } from "../../../isolation/identity/index.ts";

const ACCOUNT = "fafd471125c7d36ecc18cf14aa317328";
const SUBSCRIPTION = "69b513ab-64ca-4a77-884e-f2b0b509b21f";

const identities = (text: string, context: TextContext = {}): string[] =>
  identitiesOfText(text, context).map(({ identity }) => identity);

describe("a bucket's name in a variable", () => {
  it.each(["S3_BUCKET", "BUCKET_NAME", "STORAGE_BUCKET_NAME", "BUCKET", "uploadBucket"])(
    "%s is every bucket that could have it (A14)",
    (name) => {
      expect(identities("prod-files", { name })).toEqual(["s3:prod-files"]);
      expect(identities("prod-files", { name, account: ACCOUNT })).toEqual([
        `r2:${ACCOUNT}/prod-files`,
        "s3:prod-files",
      ]);
    },
  );

  it("is the vendor's alone whose name is in the variable's", () => {
    expect(identities("prod-files", { name: "R2_BUCKET", account: ACCOUNT })).toEqual([
      `r2:${ACCOUNT}/prod-files`,
    ]);
    expect(identities("prod-files", { name: "GCS_BUCKET", account: ACCOUNT })).toEqual([
      "gcs:prod-files",
    ]);
  });

  it.each([
    ["S3_BUCKET", "true"],
    ["S3_BUCKET", "default"],
    ["S3_BUCKET", "12345"],
    ["S3_BUCKET", "Prod Files"],
    ["S3_BUCKET", "prod_files"],
    ["S3_BUCKET", "a"],
    ["S3_BUCKET", ""],
    ["S3_BUCKET_REGION", "eu-west-1"],
    ["BUCKET_PREFIX", "prod-files"],
    ["bucket", "prod-files"],
    ["STORAGE_NAME", "prod-files"],
    ["BUCKETLIST", "prod-files"],
  ])("is not %s: %s", (name, text) => {
    expect(identities(text, { name, account: ACCOUNT })).toEqual([]);
  });

  it("is not told of a secret", () => {
    expect(identities("prod-files", { name: "S3_BUCKET", secret: true })).toEqual([]);
  });
});

describe("a cloud's resource by its path", () => {
  it.each([
    ["projects/shop-prod/topics/jobs", "projects/shop-prod/topics/jobs"],
    ["projects/shop-prod/secrets/db/versions/latest", "projects/shop-prod/secrets/db"],
    ["//pubsub.googleapis.com/projects/shop-prod/topics/jobs", "projects/shop-prod/topics/jobs"],
    ["projects/shop-prod/instances/main", "projects/shop-prod/instances/main"],
  ])("%s is Google's %s", (text, path) => {
    expect(identities(text)).toEqual([`resource:gcp/${path}`]);
  });

  it.each([
    ["INSTANCE_CONNECTION_NAME", "shop-prod:europe-west1:main"],
    ["CLOUDSQL_MAIN", "shop-prod:europe-west1:main"],
    ["DSN", "app:pw@cloudsql(shop-prod:europe-west1:main)/app"],
    ["DSN", "user=app host=/cloudsql/shop-prod:europe-west1:main"],
  ])("%s: %s is the instance of Cloud SQL", (name, text) => {
    expect(identities(text, { name })).toEqual(["resource:gcp/projects/shop-prod/instances/main"]);
  });

  it("of Azure is told in one spelling, and its subscription is not told", () => {
    const path = `/providers/Microsoft.KeyVault/vaults/Prod`;
    const id = `/subscriptions/${SUBSCRIPTION.toUpperCase()}/resourceGroups/Shop${path}`;
    expect(identities(id)).toEqual([
      `resource:azure/subscriptions/${SUBSCRIPTION}/resourcegroups/shop${path.toLowerCase()}`,
    ]);
  });

  it.each([
    ["path", "projects/shop-prod"],
    ["path", "src/projects/a/b"],
    ["image", "projects/debian-cloud/global/images/family/debian-12"],
    ["zone", "projects/shop-prod/zones/europe-west1-b"],
    ["network", "projects/shop-prod/global/networks/default"],
    ["note", "see projects/shop-prod/topics/jobs"],
    ["tag", "shop-prod:europe-west1:main"],
    ["CONNECTION_NAME", "urn:example:main"],
    ["id", "/subscriptions/none/resourceGroups/shop/providers/Microsoft.KeyVault/vaults/prod"],
  ])("is not %s: %s", (name, text) => {
    expect(identities(text, { name })).toEqual([]);
  });

  it("is not told of a secret", () => {
    expect(identities("projects/shop-prod/topics/jobs", { secret: true })).toEqual([]);
  });
});
