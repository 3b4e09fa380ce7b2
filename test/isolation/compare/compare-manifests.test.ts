import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareManifests, type ManifestSource } from "../../../isolation/compare/index.ts";
import type { ManifestEntry } from "../../../isolation/manifest/index.ts";
import { secret, stackWith } from "./manifests.ts";

const stack = (name: string) => ({ project: "acme", stack: name });

describe("stacks that share nothing", () => {
  test("have no conflicts, though each uses and holds twice what is its own", () => {
    const conflicts = compareManifests(
      ["dev", "staging", "production"].map((name) =>
        stackWith(name, {
          db: { claims: [`id:${name}`], secrets: [secret("password", `${name}-1`)] },
          replica: { claims: [`id:${name}`] },
          api: {
            references: [
              [`id:${name}`, "bindings[0].id", "binding"],
              [`server:${name}.example.com`, "bindings[1].text", "url"],
            ],
            secrets: [secret("bindings[2].text", `${name}-1`, `${name}-2`)],
          },
          worker: { references: [[`server:${name}.example.com`, "bindings[1].text", "url"]] },
        }),
      ),
    );
    expect(conflicts).toEqual([]);
  });

  test("are none, or one", () => {
    expect(compareManifests([])).toEqual([]);
    expect(compareManifests([stackWith("dev", { db: { claims: ["id:1"] } })])).toEqual([]);
  });
});

describe("a conflict names all its sides:", () => {
  test("a thing with two owners", () => {
    const conflicts = compareManifests([
      stackWith("staging", { db: { claims: ["id:1"] } }),
      stackWith("dev", {}),
      stackWith("production", { primary: { claims: ["id:1", "id:2"] } }),
    ]);
    expect(conflicts).toEqual([
      {
        kind: "claim",
        identity: "id:1",
        sides: [
          { stack: stack("production"), role: "owner", urn: "primary" },
          { stack: stack("staging"), role: "owner", urn: "db" },
        ],
      },
    ]);
  });

  test("a thing that only another stack owns", () => {
    const conflicts = compareManifests([
      stackWith("staging", { api: { references: [["id:1", "bindings[0].id", "binding"]] } }),
      stackWith("production", {
        db: { claims: ["id:1"] },
        api: { references: [["id:1", "bindings[0].id", "binding"]] },
      }),
    ]);
    expect(conflicts).toEqual([
      {
        kind: "foreign-reference",
        identity: "id:1",
        sides: [
          { stack: stack("production"), role: "owner", urn: "db" },
          { stack: stack("staging"), role: "user", urn: "api", path: "bindings[0].id" },
        ],
      },
    ]);
  });

  test("a thing that nobody owns", () => {
    const conflicts = compareManifests(
      ["staging", "production"].map((name) =>
        stackWith(name, { api: { references: [["server:db.example.com", "url", "url"]] } }),
      ),
    );
    expect(conflicts).toEqual([
      {
        kind: "shared-reference",
        identity: "server:db.example.com",
        sides: [
          { stack: stack("production"), role: "user", urn: "api", path: "url" },
          { stack: stack("staging"), role: "user", urn: "api", path: "url" },
        ],
      },
    ]);
  });

  test("a secret, once for all its fingerprints, without any", () => {
    const conflicts = compareManifests([
      stackWith("staging", { api: { secrets: [secret("a", "f1", "f2", "f3")] } }),
      stackWith("production", { jwt: { secrets: [secret("b", "f0", "f2", "f3")] } }),
    ]);
    expect(conflicts).toEqual([
      {
        kind: "secret",
        sides: [
          { stack: stack("production"), role: "holder", urn: "jwt", path: "b" },
          { stack: stack("staging"), role: "holder", urn: "api", path: "a" },
        ],
      },
    ]);
  });

  test("secrets that were hashed with another salt than most", () => {
    const holding = { api: { secrets: [secret("a", "f1")] } };
    const conflicts = compareManifests([
      stackWith("dev", holding, "aaaaaaaaaaaaaaaa"),
      stackWith("staging", { api: { secrets: [secret("a", "f2")] } }),
      stackWith("production", { api: { secrets: [secret("a", "f3")] } }),
      stackWith("empty", { api: {} }, "bbbbbbbbbbbbbbbb"),
    ]);
    expect(conflicts).toEqual([
      {
        kind: "salt",
        sides: [
          { stack: stack("dev"), role: "holder" },
          { stack: stack("production"), role: "holder" },
        ],
      },
    ]);
  });
});

const identity = fc.constantFrom("id:1", "id:2", "server:a", "constructor");
const entry: fc.Arbitrary<ManifestEntry> = fc.record({
  type: fc.constant("a:b:C"),
  claims: fc.uniqueArray(identity, { maxLength: 2 }),
  references: fc.array(fc.tuple(identity, fc.constantFrom("p", "q"), fc.constant("id" as const)), {
    maxLength: 3,
  }),
  secrets: fc.array(
    fc.record({
      path: fc.constantFrom("s", "t"),
      fingerprints: fc.uniqueArray(fc.constantFrom("f1", "f2", "f3"), { maxLength: 3 }),
    }),
    { maxLength: 2 },
  ),
});
const sources: fc.Arbitrary<ManifestSource[]> = fc
  .array(fc.tuple(fc.dictionary(fc.constantFrom("u1", "u2"), entry), fc.constantFrom("a", "b")), {
    maxLength: 5,
  })
  .map((stacks) =>
    stacks.map(([resources, salt], at) => stackWith(`stack-${at}`, resources, salt.repeat(16))),
  );

test("the order of the stacks makes no difference", () => {
  fc.assert(
    fc.property(
      sources.chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
      ),
      ([all, shuffled]) => {
        expect(compareManifests(shuffled)).toEqual(compareManifests(all));
      },
    ),
  );
});

test("what is found is what a comparison of every stack with every other finds", () => {
  fc.assert(
    fc.property(sources, (all) => {
      const entries = (at: ManifestSource) => Object.values(at.load().resources);
      const claims = (at: ManifestSource) => entries(at).flatMap((each) => each.claims ?? []);
      const uses = (at: ManifestSource) =>
        entries(at).flatMap(({ references = [] }) => references.map(([each]) => each));
      const expected = new Set<string>();
      for (const one of all)
        for (const other of all.filter((each) => each !== one)) {
          for (const each of claims(one))
            if (claims(other).includes(each)) expected.add(`claim ${each}`);
          for (const each of uses(one)) {
            const isOwned = all.some((at) => claims(at).includes(each));
            if (claims(other).includes(each) && !claims(one).includes(each))
              expected.add(`foreign-reference ${each}`);
            if (uses(other).includes(each) && !isOwned) expected.add(`shared-reference ${each}`);
          }
        }
      const found = compareManifests(all).filter(({ identity: each }) => each !== undefined);
      expect(new Set(found.map((each) => `${each.kind} ${each.identity}`))).toEqual(expected);
      for (const { sides } of found)
        expect(new Set(sides.map((side) => side.stack.stack)).size).toBeGreaterThan(1);
    }),
  );
});

test("a thing that a thousand stacks share is one conflict, found in linear time", () => {
  const many = Array.from({ length: 1000 }, (_, at) =>
    stackWith(`stack-${at}`, { api: { claims: ["id:1"], secrets: [secret("a", "f1")] } }),
  );
  const [claim, held, ...rest] = compareManifests(many);
  expect(rest).toEqual([]);
  expect([claim?.sides.length, held?.sides.length]).toEqual([1000, 1000]);
});
