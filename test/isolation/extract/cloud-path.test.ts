import { describe, expect, it } from "vitest";
import { ACCOUNT, claimsOf, referencesOf, resource, UUID } from "./support.ts";

const used = (name: string, text: string): string[] =>
  referencesOf(resource({ type: "acme:app/app:App", inputs: { envs: [{ name, value: text }] } }));

describe("a resource of Google Cloud or Azure", () => {
  const azure = `/subscriptions/${UUID}/resourceGroups/Shop/providers/Microsoft.Cache/Redis/Prod`;

  it.each([
    [
      "gcp:pubsub/topic:Topic",
      "projects/shop-prod/topics/jobs",
      {},
      "projects/shop-prod/topics/jobs",
    ],
    [
      "gcp:secretmanager/secret:Secret",
      "projects/shop-prod/secrets/db",
      {},
      "projects/shop-prod/secrets/db/versions/3",
    ],
    [
      "gcp:sql/databaseInstance:DatabaseInstance",
      "main",
      { connectionName: "shop-prod:europe-west1:main" },
      "shop-prod:europe-west1:main",
    ],
    [
      "azure-native:redis:Redis",
      azure,
      {},
      azure.toUpperCase().replace("/SUBSCRIPTIONS", "/subscriptions"),
    ],
  ])("%s %s is met by the path in another stack's variable", (type, id, outputs, text) => {
    const claims = claimsOf(resource({ type, id, outputs }));
    const [reference = "", ...others] = used("CONNECTION_NAME", text);
    expect(others).toEqual([]);
    expect(claims).toContain(reference.split(" ")[2]);
  });

  it("is not met by another's path", () => {
    const type = "gcp:pubsub/topic:Topic";
    const claims = claimsOf(resource({ type, id: "projects/shop-prod/topics/jobs" }));
    expect(claims).toEqual(["resource:gcp/projects/shop-prod/topics/jobs"]);
    expect(used("TOPIC", "projects/shop-dev/topics/jobs")).toEqual([
      "id envs[0].value resource:gcp/projects/shop-dev/topics/jobs",
    ]);
  });

  it("is a part of another thing where its id is that one's", () => {
    const topic = "projects/shop-prod/topics/jobs";
    const type = "gcp:pubsub/topicIAMPolicy:TopicIAMPolicy";
    expect(claimsOf(resource({ type, id: topic, inputs: { topic } }))).toEqual([
      `resource:${type}/-/${topic}`,
    ]);
  });
});

describe("a bucket's name in a variable of a Worker", () => {
  const worker = (bucketName: string, url = "https://api.example.com") =>
    referencesOf(
      resource({
        type: "cloudflare:index/workersScript:WorkersScript",
        inputs: {
          accountId: ACCOUNT,
          scriptName: "api",
          bindings: [
            { name: "FILES", type: "r2_bucket", bucketName },
            { name: "STORAGE_BUCKET_NAME", type: "plain_text", text: "prod-files" },
            { name: "STORAGE_URL", type: "plain_text", text: url },
          ],
        },
      }),
    ).filter((reference) => reference.includes("bindings[1].text"));

  it("meets a bucket of the account, and one of S3 (A14)", () => {
    expect(worker("dev-files")).toEqual([
      `name bindings[1].text r2:${ACCOUNT}/prod-files`,
      "name bindings[1].text s3:prod-files",
    ]);
  });

  it("is no bucket of S3 where a binding or a URL says which it is", () => {
    const found = [`name bindings[1].text r2:${ACCOUNT}/prod-files`];
    expect(worker("prod-files")).toEqual(found);
    expect(worker("dev-files", "https://prod-files.fra1.digitaloceanspaces.com")).toEqual(found);
  });
});
