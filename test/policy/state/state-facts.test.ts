import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leavesOf, type ResourceFact, Secret, UNKNOWN } from "../../../isolation/facts.ts";
import { stateFacts } from "../../../policy/state/index.ts";
import { readState, StateError } from "../../../policy/state/state-file.ts";

/** From a real `pulumi stack export`, shortened, its secrets' ciphertexts replaced. */
const EXPORTED = JSON.parse(
  readFileSync(new URL("./exported-stack.json", import.meta.url), "utf8"),
);
const NAME = { project: "bulkhead", stack: "dev" };
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = { [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270" };

/** Encrypted as Pulumi's passphrase provider does: as long as the JSON, and a tag of 16 bytes. */
const encrypted = (json: string) => ({
  ...SECRET,
  ciphertext: `v1:AAAAAAAAAAAAAAAA:${Buffer.alloc(json.length + 16, 7).toString("base64")}`,
});

const URN = "urn:pulumi:dev::bulkhead::a:b/c:D::x";
const resource = (fields: object) => ({ urn: URN, type: "a:b/c:D", custom: true, ...fields });
const stateOf = (resources: readonly object[], more: object = {}) => ({
  version: 3,
  deployment: { manifest: {}, resources, ...more },
});
const factsOf = (fields: object): ResourceFact => {
  const [fact] = stateFacts(stateOf([resource(fields)]), NAME).resources;
  if (fact === undefined) throw new Error("The state has no resource.");
  return fact;
};

describe("a stack that Pulumi exported", () => {
  const facts = stateFacts(EXPORTED, NAME);
  const byType = (type: string) => facts.resources.find((each) => each.type === type);

  it("has its resources without the root, and the root's outputs as the stack's", () => {
    expect(facts).toMatchObject({ ...NAME, phase: "state", config: {} });
    expect(facts.resources.map(({ type }) => type)).toEqual([
      "pulumi:providers:cloudflare",
      "bulkhead:index:Scope",
      "pulumi:providers:random",
      "random:index/randomPassword:RandomPassword",
      "cloudflare:index/r2Bucket:R2Bucket",
      "cloudflare:index/d1Database:D1Database",
      "cloudflare:index/workersScript:WorkersScript",
    ]);
    expect(facts.outputs).toMatchObject({ environment: "dev", tier: "development" });
  });

  it("has each resource with its id, names, flags, values and provider", () => {
    expect(byType("cloudflare:index/d1Database:D1Database")).toMatchObject({
      name: "qhub",
      id: "0b74cffb-f867-45c7-9c26-c4e5ede9948e",
      custom: true,
      external: false,
      protect: false,
      retainOnDelete: false,
      parent: expect.stringMatching(/bulkhead:index:D1Database::qhub$/),
      inputs: { accountId: "3e4b134495ffe8b7e055e528c66b3cea", name: "qhub-dev" },
      outputs: { uuid: "0b74cffb-f867-45c7-9c26-c4e5ede9948e" },
      provider: {
        urn: "urn:pulumi:dev::bulkhead::pulumi:providers:cloudflare::cloudflare",
        type: "pulumi:providers:cloudflare",
        name: "cloudflare",
        inputs: { apiToken: new Secret(undefined), version: "6.22.1" },
      },
    });
    expect(byType("bulkhead:index:Scope")).toMatchObject({ custom: false, id: undefined });
  });

  it("has sealed secrets where Pulumi encrypted values, also deep inside", () => {
    const sealed = facts.resources.flatMap(({ inputs, outputs }) =>
      [...leavesOf(inputs), ...leavesOf(outputs)].filter(({ secret }) => secret),
    );
    expect(sealed.map(({ path, value }) => [path, value])).toEqual([
      ["apiToken", undefined],
      ["apiToken", undefined],
      ["bcryptHash", undefined],
      ["result", undefined],
      ["bindings[3].text", undefined],
      ["bindings[3].text", undefined],
    ]);
  });
});

describe("what may exist at the vendor", () => {
  it("includes a resource that is still to be deleted, beside its successor", () => {
    const { resources } = stateFacts(
      stateOf([resource({ id: "new" }), resource({ id: "old", delete: true })]),
      NAME,
    );
    expect(resources.map(({ id }) => id)).toEqual(["new", "old"]);
  });

  it("includes a creation that was interrupted, by what the program asked for", () => {
    const { resources } = stateFacts(
      stateOf([], {
        pending_operations: [
          { type: "creating", resource: resource({ inputs: { name: "files" } }) },
          { type: "deleting", resource: resource({ id: "gone" }) },
        ],
      }),
      NAME,
    );
    expect(resources).toMatchObject([{ urn: URN, id: undefined, inputs: { name: "files" } }]);
  });

  it("leaves out a creation that was interrupted and made by a later update", () => {
    const inputs = { name: "files" };
    const interrupted = {
      pending_operations: [{ type: "creating", resource: resource({ inputs }) }],
    };
    const made = stateFacts(stateOf([resource({ id: "made", inputs })], interrupted), NAME);
    expect(made.resources).toMatchObject([{ id: "made", inputs }]);
    const other = resource({ id: "old", inputs: { name: "before" } });
    const replaced = stateFacts(stateOf([other], interrupted), NAME);
    expect(replaced.resources).toMatchObject([{ id: "old" }, { id: undefined, inputs }]);
  });

  it("has no id and no outputs of a resource that was deleted in order to be replaced", () => {
    const replaced = { id: "old", inputs: { name: "n" }, outputs: { uuid: "old" } };
    const { id, inputs, outputs } = factsOf({ ...replaced, pendingReplacement: true });
    expect({ id, inputs, outputs }).toEqual({ id: undefined, inputs: { name: "n" }, outputs: {} });
    expect(factsOf(replaced)).toMatchObject({ id: "old", outputs: { uuid: "old" } });
  });

  it("tells what is read from what is owned, and what is protected or retained", () => {
    expect(factsOf({ external: true })).toMatchObject({ external: true });
    expect(factsOf({ protect: true, retainOnDelete: true })).toMatchObject({
      external: false,
      protect: true,
      retainOnDelete: true,
    });
  });
});

describe("values", () => {
  it("assets, archives and references to resources are their fields", () => {
    const asset = { [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", hash: "h", text: "t" };
    const archive = {
      [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7",
      hash: "h",
      assets: { "a.txt": asset },
    };
    const reference = { [SIGNATURE]: "5cf8f73096256a8f31e491e813e4eb8e", urn: URN, id: "i" };
    expect(factsOf({ inputs: { asset, archive, reference } }).inputs).toEqual({
      asset: { hash: "h", text: "t" },
      archive: { hash: "h", assets: { "a.txt": { hash: "h", text: "t" } } },
      reference: { urn: URN, id: "i" },
    });
  });

  it("the engine's own keys are left out, and what was not known then is unknown", () => {
    const inputs = { __defaults: ["a"], name: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" };
    expect(factsOf({ inputs }).inputs).toEqual({ name: UNKNOWN });
  });

  it.each(["null", "true", "false", '""'])(
    "an encrypted %s is no secret: nothing can be copied from it",
    (json) => {
      expect(factsOf({ outputs: { value: encrypted(json) } }).outputs).toEqual({ value: null });
    },
  );

  it("the shortest real secret, and one in a form that hides its length, stay secrets", () => {
    for (const value of [encrypted('"abcd"'), { ...SECRET, ciphertext: "AAAB" }]) {
      expect(factsOf({ outputs: { value } }).outputs).toEqual({ value: new Secret(undefined) });
    }
  });

  it("nothing of a secret stays, whether it was exported encrypted or in cleartext", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 8 }),
        fc.constantFrom("ciphertext", "plaintext"),
        (content, kind) => {
          const value = { ...SECRET, [kind]: `canary-${content}` };
          const state = stateOf([resource({ inputs: { a: [value] }, outputs: { b: { value } } })]);
          expect(JSON.stringify(readState(state))).not.toContain("canary");
        },
      ),
    );
  });
});

describe("names", () => {
  it("a resource's name may hold colons", () => {
    const urn = "urn:pulumi:dev::bulkhead::a:b/c:D::team::files";
    const [fact] = stateFacts(stateOf([resource({ urn })]), NAME).resources;
    expect(fact?.name).toBe("team::files");
  });

  it("a provider is found by URN and id, so that one under replacement is not mistaken for it", () => {
    const urn = "urn:pulumi:dev::bulkhead::pulumi:providers:cloudflare::own";
    const provider = (id: string, accountId: string) =>
      resource({ urn, type: "pulumi:providers:cloudflare", id, inputs: { accountId } });
    const { resources } = stateFacts(
      stateOf([
        provider("1", "a"),
        provider("2", "b"),
        ...["1", "2"].map((id) => resource({ provider: `${urn}::${id}` })),
      ]),
      NAME,
    );
    const used = resources.flatMap(({ provider }) => (provider === undefined ? [] : [provider]));
    expect(used).toMatchObject([
      { urn, name: "own", inputs: { accountId: "a" } },
      { urn, name: "own", inputs: { accountId: "b" } },
    ]);
  });
});

describe("a state that is", () => {
  it("new has no resources and no outputs", () => {
    for (const state of [
      { version: 3 },
      { version: 3, deployment: null },
      { version: 3, deployment: { manifest: {}, metadata: {} } },
      stateOf([]),
    ]) {
      expect(stateFacts(state, NAME)).toMatchObject({ resources: [], outputs: {} });
    }
  });

  it("of a newer Pulumi is refused with what to do", () => {
    expect(() => stateFacts({ version: 5, deployment: {} }, NAME)).toThrow(
      "Its state has version 5, and 4 is the newest that is understood here. Update Bulkhead.",
    );
  });

  it("no state is refused, naming the field and never its value", () => {
    const secret = "s3cr3t-value";
    for (const [state, field] of [
      [null, "the document"],
      ["{}", "the document"],
      [stateOf([{ urn: secret, type: "t" }]), "deployment.resources.0.urn"],
      [stateOf([resource({ inputs: secret })]), "deployment.resources.0.inputs"],
    ] as const) {
      expect(() => stateFacts(state, NAME)).toThrow(`Its state cannot be understood: ${field} is`);
      expect(() => stateFacts(state, NAME)).not.toThrow(secret);
    }
  });

  it("anything else never crashes: it is understood, or refused as a state", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const state of [value, { version: 3, deployment: value }]) {
          try {
            stateFacts(state, NAME);
          } catch (error) {
            expect(error).toBeInstanceOf(StateError);
          }
        }
      }),
    );
  });
});
