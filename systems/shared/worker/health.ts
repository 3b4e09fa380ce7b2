import { logError } from "./log.ts";

/** One thing a service needs; rejects when it is missing or broken. */
export type HealthProbe = () => Promise<void>;

export interface HealthReport {
  readonly status: "healthy" | "unhealthy";
  readonly environment: string;
  readonly checks: Record<string, { readonly ok: boolean; readonly durationMs: number }>;
}

/**
 * Runs every probe at once. The report says which failed and not why: it is public, and the
 * reason goes to the Worker's log.
 */
export async function healthReport(
  environment: string,
  probes: Record<string, HealthProbe>,
): Promise<HealthReport> {
  const entries = await Promise.all(
    Object.entries(probes).map(async ([name, probe]) => {
      const started = Date.now();
      let ok = true;
      try {
        await probe();
      } catch (error) {
        ok = false;
        logError({ check: name, error: String(error) });
      }
      return [name, { ok, durationMs: Date.now() - started }] as const;
    }),
  );
  const healthy = entries.every(([, check]) => check.ok);
  return {
    status: healthy ? "healthy" : "unhealthy",
    environment,
    checks: Object.fromEntries(entries),
  };
}
