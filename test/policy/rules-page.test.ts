import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { rules } from "../../policy/rules/index.ts";
import { renderRulesPage } from "../../policy/rules-page.ts";

test("docs/policies.md says what the rules say", async () => {
  const page = fileURLToPath(new URL("../../docs/policies.md", import.meta.url));
  await expect(renderRulesPage(rules)).toMatchFileSnapshot(page);
});
