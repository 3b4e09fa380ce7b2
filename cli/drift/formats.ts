import type { DriftReport } from "../../drift/index.ts";
import { htmlReport } from "../../drift/report/html.ts";
import { junitReport } from "../../drift/report/junit.ts";
import { markdownReport } from "../../drift/report/markdown.ts";
import { sarifReport } from "../../drift/report/sarif.ts";
import pack from "../../package.json" with { type: "json" };

interface FormatDescription {
  readonly help: string;
  /** Of the files that hold it. */
  readonly ending: string;
  readonly render: (report: DriftReport) => string;
}

/** The formats for programs and pages, by their option. */
export const FORMATS = {
  json: {
    ending: ".json",
    help: "print one JSON document",
    render: (report) => JSON.stringify(report, null, 2),
  },
  sarif: {
    ending: ".sarif",
    help: "print SARIF 2.1.0, for code scanning",
    render: (report) => JSON.stringify(sarifReport(report, pack.version), null, 2),
  },
  junit: {
    ending: ".xml",
    help: "print JUnit XML, for CI servers",
    render: (report) => junitReport(report).trimEnd(),
  },
  md: {
    ending: ".md",
    help: "print Markdown, for issues and job summaries",
    render: markdownReport,
  },
  html: { ending: ".html", help: "print one HTML page", render: htmlReport },
} as const satisfies Readonly<Record<string, FormatDescription>>;

export type Format = keyof typeof FORMATS;

/** The format that a command line asks for; undefined: for a person at a terminal. */
export const chosenFormat = (
  options: Readonly<Partial<Record<Format, boolean>>>,
): FormatDescription | undefined =>
  Object.entries(FORMATS).find(([name]) => options[name as Format])?.[1];

/** The endings of files that hold a format, for messages. */
export const ENDINGS: readonly string[] = Object.values(FORMATS).map(({ ending }) => ending);

/** The format that a file's name asks for; undefined: none. */
export const formatOfFile = (file: string): FormatDescription | undefined =>
  Object.values(FORMATS).find(({ ending }) => file.toLowerCase().endsWith(ending));
