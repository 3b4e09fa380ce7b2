import { describe, expect, it } from "vitest";
import { extract } from "../../../isolation/extract/index.ts";
import { resolve } from "../../../isolation/extract/resolve.ts";
import { typeKey, type Vendor } from "../../../isolation/extract/table.ts";
import type { FactMap, ResourceFact } from "../../../isolation/facts.ts";

export const ACCOUNT = "fafd471125c7d36ecc18cf14aa317328";
export const OTHER_ACCOUNT = "0c1d2e3f405162738495a6b7c8d9e0f1";
export const ZONE = "11aa22bb33cc44dd55ee66ff77008899";
export const HEX = "0123456789abcdef0123456789abcdef";
export const UUID = "69b513ab-64ca-4a77-884e-f2b0b509b21f";
export const OTHER_UUID = "add7e306-14d1-4fce-b551-df321cc1be11";

/** A managed resource of stack `dev` in project `shop`. */
export function resource(facts: Partial<ResourceFact> & { readonly type: string }): ResourceFact {
  return {
    urn: `urn:pulumi:dev::shop::${facts.type}::main`,
    name: "main",
    custom: true,
    external: false,
    inputs: {},
    outputs: {},
    protect: false,
    ...facts,
  };
}

/** Identities that a resource claims. */
export const claimsOf = (facts: ResourceFact): string[] =>
  extract(facts).claims.map(({ identity }) => identity);

/** References as `kind path identity`. */
export const referencesOf = (facts: ResourceFact): string[] =>
  extract(facts).references.map(({ kind, path, identity }) => `${kind} ${path} ${identity}`);

/** A resource of one type, and all that must be found in it. */
export interface Case {
  readonly type: string;
  readonly id?: string;
  readonly inputs?: FactMap;
  readonly outputs?: FactMap;
  readonly claims: readonly string[];
  /** As {@link referencesOf}, without those to the resource's own account. */
  readonly references: readonly string[];
}

const factsOf = ({ type, id, inputs = {}, outputs = {} }: Case): ResourceFact =>
  resource({ type, id, inputs, outputs });

/** Tests a vendor's table: each case, and that no type and no rule of it could be missing. */
export function describeTable(title: string, vendor: Vendor, cases: readonly Case[]): void {
  const own = `account accountId account:cloudflare/${ACCOUNT}`;

  describe(title, () => {
    it.each(cases.map((one) => [typeKey(one.type), one] as const))("reads %s", (_, one) => {
      const facts = factsOf(one);
      expect(claimsOf(facts).sort()).toEqual([...one.claims].sort());
      const found = referencesOf(facts).filter((reference) => reference !== own);
      expect(found.sort()).toEqual([...one.references].sort());
    });

    it("would find less or else in each type without its table", () => {
      for (const one of cases) {
        const untold = factsOf({ ...one, type: `${one.type.replace(/:.*$/, "")}:zz/zz:Zz` });
        expect([claimsOf(untold).sort(), referencesOf(untold).sort()], one.type).not.toEqual([
          [...one.claims].sort(),
          referencesOf(factsOf(one)).sort(),
        ]);
      }
    });

    it("has a case for each type and for each rule", () => {
      for (const [key, extractor] of Object.entries(vendor.types)) {
        const facts = cases
          .filter(
            ({ type }) => typeKey(type) === key || typeKey(type).replace(/\/.*$/, "/*") === key,
          )
          .map(factsOf);
        expect(facts, key).not.toEqual([]);
        for (const rule of [...(extractor.claims ?? []), ...(extractor.references ?? [])]) {
          const met = facts.some((fact) => resolve(rule, fact).found.length > 0);
          expect(met, `${key} ${rule.at} ${JSON.stringify(rule.when ?? {})}`).toBe(true);
        }
      }
    });
  });
}
