import { describe, expect, it } from "vitest";
import { ai, resolveBindings } from "../../components/worker-bindings.ts";

describe("a Worker's bindings", () => {
  it("are sorted by name, hold the identity, and leave out what is undefined", () => {
    const bindings = resolveBindings(
      { Z: "last", AI: ai(), PREVIOUS: undefined },
      { ENVIRONMENT: "staging" },
    );
    expect(bindings.map(({ name, api }) => [name, api])).toEqual([
      ["AI", { type: "ai" }],
      ["ENVIRONMENT", { type: "plain_text", text: "staging" }],
      ["Z", { type: "plain_text", text: "last" }],
    ]);
  });

  it("refuse a plain text under a name that announces a secret, by whole words", () => {
    expect(() => resolveBindings({ JWT_SECRET: "value" }, {})).toThrow(
      "bindings.JWT_SECRET is a plain text",
    );
    expect(resolveBindings({ TOKENIZER: "wordpiece" }, {})).toHaveLength(1);
  });

  it("never show the refused value", () => {
    expect(() => resolveBindings({ API_TOKEN: "hunter2" }, {})).not.toThrow("hunter2");
  });

  it("refuse a name that is not a variable, and one that replaces the identity", () => {
    expect(() => resolveBindings({ "MY-DB": "x" }, {})).toThrow("is not a JavaScript variable");
    expect(() => resolveBindings({ ENVIRONMENT: "x" }, { ENVIRONMENT: "dev" })).toThrow(
      "bindings.ENVIRONMENT is set by the Worker component itself",
    );
  });
});
