import { expect, test } from "vitest";
import { type Version, versionDifferences } from "../../../drift/probes/worker-versions.ts";
import type { ResourceFact } from "../../../isolation/facts.ts";

const DEPLOYED = "2026-01-10T12:00:00.000Z";
const LATER = "2026-01-11T12:00:00.000Z";

const script: ResourceFact = {
  urn: "urn:pulumi:staging::shop::cloudflare:index/workersScript:WorkersScript::api",
  type: "cloudflare:index/workersScript:WorkersScript",
  name: "api",
  custom: true,
  id: "api",
  external: false,
  inputs: {},
  outputs: { modifiedOn: DEPLOYED },
  protect: false,
};

const version = (number: number, created_on: string, trigger?: string): Version => ({
  id: `v${number}`,
  number,
  metadata: { created_on, author_email: "who@example.com", source: "dash" },
  ...(trigger === undefined ? {} : { annotations: { "workers/triggered_by": trigger } }),
});

/** Versions that serve, by their shares of the traffic. */
const deployment = (shares: Readonly<Record<string, number>>, created_on = DEPLOYED) => ({
  created_on,
  versions: Object.entries(shares).map(([version_id, percentage]) => ({ version_id, percentage })),
});

const said = (...args: Parameters<typeof versionDifferences>) =>
  versionDifferences(...args).map(({ kind, message }) => `${kind}: ${message}`);

test("what Pulumi has deployed is no difference, also where its times differ a little", () => {
  const versions = [version(1, "2026-01-10T12:00:01.500Z", "upload")];
  expect(said(script, deployment({ v1: 100 }), versions, undefined)).toEqual([]);
});

test("two versions that serve are told with their shares", () => {
  const versions = [version(2, DEPLOYED), version(1, "2026-01-09T12:00:00.000Z")];
  expect(said(script, deployment({ v2: 90, v1: 10 }), versions, undefined)).toEqual([
    "code: api is served by 2 versions (90 % by version 2, 10 % by version 1) instead of the one that was deployed.",
  ]);
});

test("a secret that was put is told with who has done it, also after a later upload", () => {
  const versions = [
    version(3, "2026-01-12T12:00:00.000Z", "upload"),
    version(2, LATER, "secret"),
    version(1, DEPLOYED, "upload"),
  ];
  const found = versionDifferences(script, deployment({ v3: 100 }, LATER), versions, undefined);
  expect(found.map(({ kind }) => kind)).toEqual(["secret", "code"]);
  expect(found[0]?.trace).toEqual({
    actor: "who@example.com",
    at: LATER,
    source: "Cloudflare deployments, by dash",
  });
});

test("a secret that was put before Pulumi deployed again is gone", () => {
  const versions = [
    version(2, DEPLOYED, "upload"),
    version(1, "2026-01-09T12:00:00.000Z", "secret"),
  ];
  expect(said(script, deployment({ v2: 100 }), versions, undefined)).toEqual([]);
});

test("a secret that was put stays told after a refresh has recorded the new time", () => {
  const refreshed = { ...script, outputs: { modifiedOn: "2026-02-01T00:00:00.000Z" } };
  const versions = [version(2, LATER, "secret"), version(1, DEPLOYED, "upload")];
  expect(said(refreshed, deployment({ v2: 100 }, LATER), versions, undefined)).toHaveLength(1);
});

test("a version that serves nobody is no difference; going back is one", () => {
  const versions = [version(2, LATER, "version_upload"), version(1, DEPLOYED, "upload")];
  expect(said(script, deployment({ v1: 100 }), versions, undefined)).toEqual([]);
  const back = deployment({ v1: 100 }, "2026-01-12T12:00:00.000Z");
  expect(said(script, back, versions, undefined)).toEqual(["code: api was set back to version 1."]);
});

test("other code is one difference together with its version", () => {
  const versions = [version(2, LATER, "upload"), version(1, DEPLOYED, "upload")];
  expect(said(script, deployment({ v2: 100 }, LATER), versions, "other code")).toEqual([
    "code: api runs version 2, which was uploaded after the stack's last deployment, and runs other code than the stack has deployed.",
  ]);
});
