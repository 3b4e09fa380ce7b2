/** A drift report as Markdown, for issues, pull requests and job summaries. */
import type { Finding } from "../finding.ts";
import { acknowledgedLine, changeLines, sinceLine, staleLine, traceLine } from "./lines.ts";
import type { DriftReport, StackReport } from "./report.ts";
import { summaryText, VERDICT_TEXTS } from "./summary.ts";

export function markdownReport(report: DriftReport): string {
  return [
    `# Drift of ${plain(report.project)}`,
    `**${VERDICT_TEXTS[report.verdict]}** ${summaryText(report)}. Run of ${report.startedAt}.`,
    ...report.stacks.flatMap((stack) => stackSection(stack, report)),
    ...(report.memory?.staleAcknowledgements ?? []).map((each) => `- ${plain(staleLine(each))}`),
  ].join("\n\n");
}

function stackSection(stack: StackReport, report: DriftReport): string[] {
  const { findings, problems, notes = [], filtered } = stack;
  const open = findings.filter(({ acknowledged }) => acknowledged === null);
  const accepted = findings.filter(({ acknowledged }) => acknowledged !== null);
  return [
    `## ${plain(stack.stack)} (${stack.tier})`,
    ...problems.map(({ message }) => `- **Problem:** ${plain(message)}`),
    ...notes.map((note) => `- **Note:** ${plain(note)}`),
    ...(stack.status === "empty" ? ["Nothing is deployed."] : []),
    ...(stack.status === "scanned" && findings.length === 0 ? ["No drift."] : []),
    ...open.map((each) => findingSection(each, report)),
    ...(accepted.length > 0
      ? [
          details(
            "Acknowledged",
            accepted.map((each) => findingSection(each, report)),
          ),
        ]
      : []),
    ...(filtered.length > 0
      ? [
          details(
            "Harmless differences",
            filtered.map(({ urn, path, rule }) => `- ${code(nameOf(urn))} ${code(path)} (${rule})`),
          ),
        ]
      : []),
  ];
}

function findingSection(finding: Finding, report: DriftReport): string {
  const { id, grade, kind, message, because, remedies } = finding;
  const notes = [traceLine(finding), sinceLine(finding, report), acknowledgedLine(finding)].filter(
    (line) => line !== "",
  );
  return [
    `### ${grade}: ${kind} of ${plain(finding.subject.name)} (${code(id)})`,
    `${plain(message)} ${plain(because)}${notes.map((note) => `\n${plain(note)}`).join("")}`,
    ...(finding.changes.length > 0 ? [block(changeLines(finding))] : []),
    ...remedies.map(({ effect, command, code: change }) =>
      [
        `- ${plain(effect)} ${code(command)}`,
        ...(change === null
          ? []
          : [
              `  In ${change.place === null ? "the program" : code(change.place)}:`,
              block(change.text.split("\n")),
            ]),
      ].join("\n\n"),
    ),
  ].join("\n\n");
}

const nameOf = (urn: string): string => urn.split("::").at(-1) ?? urn;

const details = (title: string, parts: readonly string[]): string =>
  ["<details>", `<summary>${title} (${parts.length})</summary>`, ...parts, "</details>"].join(
    "\n\n",
  );

/** Without what Markdown or HTML would take for its own: names come from vendors and strangers. */
const plain = (text: string): string =>
  text.replace(/[\\`*_{}[\]<>#|~]/g, (sign) => `\\${sign}`).replace(/@/g, "@\u200b");

/** In backquotes, more of them than the text has in a row. */
function code(text: string): string {
  const fence = "`".repeat(longestRun(text) + 1);
  const padding = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${fence}${padding}${text.replace(/\s+/g, " ")}${padding}${fence}`;
}

function block(lines: readonly string[]): string {
  const fence = "`".repeat(Math.max(3, longestRun(lines.join("\n")) + 1));
  return [fence, ...lines, fence].join("\n");
}

const longestRun = (text: string): number =>
  Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
