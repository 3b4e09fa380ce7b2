import fc from "fast-check";
import { expect, test } from "vitest";
import { readManifest } from "../../../isolation/manifest/index.ts";

const manifest = {
  format: "bulkhead.isolation/1",
  project: "acme",
  stack: "staging",
  salt: "0123456789abcdef",
  resources: { "urn:1": { type: "a:b:C", claims: ["id:1"] } },
};
const withEntry = (entry: object) => ({ ...manifest, resources: { "urn:1": entry } });

test("a well-formed manifest is given back", () => {
  expect(readManifest(manifest)).toEqual({ manifest });
});

test("a manifest of a newer version says what to update", () => {
  expect(readManifest({ format: "bulkhead.isolation/2", anything: true })).toEqual({
    problem:
      "The isolation manifest has the format bulkhead.isolation/2, and this version of Bulkhead reads " +
      "bulkhead.isolation/1. Update Bulkhead to the version that the other stack was deployed with.",
  });
});

test.each([
  ["nothing", undefined, "is not an isolation manifest"],
  ["a text", "bulkhead.isolation/1", "is not an isolation manifest"],
  ["a list", [manifest], "is not an isolation manifest"],
  ["a manifest in JSON", JSON.stringify(manifest), "is not an isolation manifest"],
  ["another format", { format: "acme/1" }, 'has the format "acme/1", which is not known'],
  ["an older version", { format: "bulkhead.isolation/0" }, "which is not known"],
  ["no version", { format: "bulkhead.isolation" }, "which is not known"],
  [
    "no resources",
    { ...manifest, resources: undefined },
    "resources has a value of the wrong type",
  ],
  ["a salt itself", { ...manifest, salt: "h3Jt0mQv6uXxYp1bLz8KcA2w" }, "salt has a wrong value"],
  ["an unknown property", { ...manifest, extra: 1 }, "the manifest has a property that the format"],
  [
    "an unknown property of a resource",
    withEntry({ type: "a:b:C", x: 1 }),
    '["urn:1"] has a property',
  ],
  [
    "a claim that is no text",
    withEntry({ type: "a:b:C", claims: [1] }),
    "claims[0] has a value of",
  ],
  [
    "a reference of an unknown kind",
    withEntry({ type: "a:b:C", references: [["id:1", "p", "x"]] }),
    "references[0][2] has a wrong value",
  ],
  ["a short reference", withEntry({ type: "a:b:C", references: [["id:1"]] }), "references[0]"],
  [
    "a secret without fingerprints",
    withEntry({ type: "a:b:C", secrets: [{ path: "p" }] }),
    "secrets[0].fingerprints",
  ],
])("%s is refused with its place and a remedy", (_, value, problem) => {
  const read = readManifest(value);
  expect(read).toEqual({ problem: expect.stringContaining(problem) });
  expect(read).toEqual({ problem: expect.stringMatching(/\. (Deploy|Update) .+\.$/) });
});

test("whatever it is given, it never throws and repeats nothing that could be secret", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      const read = readManifest(value);
      expect("problem" in read).toBe(true);
    }),
  );
  const read = readManifest(withEntry({ type: "a:b:C", claims: { token: "hunter2-hunter2" } }));
  expect(JSON.stringify(read)).not.toContain("hunter2");
});
