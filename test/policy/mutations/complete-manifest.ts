import { Secret } from "../../../isolation/facts.ts";
import type { Manifest } from "../../../isolation/manifest/index.ts";
import { type Estate, stackOf } from "../estate/spec.ts";
import { randomText } from "../estate/values.ts";
import { deployed, textOf } from "./changes.ts";
import type { Corpus, Mutation, NearMiss } from "./mutation.ts";

type Entry = Manifest["resources"][string];

/** Exports another manifest than the program's own. */
const exports = (name: string, change: (manifest: Manifest) => unknown): Mutation => ({
  name,
  knownAt: "update stack",
  change(estate) {
    estate.exported = change;
  },
});

/** Changes what the manifest says of the first resource that `has` something. */
const forged = (
  name: string,
  has: (entry: Entry) => boolean,
  change: (entry: Entry) => Entry,
): Mutation =>
  exports(name, (manifest) => {
    const [urn, entry] = Object.entries(manifest.resources).find(([, each]) => has(each)) ?? [];
    if (urn === undefined || entry === undefined) throw new Error("No resource to forge.");
    return { ...manifest, resources: { ...manifest.resources, [urn]: change(entry) } };
  });

const without = (manifest: Manifest, type: string): Manifest => ({
  ...manifest,
  resources: Object.fromEntries(
    Object.entries(manifest.resources).filter(([, entry]) => !entry.type.endsWith(type)),
  ),
});

const mutations: readonly Mutation[] = [
  {
    name: "a program that exports no manifest",
    knownAt: "preview stack",
    change(estate: Estate) {
      estate.exported = () => undefined;
    },
  },
  {
    name: "an incomplete manifest of a stack that is there already",
    knownAt: "preview stack",
    change(estate) {
      deployed(estate, "staging");
      estate.exported = (manifest) => without(manifest, ":D1Database");
    },
  },
  exports("a manifest of a later format", (manifest) => ({
    ...manifest,
    format: "bulkhead.isolation/2",
  })),
  exports("a text in place of a manifest", () => "nothing to see here"),
  exports("a manifest made with another salt", (manifest) => ({
    ...manifest,
    salt: "0123456789abcdef",
  })),
  exports("another stack's manifest", (manifest) => ({ ...manifest, stack: "production" })),
  exports("a manifest without the stack's Workers", (manifest) =>
    without(manifest, ":WorkersScript"),
  ),
  exports("a manifest without the component that owns a Worker's hosts", (manifest) =>
    without(manifest, "bulkhead:index:Worker"),
  ),
  {
    name: "a secret output that is in no resource",
    knownAt: "update stack",
    change(estate) {
      stackOf(estate, "staging").outputs = {
        ...stackOf(estate, "staging").outputs,
        handedOver: new Secret(randomText(40, "handed over")),
      };
    },
  },
  {
    name: "a text with a secret of a resource and one that is in none",
    knownAt: "update stack",
    change(estate) {
      const own = textOf(estate, "staging", "secret key", "result");
      stackOf(estate, "staging").outputs = {
        ...stackOf(estate, "staging").outputs,
        handedOver: new Secret(`own=${own};other=${randomText(40, "handed over")}`),
      };
    },
  },
  exports("a manifest without the stack's providers", (manifest) => without(manifest, ":aws")),
  exports("a manifest without the stack's configuration", (manifest) =>
    without(manifest, ":Config"),
  ),
  exports("a manifest that claims a resource that there is not", (manifest) => ({
    ...manifest,
    resources: {
      ...manifest.resources,
      "urn:pulumi:staging::bulkhead::a:b:C::ghost": { type: "a:b:C", claims: ["s3:ghost"] },
    },
  })),
  forged(
    "a manifest that keeps a claim back",
    ({ claims = [] }) => claims.length > 0,
    ({ claims, ...rest }) => ({ ...rest, claims: claims?.slice(1) }),
  ),
  forged(
    "a manifest that claims more than there is",
    ({ claims = [] }) => claims.length > 0,
    ({ claims = [], ...rest }) => ({ ...rest, claims: [...claims, "s3:somebody-elses"] }),
  ),
  forged(
    "a manifest that keeps a reference back",
    ({ references = [] }) => references.length > 1,
    ({ references, ...rest }) => ({ ...rest, references: references?.slice(1) }),
  ),
  forged(
    "a manifest that keeps a secret back",
    ({ secrets = [] }) => secrets.length > 0,
    ({ secrets: _, ...rest }) => rest,
  ),
  forged(
    "a manifest with another fingerprint for a secret",
    ({ secrets = [] }) => secrets.length > 0,
    ({ secrets = [], ...rest }) => ({
      ...rest,
      secrets: secrets.map((secret) => ({ ...secret, fingerprints: ["A".repeat(22)] })),
    }),
  ),
];

/** Ways to write two secrets in one text. */
const TOGETHER: Readonly<Record<string, (one: string, other: string) => string>> = {
  "a list": (one, other) => `${one};${other}`,
  "one word": (one, other) => `${one}-${other}`,
  JSON: (one, other) => JSON.stringify({ one, nested: [other] }),
  "two URLs": (one, other) => `postgresql://app:${one}@db:5432/app rediss://:${other}@cache:6379`,
  base64: (one, other) => Buffer.from(`${one}:${other}`).toString("base64"),
};

const nearMisses: readonly NearMiss[] = [
  ...Object.entries(TOGETHER).map(
    ([way, write]): NearMiss => ({
      name: `an output with the secrets of two resources in ${way}`,
      change(estate) {
        const [one, other] = ["secret key", "jwt v1"].map((key) =>
          textOf(estate, "staging", key, "result"),
        );
        stackOf(estate, "staging").outputs = {
          ...stackOf(estate, "staging").outputs,
          handedOver: new Secret(write(one ?? "", other ?? "")),
        };
      },
    }),
  ),
  {
    name: "a manifest without the components that own nothing themselves",
    change(estate) {
      estate.exported = (manifest) => ({
        ...manifest,
        resources: Object.fromEntries(
          Object.entries(manifest.resources).filter(
            ([, { type, claims }]) => !type.startsWith("bulkhead:index:") || claims !== undefined,
          ),
        ),
      });
    },
  },
  {
    name: "a manifest that tells more of a secret than the pack sees",
    change(estate) {
      estate.exported = (manifest) => ({
        ...manifest,
        resources: Object.fromEntries(
          Object.entries(manifest.resources).map(([urn, { secrets, ...rest }]) => [
            urn,
            {
              ...rest,
              secrets: [
                ...(secrets ?? []),
                { path: "derived", fingerprints: ["B".repeat(22)], length: 64, bits: 256 },
              ],
            },
          ]),
        ),
      });
    },
  },
];

export const completeManifest: Corpus = { mutations, nearMisses };
