import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import { KINDS } from "../../../drift/finding.ts";
import { htmlReport } from "../../../drift/report/html.ts";
import { junitReport } from "../../../drift/report/junit.ts";
import { markdownReport } from "../../../drift/report/markdown.ts";
import { metricsText } from "../../../drift/report/metrics.ts";
import { sarifReport } from "../../../drift/report/sarif.ts";
import { terminalReport } from "../../../drift/report/terminal.ts";
import { reportOf, sampleFinding, sampleReport, sampleStack } from "./sample-report.ts";

const plain = (_: string, text: string) => text;
const onlyMessage = (message: string) =>
  reportOf([sampleStack({ findings: [sampleFinding({ message })] })]);

describe("on a terminal", () => {
  it("tells of each stack, problem and finding, and closes with the verdict", () => {
    expect(terminalReport(sampleReport(), plain).split("\n")).toEqual([
      "shop/staging (staging): 3 findings",
      "  PROBLEM Could not look at logins: it was silent. Wait.",
      "  critical isolation aaaaaaaaaaaa: files has another location than recorded. It is not what the program declares.",
      '    location: "weur" → "enam"',
      "    by eve@example.com at 2026-02-28T09:00:00Z (audit log)",
      "    Makes it again what the program declares. npx bulkhead up staging --refresh",
      "  medium changed 0123456789ab: files has another location than recorded. It is not what the program declares.",
      '    location: "weur" → "enam"',
      "    Makes it again what the program declares. npx bulkhead up staging --refresh",
      "  medium deleted bbbbbbbbbbbb: files has another location than recorded. It is not what the program declares.",
      "    acknowledged by jane until 2026-12-31: Until the move.",
      "    Makes it again what the program declares. npx bulkhead up staging --refresh",
      "shop/production (production): no drift",
      "shop/dev (staging): nothing is deployed",
      "shop/pr-1 (staging): could not be looked at",
      "  PROBLEM The token is refused. Renew it.",
      "The isolation of an environment is broken. 4 stacks, 24 resources; 1 critical; 1 medium; 2 stacks not looked at completely; 1 acknowledged; 1 harmless difference left out; 4.3 s.",
    ]);
  });

  it("shows what was left out, with the rule, when asked", () => {
    const shown = terminalReport(sampleReport(), plain, { showFiltered: true });
    expect(shown).toContain("  harmless db fileSize (d1-size)");
    expect(terminalReport(sampleReport(), plain)).not.toContain("fileSize");
  });

  it("says with colour nothing that words do not say too", () => {
    const painted = terminalReport(sampleReport(), (tone, text) => `<${tone}>${text}</>`);
    expect(painted).toContain("<bad>critical</>");
    expect(painted.replace(/<\/?\w*>/g, "")).toBe(terminalReport(sampleReport(), plain));
  });
});

interface Sarif {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { id: string }[] } };
    readonly invocations: readonly Record<string, unknown>[];
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly level: string;
      readonly message: { readonly text: string };
      readonly suppressions?: readonly { readonly justification: string }[];
    }[];
  }[];
}

describe("SARIF", () => {
  const [run] = (sarifReport(sampleReport(), "1.2.3") as Sarif).runs;

  it("has a rule for each kind, to which every result points", () => {
    expect(run?.tool.driver.rules.map(({ id }) => id)).toEqual(
      KINDS.map((kind) => `drift-${kind}`),
    );
    for (const { ruleId, ruleIndex } of run?.results ?? [])
      expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  });

  it("ranks findings by their grade and suppresses acknowledged ones", () => {
    expect(run?.results.map(({ level }) => level)).toEqual(["error", "warning", "warning"]);
    expect(run?.results.map(({ suppressions }) => suppressions?.[0]?.justification)).toEqual([
      undefined,
      undefined,
      "Until the move. (owner jane, until 2026-12-31)",
    ]);
  });

  it("is no successful run when something could not be looked at", () => {
    expect(run?.invocations).toMatchObject([
      { executionSuccessful: false, toolExecutionNotifications: [{ level: "error" }, {}] },
    ]);
    const [clean] = (sarifReport(reportOf([sampleStack()]), "1.2.3") as Sarif).runs;
    expect(clean?.invocations).toMatchObject([{ executionSuccessful: true }]);
  });
});

describe("JUnit XML", () => {
  const parser = new XMLParser({ ignoreAttributes: false });

  it("has a case for each kind and problem; acknowledged findings do not fail theirs", () => {
    const { testsuites } = parser.parse(junitReport(sampleReport()));
    expect(testsuites).toMatchObject({
      "@_tests": String(1 + KINDS.length + KINDS.length + 1 + 1),
      "@_failures": "2",
      "@_errors": "2",
      "@_skipped": "1",
    });
  });

  it("is read back by a parser whatever a finding says", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (message) => {
        expect(XMLValidator.validate(junitReport(onlyMessage(message)))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe("Markdown", () => {
  it("holds what the terminal does, and nothing of a finding is taken for its own marks", () => {
    const text = markdownReport(sampleReport());
    expect(text).toContain("# Drift of shop");
    expect(text).toContain("### critical: isolation of files (`aaaaaaaaaaaa`)");
    expect(text).toContain('location: "weur" → "enam"');
    expect(text).toContain("<summary>Acknowledged (1)</summary>");
    const hostile = markdownReport(onlyMessage("<img src=x> [a](b) `c` @everyone"));
    expect(hostile).not.toMatch(/(?<!\\)<img/);
    expect(hostile).not.toContain("@everyone");
  });

  it("fences values that hold fences themselves", () => {
    const changes = [{ path: "content", before: null, after: '"```\\n```"' }];
    const text = markdownReport(
      reportOf([sampleStack({ findings: [sampleFinding({ changes })] })]),
    );
    expect(text).toContain("````\ncontent");
  });
});

describe("the HTML page", () => {
  it("shows every finding, and nothing of it is taken for markup", () => {
    expect(htmlReport(sampleReport())).toContain("<code>aaaaaaaaaaaa</code>");
    fc.assert(
      fc.property(fc.string(), (text) => {
        const page = htmlReport(onlyMessage(`<script>${text}</script>`));
        expect(page).not.toContain("<script");
      }),
      { numRuns: 50 },
    );
  });
});

describe("the Prometheus text file", () => {
  it("has a line for each stack and grade, the run's time and its exit code", async () => {
    const text = await metricsText(sampleReport());
    expect(text).toContain('bulkhead_drift_findings{stack="shop/staging",grade="critical"} 1\n');
    expect(text).toContain('bulkhead_drift_findings{stack="shop/production",grade="high"} 0\n');
    expect(text).toContain('bulkhead_drift_acknowledged{stack="shop/staging"} 1\n');
    expect(text).toContain('bulkhead_drift_problems{stack="shop/pr-1"} 1\n');
    expect(text).toContain("bulkhead_drift_run_timestamp_seconds 1772359200\n");
    expect(text).toContain("bulkhead_drift_exit_code 3\n");
  });
});
