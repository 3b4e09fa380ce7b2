import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { acknowledgementsOf } from "../../../drift/record/acknowledgements.ts";
import { annotate } from "../../../drift/record/annotate.ts";
import { History } from "../../../drift/record/history.ts";
import { pastRuns } from "../../../drift/record/past-runs.ts";
import { type RunRecord, recordOf } from "../../../drift/record/run-record.ts";
import { summaryText } from "../../../drift/report/summary.ts";
import { terminalReport } from "../../../drift/report/terminal.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { finding, reportAt, stackReport } from "./reports.ts";

const TODAY = "2026-01-01";
const plain = (_: unknown, text: string) => text;
const problem = { part: "refresh", message: "The vendor is away. Wait." };

/** Remembers reports one after the other, as the command line does. */
function remember(...reports: ReturnType<typeof reportAt>[]) {
  const past: RunRecord[] = [];
  return reports.map((report) => {
    const memory = { acknowledged: [], past: [...past], cloud: "local", skipped: [], today: TODAY };
    const annotated = annotate(report, memory);
    past.push(annotated.record);
    return annotated;
  });
}

const entry = { finding: "a".repeat(12), stack: "staging", owner: "jane", reason: "known" };

describe("an acknowledgement", () => {
  const of = (expires: string, id = entry.finding) =>
    acknowledgementsOf([{ ...entry, expires }], TODAY)(id);

  it("counts to its last day, and not on the next", () => {
    expect(of("2026-01-01")).toEqual({ owner: "jane", reason: "known", expires: "2026-01-01" });
    expect(of("2025-12-31")).toBeUndefined();
    expect(of("2026-01-01", "b".repeat(12))).toBeUndefined();
  });

  const annotated = (
    expires: string,
    report: ReturnType<typeof reportAt>,
    skipped: string[] = [],
  ) =>
    annotate(report, {
      acknowledged: [{ ...entry, expires }],
      past: [],
      cloud: "local",
      skipped,
      today: TODAY,
    }).report;

  it("that has expired is told with its finding, which is open again", () => {
    const report = annotated("2025-12-31", reportAt(1, stackReport([finding("a")])));
    expect(report.verdict).toBe("drift");
    expect(report.stacks[0]?.findings[0]?.message).toContain(
      "It was acknowledged by jane until 2025-12-31, which has passed.",
    );
    expect(report.memory?.staleAcknowledgements).toMatchObject([{ because: "expired" }]);
    expect(terminalReport(report, plain)).toContain("has expired on 2025-12-31");
  });

  it("of nothing that was found is reported, with what to do", () => {
    const report = annotated("2026-05-01", reportAt(1, stackReport([])));
    expect(report.memory?.staleAcknowledgements).toMatchObject([{ because: "unused" }]);
    expect(terminalReport(report, plain)).toContain("Take it out of drift.yaml.");
  });

  it.each([
    [
      "a stack that was not looked at completely",
      reportAt(1, stackReport([], { problems: [problem] })),
      [],
    ],
    ["another stack", reportAt(1, stackReport([], { stack: "bulkhead/dev" })), []],
    ["a run that left something out", reportAt(1, stackReport([])), ["logins"]],
  ])("is not unused by %s", (_, report, skipped) => {
    expect(annotated("2026-05-01", report, skipped).memory?.staleAcknowledgements).toEqual([]);
  });
});

describe("what is remembered of a run", () => {
  it("has no value, no name and no message", () => {
    const record = recordOf(reportAt(1, stackReport([finding("a")])), "local", []);
    expect(Object.keys(record.stacks[0]?.findings[0] ?? {})).toEqual([
      ...["id", "kind", "grade", "acknowledged", "since"],
    ]);
    expect(JSON.stringify(record)).not.toMatch(/recorded|urn|d1Database|weaker/);
  });

  it("dates findings by the first run that saw them", () => {
    const runs = remember(
      reportAt(1, stackReport([finding("a")])),
      reportAt(2, stackReport([finding("a"), finding("b")])),
    );
    const found = runs[1]?.report.stacks[0]?.findings.map(({ firstSeen }) => firstSeen);
    expect(found).toEqual(["2026-01-01T01:00:00.000Z", "2026-01-01T02:00:00.000Z"]);
  });

  it("dates anew what was gone and came back", () => {
    const runs = remember(
      reportAt(1, stackReport([finding("a")])),
      reportAt(2, stackReport([])),
      reportAt(3, stackReport([finding("a")])),
    );
    expect(runs[2]?.report.stacks[0]?.findings[0]?.firstSeen).toBe("2026-01-01T03:00:00.000Z");
  });

  it("says in the closing line what is new and what is gone", () => {
    const [first, second, third] = remember(
      reportAt(1, stackReport([finding("a")])),
      reportAt(2, stackReport([finding("b"), finding("c")])),
      reportAt(3, stackReport([finding("b"), finding("c")])),
    ).map(({ report }) => summaryText(report));
    expect(first).not.toContain("last run");
    expect(second).toContain("2 new, 1 gone since the last run");
    expect(third).toContain("nothing new since the last run");
  });

  it("takes what somebody has acknowledged neither for new nor for gone", () => {
    const acknowledged = { owner: "jane", reason: "known", expires: "2026-05-01" };
    const [, second] = remember(
      reportAt(1, stackReport([finding("a")])),
      reportAt(2, stackReport([finding("a", { acknowledged })])),
    );
    expect(second?.report.memory).toMatchObject({ appeared: 0, gone: 0 });
  });

  it("takes nothing for gone that a run could not see", () => {
    const [, second, third] = remember(
      reportAt(1, stackReport([finding("a")])),
      reportAt(2, stackReport([], { status: "unreadable", problems: [problem] })),
      reportAt(3, stackReport([finding("a")])),
    );
    expect(second?.report.memory).toMatchObject({ appeared: 0, gone: 0 });
    expect(third?.report.memory).toMatchObject({ appeared: 0, gone: 0 });
    expect(third?.report.stacks[0]?.findings[0]?.firstSeen).toBe("2026-01-01T01:00:00.000Z");
  });

  it("counts what each past run has changed", () => {
    const records = remember(
      reportAt(1, stackReport([finding("a"), finding("b", { grade: "low" })])),
      reportAt(2, stackReport([finding("b", { grade: "low" })])),
    ).map(({ record }) => record);
    expect(pastRuns(records, () => true)).toMatchObject([
      { stacks: [{ open: { high: 1, low: 1 }, appeared: 2, gone: 0 }] },
      { stacks: [{ open: { high: 0, low: 1 }, appeared: 0, gone: 1 }] },
    ]);
    expect(pastRuns(records, (stack) => stack === "bulkhead/dev")).toEqual([]);
  });
});

describe("the history", () => {
  const record = (hour: number) =>
    recordOf(reportAt(hour, stackReport([finding("a")])), "local", []);

  it("gives back what was added, of the cloud that is asked for", () => {
    const history = new History(temporaryFolder());
    expect(history.read("local")).toEqual([]);
    history.append(record(1));
    history.append({ ...record(2), cloud: "vendor" });
    expect(history.read("local")).toEqual([record(1)]);
    expect(history.readAll()).toHaveLength(2);
  });

  it("passes over a line that a killed run left half-written, and loses no other", () => {
    const history = new History(temporaryFolder());
    history.append(record(1));
    appendFileSync(history.file, JSON.stringify(record(2)).slice(0, 70));
    history.append(record(3));
    expect(history.read("local").map(({ at }) => at)).toEqual([record(1).at, record(3).at]);
    writeFileSync(history.file, `${readFileSync(history.file, "utf8")}{"version":9}\nnull\n\n`);
    expect(history.read("local")).toHaveLength(2);
  });

  it("puts a full file aside, and keeps a bounded number of them", () => {
    const folder = temporaryFolder();
    const history = new History(folder, 400);
    for (let hour = 0; hour < 23; hour += 1) history.append(record(hour));
    expect(readdirSync(join(folder, "drift")).length).toBeLessThanOrEqual(5);
    const kept = history.read("local").map(({ at }) => at);
    expect(kept.at(-1)).toBe(record(22).at);
    expect(kept).toEqual([...kept].sort());
  });

  it("loses no run of several processes that add theirs at once", { timeout: 60_000 }, async () => {
    const folder = temporaryFolder();
    const module = fileURLToPath(new URL("../../../drift/record/history.ts", import.meta.url));
    const script = `
      const { History } = await import(${JSON.stringify(module)});
      const history = new History(${JSON.stringify(folder)}, 100_000);
      const record = ${JSON.stringify(record(1))};
      for (let run = 0; run < 60; run += 1) history.append(record);
    `;
    const add = () => execa(process.execPath, ["--input-type=module", "-e", script]);
    await Promise.all([add(), add(), add()]);
    expect(new History(folder).read("local")).toHaveLength(180);
  });
});
