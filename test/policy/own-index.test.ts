import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Observation } from "../../isolation/observation.ts";
import { OwnIndex } from "../../policy/own-index.ts";

const observation = (urn: string, identity: string, fingerprint: string): Observation => ({
  resource: {
    urn,
    type: "a:b:C",
    name: urn,
    custom: true,
    external: false,
    inputs: {},
    outputs: {},
    protect: false,
  },
  system: undefined,
  claims: [{ identity, urn, path: "id" }],
  references: [{ identity, urn, path: "name", kind: "name" }],
  secrets: [{ urn, path: "text", fingerprints: [fingerprint, "common"], length: 8, bits: 8 }],
  texts: [],
  unknown: [],
});

describe("the index of a stack's own facts", () => {
  test("finds what was declared, and by fingerprints each place once", () => {
    const all = [observation("a", "id:1", "f1"), observation("b", "id:1", "f2")];
    const index = OwnIndex.of(all);
    expect(index.ownersOf("id:1").map(({ fact }) => fact.urn)).toEqual(["a", "b"]);
    expect(index.usersOf("id:1").map(({ fact }) => fact.urn)).toEqual(["a", "b"]);
    expect(index.holdersOf(["common", "f2"]).map(({ fact }) => fact.urn)).toEqual(["a", "b"]);
    expect(index.ownersOf("id:2")).toEqual([]);
  });

  test("is the same whether it grew with the program or was made at once", () => {
    const steps = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(steps, (ids) => {
        const all = ids.map((id, at) => observation(`urn${at}`, `id:${id}`, `f${id}`));
        const grown = all.map((_, at) => OwnIndex.of(all.slice(0, at + 1))).at(-1);
        const fresh = OwnIndex.of(all.map((each) => ({ ...each })));
        for (let id = 0; id <= 5; id += 1) {
          const places = (index: OwnIndex | undefined) =>
            index?.ownersOf(`id:${id}`).map(({ fact }) => fact.urn);
          expect(places(grown)).toEqual(places(fresh));
        }
      }),
    );
  });

  test("is made anew when a resource is seen otherwise than before", () => {
    const first = observation("a", "id:1", "f1");
    OwnIndex.of([first, observation("b", "id:1", "f2")]);
    const index = OwnIndex.of([first, observation("b", "id:2", "f2")]);
    expect(index.ownersOf("id:1")).toHaveLength(1);
    expect(index.ownersOf("id:2")).toHaveLength(1);
  });
});
