import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ResourceFact } from "../../../isolation/facts.ts";
import { entryOf, manifestOf, readManifest } from "../../../isolation/manifest/index.ts";
import type { Observation } from "../../../isolation/observation.ts";
import { saltId } from "../../../isolation/secrets/index.ts";

const SALT = "h3Jt0mQv6uXxYp1bLz8KcA2w";
const URN = "urn:pulumi:staging::acme::cloudflare:index/workersScript:WorkersScript::api";

function observation(
  seen: Partial<Omit<Observation, "resource">>,
  resource: Partial<ResourceFact> = {},
): Observation {
  return {
    resource: {
      urn: URN,
      type: "cloudflare:index/workersScript:WorkersScript",
      name: "api",
      custom: true,
      external: false,
      inputs: {},
      outputs: {},
      protect: false,
      ...resource,
    },
    system: undefined,
    claims: [],
    references: [],
    secrets: [],
    texts: [],
    unknown: [],
    ...seen,
  };
}

const claim = (identity: string) => ({ identity, urn: URN, path: "id" });
const binding = (identity: string, path: string) =>
  ({ identity, urn: URN, path, kind: "binding" }) as const;

describe("an entry", () => {
  test("has what was seen, and nothing that was not", () => {
    expect(entryOf(observation({}))).toEqual({
      type: "cloudflare:index/workersScript:WorkersScript",
    });
    const full = observation(
      {
        system: "qhub",
        claims: [claim("worker:a/api"), claim("host:api.example.com"), claim("worker:a/api")],
        references: [binding("id:2", "bindings[1].id"), binding("id:1", "bindings[0].id")],
        secrets: [{ urn: URN, path: "b", fingerprints: ["y", "x"], length: 64, bits: 380.94 }],
        texts: [{ urn: URN, path: "content", text: "export default {}" }],
      },
      { external: true, retainOnDelete: true },
    );
    expect(entryOf(full)).toEqual({
      type: "cloudflare:index/workersScript:WorkersScript",
      external: true,
      retain: true,
      system: "qhub",
      claims: ["host:api.example.com", "worker:a/api"],
      references: [
        ["id:1", "bindings[0].id", "binding"],
        ["id:2", "bindings[1].id", "binding"],
      ],
      secrets: [{ path: "b", fingerprints: ["x", "y"], length: 64, bits: 380 }],
    });
  });

  test("tells of a secret that is not known that it is there", () => {
    const unknown = {
      urn: URN,
      path: "text",
      fingerprints: [],
      length: undefined,
      bits: undefined,
    };
    expect(entryOf(observation({ secrets: [unknown] })).secrets).toEqual([
      { path: "text", fingerprints: [] },
    ]);
  });

  test("is the same whatever the order of the facts", () => {
    const identities = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 6 });
    fc.assert(
      fc.property(identities, identities, (claims, references) => {
        const forwards = observation({
          claims: claims.map(claim),
          references: references.map((each) => binding(each, "p")),
        });
        const backwards = observation({
          claims: claims.map(claim).reverse(),
          references: references.map((each) => binding(each, "p")).reverse(),
        });
        expect(JSON.stringify(entryOf(forwards))).toBe(JSON.stringify(entryOf(backwards)));
      }),
    );
  });
});

describe("a manifest", () => {
  const name = { project: "acme", stack: "staging" };

  test("has its entries by URN, and of the salt only which one it is", () => {
    const entry = { type: "a:b:C" };
    const manifest = manifestOf(name, SALT, { "urn:b": entry, "urn:a": entry });
    expect(manifest).toEqual({
      format: "bulkhead.isolation/1",
      ...name,
      salt: saltId(SALT),
      resources: { "urn:a": entry, "urn:b": entry },
    });
    expect(Object.keys(manifest.resources)).toEqual(["urn:a", "urn:b"]);
    expect(JSON.stringify(manifest)).not.toContain(SALT);
  });

  test("is read as it was written", () => {
    const seen = observation({
      system: "qhub",
      claims: [claim("worker:a/api")],
      references: [binding("id:1", "bindings[0].id")],
      secrets: [{ urn: URN, path: "b", fingerprints: ["x"], length: 64, bits: 380.9 }],
    });
    const manifest = manifestOf(name, SALT, { [URN]: entryOf(seen), config: entryOf(seen) });
    expect(readManifest(JSON.parse(JSON.stringify(manifest)))).toEqual({ manifest });
  });
});
