/** A drift report as a Prometheus text file, for the node exporter's textfile collector. */
import { Gauge, Registry } from "prom-client";
import { GRADES } from "../finding.ts";
import { type DriftReport, EXIT_CODES, openFindings } from "./report.ts";

/** The text, by the exposition format 0.0.4. */
export function metricsText(report: DriftReport): Promise<string> {
  const registers = [new Registry()] as const;
  const [registry] = registers;
  const gauge = <const Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
  ) => new Gauge({ name: `bulkhead_drift_${name}`, help, labelNames, registers: [registry] });

  const findings = gauge("findings", "Findings that nobody has acknowledged.", ["stack", "grade"]);
  const acknowledged = gauge("acknowledged", "Acknowledged findings.", ["stack"]);
  const filtered = gauge("filtered", "Differences that were left out as harmless.", ["stack"]);
  const problems = gauge("problems", "Parts that could not be looked at.", ["stack"]);
  const resources = gauge("resources", "Resources that were compared.", ["stack"]);
  const duration = gauge("stack_duration_seconds", "Time that the stack took.", ["stack"]);
  for (const each of report.stacks) {
    const { stack } = each;
    const open = openFindings([each]);
    for (const grade of GRADES)
      findings.set({ stack, grade }, open.filter((finding) => finding.grade === grade).length);
    acknowledged.set({ stack }, each.findings.length - open.length);
    filtered.set({ stack }, each.filtered.length);
    problems.set({ stack }, each.problems.length);
    resources.set({ stack }, each.resources);
    duration.set({ stack }, each.durationSeconds);
  }
  gauge("run_timestamp_seconds", "When the run began.", []).set(
    Date.parse(report.startedAt) / 1000,
  );
  gauge("run_duration_seconds", "Time that the run took.", []).set(report.durationSeconds);
  gauge("exit_code", "0 none, 1 incomplete, 2 drift, 3 isolation broken.", []).set(
    EXIT_CODES[report.verdict],
  );
  return registry.metrics();
}
