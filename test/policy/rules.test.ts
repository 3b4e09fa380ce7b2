import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { rules } from "../../policy/rules/index.ts";

const folder = new URL("../../policy/rules/", import.meta.url);

describe("every rule", () => {
  test("is in a file of its name, and every file is in the list", () => {
    const files = readdirSync(folder).filter((file) => file !== "index.ts");
    expect(rules.map(({ name }) => `${name}.ts`).sort()).toEqual(files.sort());
  });

  test.each(rules)("$name says what it checks, why, and what to do, in sentences", (rule) => {
    expect(rule.name).toMatch(/^[a-z]+(-[a-z]+)+$/);
    expect(rule.title).toMatch(/^Checks whether .*[^.]$/);
    for (const text of [rule.why, rule.remedy, rule.violation, rule.passes])
      expect(text).toMatch(/^[A-Z0-9].*\.$/);
    expect(rule.resource ?? rule.stack ?? rule.afterwards).toBeDefined();
  });
});
