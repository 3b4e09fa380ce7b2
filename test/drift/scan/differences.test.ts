import { expect, test } from "vitest";
import type { ChangedResource } from "../../../drift/engine/live-facts.ts";
import { Redactor } from "../../../drift/redact/redact.ts";
import { refreshDifferences } from "../../../drift/scan/differences.ts";
import { IsolationIndex } from "../../../isolation/compare/index.ts";
import { type FactMap, type ResourceFact, Secret } from "../../../isolation/facts.ts";
import { createFingerprinter } from "../../../isolation/secrets/index.ts";

const SALT = "jsI5GPHetm-8QjwXUO_PzkW2jo8_Sn5GfIFSh3l2SbY";
const redactor = new Redactor(new IsolationIndex(), createFingerprinter(SALT));
const SEALED = new Secret(undefined);

const worker = (inputs: FactMap, outputs: FactMap = inputs): ResourceFact => ({
  urn: "urn:pulumi:staging::shop::cloudflare:index/workersScript:WorkersScript::api",
  type: "cloudflare:index/workersScript:WorkersScript",
  name: "api",
  id: "api-staging",
  custom: true,
  external: false,
  protect: false,
  inputs,
  outputs,
});

const found = (changed: ChangedResource) => refreshDifferences([changed], redactor).differences;

test("another secret is told, also when harmless properties differ with it", () => {
  const inputs = { bindings: [{ name: "KEY", text: SEALED }] };
  const [difference] = found({
    recorded: worker(inputs, { ...inputs, modifiedOn: "2026-01-01T00:00:00Z" }),
    live: worker(inputs, { ...inputs, modifiedOn: "2026-02-01T00:00:00Z" }),
    told: ["bindings[0].text"],
  });
  expect(difference?.kind).toBe("secret");
  expect(difference?.changes.map(({ path }) => path)).toEqual(["bindings[0].text"]);
});

test("another secret is told beside what else differs, so that nobody has acknowledged it with that", () => {
  const [difference] = found({
    recorded: worker({ note: "a", key: SEALED }),
    live: worker({ note: "b", key: SEALED }),
    told: ["note", "key"],
  });
  expect(difference?.changes).toEqual([
    { path: "note", before: '"a"', after: '"b"' },
    { path: "key", before: "[secret]", after: "[secret]" },
  ]);
});

test("a list in another order is no secret", () => {
  const changed = {
    recorded: worker({ names: ["a", "b"] }),
    live: worker({ names: ["b", "a"] }),
    told: ["names[0]", "names[1]"],
  };
  expect(found(changed)).toEqual([]);
});

test("what is read in the place of a secret is not shown", () => {
  const [difference] = found({
    recorded: worker({ key: SEALED }),
    live: worker({ key: "summer of 69" }),
    told: ["key"],
  });
  expect(JSON.stringify(difference)).not.toContain("summer");
});

test("an item of a list that is a secret does not name its path", () => {
  const token = `AKIA${"ABCDEFGHIJ234567"}`;
  const [difference] = found({
    recorded: worker({ keys: [{ value: "a", on: true }] }),
    live: worker({ keys: [{ value: token, on: true }] }),
    told: [],
  });
  expect(difference?.kind).toBe("changed");
  expect(JSON.stringify(difference)).not.toContain(token);
});
