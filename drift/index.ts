/** Drift: what is really there against what the stacks record, and what it does to their isolation. */
export { ACTIONS, type Action, type Finding, GRADES, type Grade } from "./finding.ts";
export { importIdOf, removeUnmanaged } from "./inventory/remedies.ts";
export { PROBES } from "./probes/index.ts";
export type { Means } from "./remedy/means.ts";
export { importFlags, type Plan, planFor, upFlags } from "./remedy/remedies.ts";
export type { RepairSite } from "./remedy/repairs/repair.ts";
export { repairSite } from "./remedy/site.ts";
export { type DriftReport, EXIT_CODES } from "./report/report.ts";
export type { Progress, ProgressListener } from "./scan/options.ts";
export { scanStacks, unlistedReport } from "./scan/scan.ts";
