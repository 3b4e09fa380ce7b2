import type { Finding } from "../finding.ts";
import type { StaleAcknowledgement } from "./report.ts";

/** `rules[0.0.0.0/0]: none → {"type":"ip_addr"}`, a line for each property whose value can be shown. */
export const changeLines = ({ changes }: Pick<Finding, "changes">): string[] =>
  changes.map(({ path, before, after }) =>
    before === null && after === null ? path : `${path}: ${before ?? "none"} → ${after ?? "none"}`,
  );

/** `by jane@example.com at 2026-01-02T03:04:05Z (Cloudflare deployments)`; empty where nobody knows. */
export const traceLine = ({ trace }: Pick<Finding, "trace">): string =>
  trace === null ? "" : `by ${trace.actor ?? "an unknown actor"} at ${trace.at} (${trace.source})`;

/** Who took note of it, until when and why; empty when nobody did. */
export const acknowledgedLine = ({ acknowledged }: Pick<Finding, "acknowledged">): string =>
  acknowledged === null
    ? ""
    : `acknowledged by ${acknowledged.owner} until ${acknowledged.expires}: ${acknowledged.reason}`;

/** `since 2026-01-02T03:04:05Z`; empty for what this run has seen first. */
export const sinceLine = (
  { firstSeen }: Pick<Finding, "firstSeen">,
  { startedAt }: { readonly startedAt: string },
): string => (firstSeen === undefined || firstSeen === startedAt ? "" : `since ${firstSeen}`);

/** What is wrong with an acknowledgement, and what to do: two sentences. */
export const staleLine = ({
  finding,
  stack,
  owner,
  expires,
  because,
}: StaleAcknowledgement): string =>
  because === "unused"
    ? `The acknowledgement of ${finding} (${stack}, ${owner}) is no longer needed. Take it out of drift.yaml.`
    : `The acknowledgement of ${finding} (${stack}, ${owner}) has expired on ${expires}. Mend the drift, or renew it with \`npx bulkhead drift acknowledge\`.`;
