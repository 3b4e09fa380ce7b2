import { describe, expect, test } from "vitest";
import {
  bindingFromApi,
  bindingToApi,
  reconcileBindings,
  sealBindings,
  validateBindings,
} from "../../../local/providers/cloudflare/workers-script/bindings.ts";
import { Secret, UNKNOWN } from "../../../providers/sdk/values.ts";

describe("Worker bindings (Q4)", () => {
  test("are spelled as the vendor's upload metadata has them", () => {
    expect(bindingToApi({ type: "d1", name: "DB", databaseId: "uuid" })).toEqual({
      type: "d1",
      name: "DB",
      id: "uuid",
    });
    expect(bindingToApi({ type: "json", name: "CFG", json: '{"a":[1]}' })).toEqual({
      type: "json",
      name: "CFG",
      json: { a: [1] },
    });
    expect(bindingToApi({ type: "r2_bucket", name: "FILES", bucketName: "b" })).toEqual({
      type: "r2_bucket",
      name: "FILES",
      bucket_name: "b",
    });
  });

  test("that mean the same keep the program's order, spelling and secret text", () => {
    const known = [
      { type: "secret_text", name: "JWT", text: "s3cret" },
      { type: "d1", name: "DB", databaseId: "uuid" },
      { type: "json", name: "CFG", json: '{ "a": 1 }' },
    ];
    const live = [
      { type: "d1", name: "DB", id: "uuid", database_id: "uuid" },
      { type: "json", name: "CFG", json: { a: 1 } },
      { type: "secret_text", name: "JWT" },
    ].map(bindingFromApi);
    expect(reconcileBindings(known, live)).toEqual(known);
  });

  test("that were changed, added or removed at the vendor show as drift", () => {
    const known = [
      { type: "plain_text", name: "ENVIRONMENT", text: "staging" },
      { type: "d1", name: "DB", id: "staging" },
      { type: "secret_text", name: "JWT", text: "s3cret" },
    ];
    const live = [
      { type: "plain_text", name: "ENVIRONMENT", text: "staging" },
      { type: "d1", name: "DB", id: "production" },
      { type: "ai", name: "AI" },
    ];
    expect(reconcileBindings(known, live)).toEqual([known[0], live[1], live[2]]);
  });

  test("seal a secret text that the program forgot to mark", () => {
    const bindings = [
      { type: "secret_text", name: "JWT", text: "s3cret" },
      { type: "secret_text", name: "NEW", text: UNKNOWN },
      { type: "plain_text", name: "ENVIRONMENT", text: "dev" },
    ];
    expect(sealBindings({ bindings }).bindings).toEqual([
      { type: "secret_text", name: "JWT", text: new Secret("s3cret") },
      bindings[1],
      bindings[2],
    ]);
  });

  test("without what their type needs, with a name used twice, or with broken JSON are refused", () => {
    const bindings = [
      { type: "d1", name: "DB" },
      { type: "ai", name: "DB" },
      { type: "json", name: "CFG", json: "{" },
      { type: "hyperdrive", name: "PG" },
    ];
    expect(validateBindings({ bindings }).map((each) => each.property)).toEqual([
      "bindings[0]",
      "bindings[1]",
      "bindings[2].json",
      "bindings[3]",
    ]);
    expect(validateBindings({ bindings: UNKNOWN })).toEqual([]);
  });
});
