import { describe, expect, it } from "vitest";
import { RANDOM } from "../../../isolation/extract/random.ts";
import { type FactMap, Secret } from "../../../isolation/facts.ts";
import { claimsOf, HEX, referencesOf, resource, UUID } from "./support.ts";

const random = (name: string, id: string, outputs: FactMap, inputs: FactMap = {}) =>
  resource({ type: `random:index/random${name}:Random${name}`, id, inputs, outputs });

describe("a random value", () => {
  it.each([
    random("Password", "none", { result: new Secret(HEX), bcryptHash: new Secret("$2a$10$x") }),
    random("Uuid", UUID, { result: UUID }),
    random("Id", "abc", { hex: HEX, dec: "12", b64Std: "q80=", b64Url: "q80", id: UUID }),
    random("Shuffle", "-", { results: [UUID, HEX] }),
    random("Bytes", HEX, { hex: HEX }),
  ])("is no thing of a vendor's, and no id of one", (facts) => {
    expect(claimsOf(facts)).toEqual([]);
    expect(referencesOf(facts)).toEqual([]);
  });

  it("refers to what its keepers name", () => {
    const inputs = { keepers: { database: UUID } };
    expect(referencesOf(random("Password", "none", {}, inputs))).toEqual([
      `id keepers.database id:${UUID}`,
    ]);
  });

  it("leaves out no property without need", () => {
    for (const name of RANDOM.every?.ignore ?? [])
      expect(
        referencesOf(resource({ type: "acme:index:Value", inputs: { [name]: UUID } })),
      ).toEqual([`id ${name} id:${UUID}`]);
  });
});
