import { expect, test } from "vitest";
import type { Probe } from "../../../drift/probes/probe.ts";
import { Redactor } from "../../../drift/redact/redact.ts";
import type { ScanOptions } from "../../../drift/scan/options.ts";
import { lookAt } from "../../../drift/scan/stack.ts";
import { IsolationIndex } from "../../../isolation/compare/index.ts";
import { createFingerprinter } from "../../../isolation/secrets/index.ts";
import { parseSettings } from "../../../policy/settings.ts";
import type { StackReading } from "../../../policy/siblings/index.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const SALT = "jsI5GPHetm-8QjwXUO_PzkW2jo8_Sn5GfIFSh3l2SbY";
const fingerprinter = createFingerprinter(SALT);
const name = { project: "shop", stack: "staging" };

const reading: StackReading = {
  name,
  problem: undefined,
  tier: "staging",
  empty: false,
  gap: undefined,
  interrupted: [],
  updating: false,
  manifest: { format: "bulkhead.isolation/1", salt: SALT, ...name, resources: {} },
  facts: () => ({ ...name, phase: "state", config: {}, resources: [], outputs: {} }),
};

const finds = (probe: string): Probe => ({
  name: probe,
  looksAt: probe,
  run: async () => [
    {
      kind: "secret",
      subject: { urn: null, type: "a:b:C", name: probe, id: null },
      message: `${probe} has found it.`,
      changes: [],
      trace: null,
      rules: [],
    },
  ],
});

/** Whose Pulumi fails. */
const options = (probes: readonly Probe[]): ScanOptions => ({
  project: { pulumi: "/bin/false", version: "3.220.0", env: {}, root: temporaryFolder() },
  projectName: "shop",
  settings: parseSettings(`salt: ${SALT}\n`, "settings.yaml"),
  rules: [],
  fingerprinter,
  probes,
  withConfig: (_, work) => work(undefined),
  acknowledgementOf: () => undefined,
  failOn: "low",
  parallel: 1,
  stackTimeoutMs: 60_000,
  now: Date.parse("2026-03-01"),
  signal: new AbortController().signal,
  onProgress: () => undefined,
});

test("of a stack whose refresh fails, the logins are tried all the same: one may be why", async () => {
  const redactor = new Redactor(new IsolationIndex(), fingerprinter);
  const looked = await lookAt(reading, {
    ...options([finds("logins"), finds("firewalls")]),
    redactor,
    isOwned: () => false,
  });
  expect(looked).toMatchObject({ status: "unreadable", problems: [{ part: "refresh" }] });
  expect(looked.differences.map(({ message }) => message)).toEqual(["logins has found it."]);
});
