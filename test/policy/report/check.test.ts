import { describe, expect, it } from "vitest";
import { type Manifest, manifestOf } from "../../../isolation/manifest/index.ts";
import { createFingerprinter } from "../../../isolation/secrets/index.ts";
import { type CheckOptions, checkStacks, unlistedReport } from "../../../policy/report/check.ts";
import type { Rule } from "../../../policy/rule.ts";
import { rules } from "../../../policy/rules/index.ts";
import { parseSettings } from "../../../policy/settings.ts";
import type { StackReading } from "../../../policy/siblings/index.ts";
import { digestState } from "../../../policy/siblings/stack-reading.ts";
import { factsOf, readState } from "../../../policy/state/index.ts";

const SALT = "c2FsdC1mb3ItdGVzdHMtb2YtdGhlLXNpYmxpbmdz";
const fingerprinter = createFingerprinter(SALT);
const SEALED = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

const options = (fields: Partial<CheckOptions> = {}, settings = ""): CheckOptions => ({
  project: "shop",
  rules,
  settings: parseSettings(`salt: ${SALT}\n${settings}`, "settings.yaml"),
  fingerprinter,
  today: "2026-11-21",
  ...fields,
});

interface StackParts {
  readonly bucket?: string;
  /** Fingerprint of its password, which the state seals. */
  readonly password?: string;
  readonly config?: Manifest["resources"][string];
  readonly manifest?: Manifest["resources"] | "none";
  /** Stack outputs beside the manifest. */
  readonly outputs?: Readonly<Record<string, unknown>>;
}

const urnOf = (stack: string, type: string) => `urn:pulumi:${stack}::shop::${type}::x`;
const BUCKET = "aws:s3/bucket:Bucket";
const PASSWORD = "random:index/randomPassword:RandomPassword";

/** A deployed stack with a bucket, and a generated password if it has one. */
async function stack(name: string, parts: StackParts = {}): Promise<StackReading> {
  const { bucket = `files-${name}`, password, config } = parts;
  const claims = [`s3:${bucket}`];
  const resources: Manifest["resources"] = {
    config: config ?? { type: "bulkhead:isolation:Config" },
    [urnOf(name, BUCKET)]: { type: BUCKET, claims },
    ...(password === undefined
      ? {}
      : {
          [urnOf(name, PASSWORD)]: {
            type: PASSWORD,
            secrets: [{ path: "result", fingerprints: [password], length: 40, bits: 200 }],
          },
        }),
  };
  const isolation = manifestOf({ project: "shop", stack: name }, SALT, resources);
  const resource = (type: string, fields: object) => ({
    urn: urnOf(name, type),
    type,
    custom: true,
    ...fields,
  });
  const exported = {
    version: 3,
    deployment: {
      resources: [
        resource("pulumi:pulumi:Stack", {
          outputs: { ...(parts.manifest === "none" ? {} : { isolation }), ...parts.outputs },
        }),
        {
          urn: `urn:pulumi:${name}::shop::pulumi:providers:aws::default_7_0_0`,
          type: "pulumi:providers:aws",
          custom: true,
          id: "0",
        },
        resource(BUCKET, { id: bucket, inputs: { bucket }, outputs: { bucket } }),
        ...(password === undefined
          ? []
          : [
              resource(PASSWORD, {
                id: "none",
                inputs: { length: 40 },
                outputs: { result: SEALED },
              }),
            ]),
      ],
    },
  };
  const stackName = { project: "shop", stack: name };
  const state = readState(exported);
  const digest = await digestState(state, stackName, SALT, fingerprinter);
  return {
    ...digest,
    name: stackName,
    problem: undefined,
    updating: false,
    facts: () => factsOf(state, stackName),
  };
}

async function check(all: readonly StackReading[], given = options(), subjects = all) {
  const report = await checkStacks(subjects, all, given);
  const of = (name: string) => {
    const found = report.stacks.find((each) => each.stack === `shop/${name}`);
    if (found === undefined) throw new Error(`The report has no stack ${name}.`);
    return found;
  };
  const broken = (name: string) => of(name).findings.map(({ rule }) => rule);
  return { report, of, broken };
}

const FINGERPRINT = "A".repeat(22);
const OTHER = "B".repeat(22);

describe("a resource", () => {
  it("that two deployed stacks own is found in both, with the other side", async () => {
    const shared = { bucket: "files" };
    const { of, report } = await check([await stack("dev", shared), await stack("qa", shared)]);
    expect(report.passed).toBe(false);
    for (const [name, other] of [
      ["dev", "qa"],
      ["qa", "dev"],
    ] as const) {
      expect(of(name).findings).toContainEqual(
        expect.objectContaining({
          rule: "exclusive-ownership",
          severity: "critical",
          level: "mandatory",
          urn: urnOf(name, BUCKET),
          identity: "s3:files",
          other: { stack: `shop/${other}`, urn: urnOf(other, BUCKET) },
          remedy: expect.stringMatching(/\S/),
        }),
      );
    }
  });

  it("of its own breaks no rule about sharing", async () => {
    const { broken } = await check([await stack("dev"), await stack("qa")]);
    for (const name of ["dev", "qa"]) {
      expect(broken(name)).not.toContain("exclusive-ownership");
      expect(broken(name)).not.toContain("no-shared-secret");
      expect(broken(name)).not.toContain("complete-manifest");
    }
  });
});

describe("a secret", () => {
  it("that two stacks hold is found by the fingerprints of their manifests", async () => {
    const { broken } = await check([
      await stack("dev", { password: FINGERPRINT }),
      await stack("qa", { password: FINGERPRINT }),
    ]);
    expect(broken("dev")).toContain("no-shared-secret");
    expect(broken("qa")).toContain("no-shared-secret");
  });

  it("of the configuration, which no state shows, is found by the manifest too", async () => {
    const config = {
      type: "bulkhead:isolation:Config",
      secrets: [{ path: '["shop:key"]', fingerprints: [FINGERPRINT], length: 40, bits: 200 }],
    };
    const { broken } = await check([
      await stack("dev", { config }),
      await stack("qa", { password: FINGERPRINT }),
    ]);
    expect(broken("dev")).toContain("no-shared-secret");
    expect(broken("qa")).toContain("no-shared-secret");
  });

  it("among the outputs, which the state seals, was compared when the stack was deployed", async () => {
    const { broken } = await check([await stack("dev", { outputs: { url: SEALED } })]);
    expect(broken("dev")).not.toContain("complete-manifest");
  });

  it("of its own is none that is shared, nor missing in the manifest", async () => {
    const { broken } = await check([
      await stack("dev", { password: FINGERPRINT }),
      await stack("qa", { password: OTHER }),
    ]);
    for (const name of ["dev", "qa"]) {
      expect(broken(name)).not.toContain("no-shared-secret");
      expect(broken(name)).not.toContain("complete-manifest");
    }
  });
});

describe("a stack", () => {
  it("without a manifest breaks its own rule, and cannot be compared with by the others", async () => {
    const { broken } = await check([
      await stack("dev", { password: FINGERPRINT, manifest: "none" }),
      await stack("qa"),
    ]);
    expect(broken("dev")).toContain("complete-manifest");
    expect(broken("dev")).not.toContain("readable-siblings");
    expect(broken("qa")).toContain("readable-siblings");
  });

  it("that could not be read fails the check and is reported with the reason", async () => {
    const lost = { name: { project: "shop", stack: "qa" }, problem: "It was lost. Find it." };
    const { report, of, broken } = await check([await stack("dev"), lost]);
    expect(of("qa")).toMatchObject({ status: "unreadable", problem: "It was lost. Find it." });
    expect(report).toMatchObject({ passed: false, summary: { stacks: 2, unreadable: 1 } });
    expect(broken("dev")).toContain("readable-siblings");
  });

  it("that is empty is not judged, and is in nobody's way", async () => {
    const name = { project: "shop", stack: "new" };
    const state = readState({ version: 3 });
    const empty = {
      ...(await digestState(state, name, SALT, fingerprinter)),
      name,
      problem: undefined,
      updating: false,
      facts: () => factsOf(state, name),
    };
    const { of, broken } = await check([await stack("dev"), empty]);
    expect(of("new")).toMatchObject({ status: "empty", findings: [] });
    expect(broken("dev")).not.toContain("readable-siblings");
  });

  it("that was not asked for is compared with, and not judged", async () => {
    const all = [await stack("dev", { bucket: "files" }), await stack("qa", { bucket: "files" })];
    const { report, broken } = await check(all, options(), all.slice(0, 1));
    expect(report.stacks.map((each) => each.stack)).toEqual(["shop/dev"]);
    expect(broken("dev")).toContain("exclusive-ownership");
  });
});

describe("the settings", () => {
  it("accept a finding by a waiver, which the report names", async () => {
    const waiver =
      "waivers: [{rule: exclusive-ownership, identity: 's3:files', owner: jane, reason: Moving., expires: 2027-01-31}]";
    const all = [await stack("dev", { bucket: "files" }), await stack("qa", { bucket: "files" })];
    const { broken, of } = await check(all, options({}, waiver));
    expect(broken("dev")).not.toContain("exclusive-ownership");
    expect(of("dev").waived).toMatchObject([
      {
        rule: "exclusive-ownership",
        identity: "s3:files",
        waiver: { owner: "jane", reason: "Moving.", expires: "2027-01-31" },
      },
    ]);
  });
});

describe("the report", () => {
  const rule = (fields: Partial<Rule>): Rule => ({
    name: "some-rule",
    title: "Checks whether something holds",
    severity: "low",
    level: "advisory",
    why: "It matters.",
    remedy: "Mend it.",
    violation: "",
    passes: "",
    ...fields,
  });

  it("has what a rule leaves undecided apart from its findings", async () => {
    const open = rule({ stack: () => [{ status: "undecided", message: "Not known." }] });
    const { of, report } = await check([await stack("dev")], options({ rules: [open] }));
    expect(of("dev")).toMatchObject({
      findings: [],
      undecided: [{ rule: "some-rule", message: "Not known.", urn: null, path: null, other: null }],
    });
    expect(report).toMatchObject({ passed: true, summary: { undecided: 1 } });
  });

  it("tells a rule the state as it is: its phase, tier, resources and outputs", async () => {
    let seen: unknown;
    const curious = rule({
      stack: ({ subject, tier, observations, exported }) => {
        seen = {
          phase: subject.phase,
          tier,
          types: subject.resources.map(({ type }) => type),
          observed: observations.map(({ resource }) => resource.type),
          exported: exported?.status,
        };
        return [];
      },
    });
    await check([await stack("production")], options({ rules: [curious] }));
    expect(seen).toEqual({
      phase: "state",
      tier: "production",
      types: [BUCKET],
      observed: [BUCKET, "bulkhead:isolation:Config", "bulkhead:isolation:Outputs"],
      exported: "known",
    });
  });

  it("lists the rules with where to read on", async () => {
    const { report } = await check([await stack("dev")], options({ rules: [rule({})] }));
    expect(report.rules).toEqual([
      {
        name: "some-rule",
        title: "Checks whether something holds",
        severity: "low",
        level: "advisory",
        why: "It matters.",
        remedy: "Mend it.",
        docs: "docs/policies.md#some-rule",
      },
    ]);
  });

  it("of a backend that cannot be listed has not passed", () => {
    expect(unlistedReport("Not logged in. Log in.", options())).toMatchObject({
      passed: false,
      stacks: [{ stack: "shop/*", status: "unreadable", problem: "Not logged in. Log in." }],
    });
  });
});
