import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { localUrl, readEstate } from "../../cli/estate.ts";
import {
  configuredStacks,
  projectName,
  readStackConfig,
  requireKnownStack,
} from "../../cli/project.ts";
import { readTools } from "../../cli/tools.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

function project(...stacks: string[]): string {
  const root = temporaryFolder();
  writeFileSync(join(root, "Pulumi.yaml"), "name: bulkhead\nruntime: nodejs\n");
  for (const stack of stacks) writeFileSync(join(root, `Pulumi.${stack}.yaml`), "config: {}\n");
  return root;
}

test("stacks come in the order of promotion, others after them", () => {
  expect(configuredStacks(project("production", "pr-2", "dev", "pr-1", "staging"))).toEqual([
    "dev",
    "staging",
    "production",
    "pr-1",
    "pr-2",
  ]);
});

test("a stray file whose name can be no stack's is none", () => {
  expect(configuredStacks(project("dev", "a b", "-x"))).toEqual(["dev"]);
});

test("a stack's config is read, and one that cannot be read is named", () => {
  const root = project("dev");
  writeFileSync(join(root, "Pulumi.staging.yaml"), "config:\n  bulkhead:tier: staging\n");
  writeFileSync(join(root, "Pulumi.broken.yaml"), "config: [\n");
  expect(readStackConfig(root, "staging")).toEqual({ "bulkhead:tier": "staging" });
  expect([readStackConfig(root, "dev"), readStackConfig(root, "none")]).toEqual([{}, {}]);
  expect(() => readStackConfig(root, "broken")).toThrow(/Pulumi\.broken\.yaml cannot be read/);
});

test("an unknown stack is answered with those that there are, in files and in the backend", () => {
  expect(() => requireKnownStack(project("dev"), "stagin", ["pr-9"])).toThrow(
    'The stack "stagin" is not known; there are dev, pr-9. Check the name, or make it a new stack with `touch Pulumi.stagin.yaml`; its tier then follows from its name.',
  );
});

test("a name that can be no stack is told what it may hold", () => {
  expect(() => requireKnownStack(project("dev"), "a b", [])).toThrow(
    /1 to 40 letters, digits, hyphens, underscores or periods/,
  );
});

test("a stack known by its file or by the backend is accepted", () => {
  expect(() => requireKnownStack(project("pr-123"), "pr-123", [])).not.toThrow();
  expect(() => requireKnownStack(project(), "pr-123", ["pr-123"])).not.toThrow();
});

test("a folder without a project, or without tools, is named with the remedy", () => {
  const empty = temporaryFolder();
  expect(() => projectName(empty)).toThrow(/Pulumi\.yaml cannot be read as a Pulumi project/);
  expect(() => readTools(empty)).toThrow(
    /tools\.json does not say where Pulumi is\. Run `node tools\/bootstrap\.mjs`/,
  );
});

test("a Worker's public address becomes one that a browser on this machine opens", () => {
  const api = "http://127.0.0.1:7380";
  expect(localUrl("https://qhub-api-dev.dev-1a2b.workers.dev", api)).toBe(
    "http://qhub-api-dev.dev-1a2b.localhost:7380",
  );
  expect(localUrl("https://api.example.com", api)).toBe("https://api.example.com");
});

test("outputs of another program are refused with the name of what is missing", () => {
  expect(() => readEstate("dev", { environment: "dev" })).toThrow(
    /outputs of dev lack .*tier.*npx bulkhead up dev/,
  );
});
