/** A drift report as one HTML page without scripts or other files, to be kept or sent. */
import { html, raw } from "hono/html";
import type { Finding } from "../finding.ts";
import { acknowledgedLine, changeLines, sinceLine, staleLine, traceLine } from "./lines.ts";
import type { DriftReport, StackReport } from "./report.ts";
import { summaryText, VERDICT_TEXTS } from "./summary.ts";

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
article { border-left: .3rem solid; padding-left: 1rem; margin: 1.5rem 0; }
pre { overflow-x: auto; padding: .5rem; background: color-mix(in srgb, currentColor 8%, transparent); }
.critical { border-color: #c1121f; } .high { border-color: #e36414; }
.medium { border-color: #d9a404; } .low { border-color: #7a8a99; }
`;

export function htmlReport(report: DriftReport): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Drift of ${report.project}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<h1>Drift of ${report.project}</h1>
<p><strong>${VERDICT_TEXTS[report.verdict]}</strong> ${summaryText(report)}.
Run of <time>${report.startedAt}</time>.</p>
${report.stacks.map((stack) => stackSection(stack, report))}
${(report.memory?.staleAcknowledgements ?? []).map((each) => html`<p>${staleLine(each)}</p>`)}
</body>
</html>`;
  return String(page);
}

const stackSection = (
  { stack, tier, status, problems, notes = [], findings, filtered }: StackReport,
  report: DriftReport,
) => html`
<section>
<h2>${stack} (${tier})</h2>
${problems.map(({ message }) => html`<p><strong>Problem:</strong> ${message}</p>`)}
${notes.map((note) => html`<p><strong>Note:</strong> ${note}</p>`)}
${status === "empty" ? html`<p>Nothing is deployed.</p>` : ""}
${status === "scanned" && findings.length === 0 ? html`<p>No drift.</p>` : ""}
${findings.map((each) => findingArticle(each, report))}
${filtered.length === 0 ? "" : filteredList(filtered)}
</section>`;

const filteredList = (filtered: StackReport["filtered"]) => html`
<details>
<summary>Harmless differences (${filtered.length})</summary>
<ul>${filtered.map(({ urn, path, rule }) => html`<li>${urn.split("::").at(-1)} <code>${path}</code> (${rule})</li>`)}</ul>
</details>`;

const findingArticle = (finding: Finding, report: DriftReport) => html`
<article class="${finding.grade}">
<h3>${finding.grade}: ${finding.kind} of ${finding.subject.name} <code>${finding.id}</code></h3>
<p>${finding.message} ${finding.because}</p>
${[traceLine(finding), sinceLine(finding, report), acknowledgedLine(finding)].filter((line) => line !== "").map((line) => html`<p>${line}</p>`)}
${finding.changes.length === 0 ? "" : html`<pre>${changeLines(finding).join("\n")}</pre>`}
<ul>${finding.remedies.map(
  ({ effect, command, code }) => html`<li>${effect} <code>${command}</code>
${code === null ? "" : html`<p>In ${code.place ?? "the program"}:</p><pre>${code.text}</pre>`}</li>`,
)}</ul>
</article>`;
