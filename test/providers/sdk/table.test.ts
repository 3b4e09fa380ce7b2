import { describe, expect, test } from "vitest";
import { checkInputs } from "../../../providers/sdk/check.ts";
import { diffInputs, reconcileInputs } from "../../../providers/sdk/diff.ts";
import { markSecrets, previewCreate, previewUpdate } from "../../../providers/sdk/outputs.ts";
import type { Properties } from "../../../providers/sdk/properties.ts";
import { Secret, UNKNOWN } from "../../../providers/sdk/values.ts";

const properties = {
  name: { type: "string", mode: "required", replace: true, doc: "The name." },
  region: {
    type: "string",
    mode: "inherited",
    replace: true,
    doc: "The region.",
    normalize: (value) => String(value).toLowerCase(),
  },
  kind: {
    type: "string",
    mode: "optional",
    unset: "plain",
    values: ["plain", "rare"],
    doc: "Kind.",
  },
  size: { type: "integer", mode: "optional", doc: "Size." },
  rules: {
    type: {
      array: {
        object: {
          id: { type: "string", mode: "required", doc: "Id." },
          text: { type: "string", mode: "optional", doc: "Text." },
        },
      },
    },
    mode: "optional",
    unset: [],
    doc: "Rules.",
  },
  password: { type: "string", mode: "output", secret: true, doc: "Generated." },
  etag: { type: "string", mode: "output", volatile: true, doc: "Changes with every update." },
} as const satisfies Properties;

describe("check", () => {
  const reasons = (news: Parameters<typeof checkInputs>[2]) =>
    checkInputs("test:index:Thing", properties, news).failures.map((each) => each.reason);

  test("a property that does not exist is refused by name, with those that do", () => {
    expect(reasons({ name: "a", colour: "red" })).toEqual([
      '"colour" is not a property that test:index:Thing supports. Supported here: name, region, kind, size, rules.',
    ]);
  });

  test("an output cannot be set, a nested unknown property is named by its path", () => {
    expect(reasons({ name: "a", etag: "x" })[0]).toContain('"etag" is not a property');
    expect(reasons({ name: "a", rules: [{ id: "1", extra: true }] })[0]).toContain(
      '"rules[0].extra"',
    );
  });

  test("a missing, mistyped or impossible value is refused", () => {
    expect(reasons({})[0]).toContain('"name" is missing');
    expect(reasons({ name: 5 })[0]).toContain("must be a string, and is a number");
    expect(reasons({ name: "a", size: 1.5 })[0]).toContain("must be a whole number");
    expect(reasons({ name: "a", kind: "odd" })[0]).toContain("Use one of: plain, rare");
  });

  test("a secret value never shows in a refusal", () => {
    expect(
      reasons({ name: new Secret(["hunter2"]), kind: new Secret("hunter2") }).join(),
    ).not.toContain("hunter2");
  });

  test("unknowns and secrets pass, engine keys and nulls are dropped", () => {
    const secret = new Secret("a");
    const { inputs, failures } = checkInputs("test:index:Thing", properties, {
      name: secret,
      region: UNKNOWN,
      size: null,
      __defaults: [],
    });
    expect(failures).toEqual([]);
    expect(inputs).toEqual({ name: secret, region: UNKNOWN });
  });
});

describe("diff", () => {
  const diff = (olds: object, news: object, state = {}) =>
    diffInputs(properties, olds as never, news as never, state).map(
      (each) => `${each.kind} ${each.path}${each.replace ? " replace" : ""}`,
    );

  test("equal inputs make no change, whatever the spelling that the vendor ignores", () => {
    expect(diff({ name: "a", region: "ENAM" }, { name: "a", region: "enam" })).toEqual([]);
  });

  test("a name replaces, a kind changes in place, an unknown counts as a change", () => {
    expect(diff({ name: "a" }, { name: "b", kind: "rare" })).toEqual([
      "update name replace",
      "update kind",
    ]);
    expect(diff({ name: "a" }, { name: UNKNOWN })).toEqual(["update name replace"]);
  });

  test("leaving out a value is no change where it means the same or is the vendor's choice", () => {
    expect(diff({ name: "a", kind: "plain", region: "enam", rules: [] }, { name: "a" })).toEqual(
      [],
    );
  });

  test("a region given late is compared with the one that the vendor chose", () => {
    expect(diff({ name: "a" }, { name: "a", region: "enam" }, { region: "ENAM" })).toEqual([]);
    expect(diff({ name: "a" }, { name: "a", region: "weur" }, { region: "ENAM" })).toEqual([
      "update region replace",
    ]);
  });

  test("changes inside a list are told by their path", () => {
    const olds = { name: "a", rules: [{ id: "1", text: "x" }] };
    const news = { name: "a", rules: [{ id: "1" }, { id: "2" }] };
    expect(diff(olds, news)).toEqual(["delete rules[0].text", "add rules[1]"]);
  });
});

describe("reconcile", () => {
  test("a live resource that means the same keeps the program's spelling", () => {
    const inputs = { name: "a", region: "enam" };
    const live = { name: "a", region: "ENAM", kind: "plain", rules: [] };
    expect(reconcileInputs(properties, inputs, live)).toEqual(inputs);
  });

  test("drift shows, also in what the program left out", () => {
    expect(reconcileInputs(properties, { name: "a" }, { name: "a", kind: "rare" })).toEqual({
      name: "a",
      kind: "rare",
    });
    expect(reconcileInputs(properties, { name: "a", size: 3 }, { size: null })).toEqual({
      name: "a",
    });
  });

  test("an import takes every input from the live resource, except what is the default", () => {
    const live = { name: "a", region: "ENAM", kind: "plain", etag: "x", size: 3 };
    expect(reconcileInputs(properties, undefined, live)).toEqual({
      name: "a",
      region: "ENAM",
      size: 3,
    });
  });
});

describe("outputs", () => {
  test("a preview of a creation knows the inputs and nothing that the vendor decides", () => {
    expect(previewCreate(properties, { name: "a" })).toEqual({
      name: "a",
      region: UNKNOWN,
      password: UNKNOWN,
      etag: UNKNOWN,
    });
  });

  test("a preview of an update keeps what an update cannot change", () => {
    const state = { name: "a", region: "enam", password: new Secret("p"), etag: "1", size: 3 };
    expect(previewUpdate(properties, { name: "a", kind: "rare" }, state)).toEqual({
      name: "a",
      region: "enam",
      kind: "rare",
      password: new Secret("p"),
      etag: UNKNOWN,
    });
  });

  test("what the table calls a secret, and what came from a secret, is one again", () => {
    const rules = [{ id: "1", text: new Secret("hunter2") }];
    const marked = markSecrets(
      properties,
      { password: "p", name: "a", rules: [{ id: "1", text: "hunter2" }] },
      { name: new Secret("a"), rules },
    );
    expect(marked).toEqual({ password: new Secret("p"), name: new Secret("a"), rules });
  });

  test("a secret that moved in a list that drifted is still one", () => {
    const before = { rules: [{ id: "1" }, { id: "2", text: new Secret("hunter2") }] };
    expect(markSecrets(properties, { rules: [{ id: "2", text: "hunter2" }] }, before)).toEqual({
      rules: [{ id: "2", text: new Secret("hunter2") }],
    });
  });

  test("what moved to the place of a secret in a list of names is not one for that", () => {
    const [a, b, c] = [
      { name: "A", text: "1" },
      { name: "B", text: new Secret("hunter2") },
      { name: "C", text: "3" },
    ];
    const found = [
      { name: "B", text: "another" },
      { name: "C", text: "4" },
    ];
    expect(markSecrets(properties, { rules: found }, { rules: [a, b, c] })).toEqual({
      rules: [
        { name: "B", text: new Secret("another") },
        { name: "C", text: "4" },
      ],
    });
  });
});
