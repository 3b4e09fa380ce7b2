import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import { junitReport } from "../../../policy/report/junit.ts";
import { type CheckReport, createReport } from "../../../policy/report/report.ts";
import { sarifReport } from "../../../policy/report/sarif.ts";
import { terminalReport } from "../../../policy/report/terminal.ts";
import { cleanReport, sampleFinding, sampleReport, sampleStack } from "./sample-report.ts";

const withFindings = (findings: readonly object[]): CheckReport =>
  createReport({
    ...cleanReport(),
    stacks: [sampleStack("shop/dev", { findings })],
  });

describe("the document", () => {
  it("is versioned and sums up what it holds", () => {
    expect(sampleReport()).toMatchObject({
      version: 1,
      passed: false,
      summary: { stacks: 4, unreadable: 1, findings: 2, waived: 1, undecided: 1 },
    });
  });

  it("is passed without findings, with advisory ones, with waived and with undecided ones", () => {
    const [dev, production] = sampleReport().stacks;
    const passed = (stacks: CheckReport["stacks"]) =>
      createReport({ ...sampleReport(), stacks }).passed;
    expect(cleanReport().passed).toBe(true);
    expect(withFindings([sampleFinding({ level: "advisory" })]).passed).toBe(true);
    expect(passed(dev ? [{ ...dev, findings: [] }] : [])).toBe(true);
    expect(passed(production ? [production] : [])).toBe(true);
  });

  it("is not passed with a mandatory finding, nor with a stack that could not be read", () => {
    expect(withFindings([sampleFinding()]).passed).toBe(false);
    const stacks = sampleReport().stacks.filter(({ status }) => status === "unreadable");
    expect(createReport({ ...sampleReport(), stacks }).passed).toBe(false);
  });
});

describe("on a terminal", () => {
  const plain = (_: string, text: string) => text;

  it("has a line for each finding, exception and open question, and closes with the counts", () => {
    expect(terminalReport(sampleReport(), plain).split("\n")).toEqual([
      "shop/dev (development): 2 findings",
      "  FAIL no-shared-resource (critical): files (cloudflare:index/r2Bucket:R2Bucket), name: The bucket `files` is also shop/production's. Give the stack a bucket of its own.",
      '  WARN strong-secrets (medium): files (cloudflare:index/r2Bucket:R2Bucket), bindings[0]["a<b"]: The secret is short. Make it longer.',
      "  WAIVED no-shared-resource: files (cloudflare:index/r2Bucket:R2Bucket), accountId: The bucket `files` is also shop/production's. Until 2027-03-31, owner jane: Until the second account.",
      "shop/production (production): shares nothing",
      "  UNDECIDED no-shared-secret: The bucket `files` is also shop/production's.",
      "other/staging (development): could not be read. It was lost. Deploy it again.",
      "shop/pr-1 (development): nothing is deployed",
      "4 stacks, 2 findings, 1 waived, 1 undecided, 1 could not be read",
    ]);
    expect(terminalReport(cleanReport(), plain)).toMatch(/\n1 stack, 0 findings, 0 waived$/);
  });

  it("colour says nothing that words do not say too", () => {
    const painted = terminalReport(sampleReport(), (tone, text) => `<${tone}>${text}</>`);
    expect(painted).toContain("<bad>FAIL</>");
    expect(painted.replace(/<\/?\w*>/g, "")).toBe(terminalReport(sampleReport(), plain));
  });
});

interface Sarif {
  readonly $schema: string;
  readonly version: string;
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly Record<string, unknown>[] } };
    readonly invocations: readonly Record<string, unknown>[];
    readonly results: readonly (Record<string, unknown> & {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly partialFingerprints: Readonly<Record<string, string>>;
    })[];
  }[];
}

describe("SARIF", () => {
  const sarif = (report: CheckReport) => sarifReport(report, "0.1.0") as Sarif;
  const resultsOf = (report: CheckReport) => sarif(report).runs[0]?.results ?? [];
  const fingerprintOf = (finding: object) =>
    resultsOf(withFindings([finding]))[0]?.partialFingerprints["bulkheadFinding/v1"];

  it("is version 2.1.0 with one run, a driver with a name, and its rules", () => {
    const { $schema, version, runs } = sarif(sampleReport());
    expect(version).toBe("2.1.0");
    expect(new URL($schema).pathname).toMatch(/sarif-schema-2\.1\.0\.json$/);
    expect(runs).toHaveLength(1);
    expect(runs[0]?.tool.driver).toMatchObject({ name: "bulkhead", version: "0.1.0" });
    expect(runs[0]?.tool.driver.rules[0]).toMatchObject({
      id: "no-shared-resource",
      name: "NoSharedResource",
      shortDescription: { text: expect.stringMatching(/^Checks whether/) },
      fullDescription: { text: expect.any(String) },
      help: { text: expect.stringContaining("Give the stack one of its own.") },
      helpUri: "docs/policies.md#no-shared-resource",
      defaultConfiguration: { level: "error" },
      properties: { "security-severity": "9.5" },
    });
  });

  it("each result names a rule of the table, a place, a message and a fingerprint", () => {
    const [run] = sarif(sampleReport()).runs;
    expect(run?.results).toHaveLength(4);
    for (const result of run?.results ?? []) {
      expect(run?.tool.driver.rules[result.ruleIndex]?.id).toBe(result.ruleId);
      expect(result.message).toEqual({ text: expect.stringMatching(/\S/) });
      expect(result.partialFingerprints["bulkheadFinding/v1"]).toMatch(/^[0-9a-f]{32}$/);
      expect(result.locations).toHaveLength(1);
    }
    expect(run?.results[0]).toMatchObject({
      kind: "fail",
      level: "error",
      locations: [
        {
          logicalLocations: [
            {
              fullyQualifiedName: "urn:pulumi:dev::shop::cloudflare:index/r2Bucket:R2Bucket::files",
              name: "files",
              kind: "resource",
            },
          ],
          physicalLocation: { artifactLocation: { uri: "Pulumi.dev.yaml" } },
        },
      ],
    });
  });

  it("tells warnings, accepted and open findings apart from failures", () => {
    const [, warning, accepted, open] = resultsOf(sampleReport());
    expect(warning).toMatchObject({ kind: "fail", level: "warning" });
    expect(accepted).toMatchObject({
      suppressions: [
        {
          kind: "external",
          status: "accepted",
          justification: "Until the second account. (owner jane, until 2027-03-31)",
        },
      ],
    });
    // The specification allows no level but `none` where the result is no failure.
    expect(open).toMatchObject({ kind: "open", level: "none" });
    expect([warning, open].some((result) => result && "suppressions" in result)).toBe(false);
  });

  it("says that the check is not complete when a stack could not be read", () => {
    const [run] = sarif(sampleReport()).runs;
    expect(run?.invocations).toEqual([
      {
        executionSuccessful: false,
        toolExecutionNotifications: [
          {
            level: "error",
            message: { text: "other/staging: It was lost. Deploy it again." },
          },
        ],
      },
    ]);
    expect(sarif(cleanReport()).runs[0]?.invocations).toMatchObject([
      { executionSuccessful: true },
    ]);
  });

  it("a finding keeps its fingerprint when only its wording changes", () => {
    const base = fingerprintOf(sampleFinding());
    expect(fingerprintOf(sampleFinding({ message: "Other words.", remedy: "Other." }))).toBe(base);
  });

  it.each<[string, object]>([
    ["rule", { rule: "no-shared-secret" }],
    ["resource", { urn: "urn:pulumi:dev::shop::a:b:C::other" }],
    ["path", { path: "id" }],
    ["identity", { identity: "r2:0b1f/other" }],
    ["other side", { other: { stack: "shop/staging", urn: null } }],
  ])("findings that differ in their %s have different fingerprints", (_, change) => {
    expect(fingerprintOf(sampleFinding(change))).not.toBe(fingerprintOf(sampleFinding()));
  });

  it("findings about a stack as a whole are told apart by their message", () => {
    const whole = { urn: null, path: null, identity: null, other: null };
    expect(fingerprintOf(sampleFinding({ ...whole, message: "a" }))).not.toBe(
      fingerprintOf(sampleFinding({ ...whole, message: "b" })),
    );
  });
});

describe("JUnit XML", () => {
  const parse = (xml: string) =>
    new XMLParser({
      ignoreAttributes: false,
      isArray: (name) => ["testsuite", "testcase", "failure"].includes(name),
      trimValues: false,
      parseTagValue: false,
      parseAttributeValue: false,
    }).parse(xml).testsuites;

  it("has a suite for each stack, a case for each rule, and the counts of its suites", () => {
    const xml = junitReport(sampleReport());
    expect(XMLValidator.validate(xml)).toBe(true);
    const suites = parse(xml);
    expect(suites).toMatchObject({
      "@_tests": "8",
      "@_failures": "1",
      "@_errors": "1",
      "@_skipped": "2",
    });
    const [dev, production, unreadable, empty] = suites.testsuite;
    expect(dev).toMatchObject({ "@_name": "shop/dev", "@_tests": "3", "@_failures": "1" });
    expect(dev.testcase.map((each: Record<string, string>) => each["@_name"])).toEqual([
      "no-shared-resource",
      "no-shared-secret",
      "strong-secrets",
    ]);
    expect(dev.testcase[0].failure).toHaveLength(1);
    expect(dev.testcase[0]["system-out"]).toMatch(/^waived until 2027-03-31 by jane/);
    expect(dev.testcase[1]).not.toHaveProperty("failure");
    expect(dev.testcase[2]["system-out"]).toMatch(
      /^warning: files .*: The secret is short\. Make it longer\.\nurn:/,
    );
    expect(production.testcase[1]).toHaveProperty("skipped");
    expect(unreadable.testcase[0].error["@_message"]).toBe("It was lost. Deploy it again.");
    expect(empty.testcase[0]).toHaveProperty("skipped");
  });

  /** What XML 1.0 can hold at all: https://www.w3.org/TR/xml/#charsets */
  const isXml = (character: string): boolean => {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x20) return "\t\n\r".includes(character);
    return (point < 0xd800 || point > 0xdfff) && point !== 0xfffe && point !== 0xffff;
  };

  it("any text is written so that a parser reads it back, what XML cannot write aside", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
        const message = `<>&"' ]]> ${text}`;
        const xml = junitReport(withFindings([sampleFinding({ message, urn: null, path: null })]));
        expect(XMLValidator.validate(xml)).toBe(true);
        const [failure] = parse(xml).testsuite[0].testcase[0].failure;
        const readable = /^[\x20-\x7e]*$/.test(text);
        if (readable) expect(failure["@_message"]).toBe(message);
        expect([...xml].filter((character) => !isXml(character))).toEqual([]);
      }),
    );
  });
});
