import type { Output } from "../output/output.ts";
import type { SmokeResult } from "./check.ts";

/** One line for each check, with its evidence. */
export function showChecks(out: Output, checks: readonly SmokeResult[]): void {
  for (const { name, status, evidence } of checks) {
    out.result(`${out.paint(status === "PASS" ? "good" : "bad", status)}  ${name} (${evidence})`);
  }
}
