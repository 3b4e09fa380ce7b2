import { z } from "zod";

/**
 * The engine's events that this program reads, one JSON document a line.
 * @see https://www.pulumi.com/docs/iac/cli/commands/pulumi_up/ (`--json`)
 */
const eventSchema = z.object({
  resOutputsEvent: z
    .object({
      metadata: z.object({
        op: z.string(),
        urn: z.string(),
        type: z.string(),
        new: z.object({ outputs: z.record(z.string(), z.unknown()).nullish() }).nullish(),
      }),
    })
    .optional(),
  resOpFailedEvent: z
    .object({ metadata: z.object({ op: z.string(), urn: z.string() }) })
    .optional(),
  diagnosticEvent: z
    .object({
      urn: z.string().optional(),
      message: z.string(),
      severity: z.string(),
      ephemeral: z.boolean().optional(),
    })
    .optional(),
  // Source: pulumi/pulumi sdk/go/common/apitype/events.go (`PolicyEvent`).
  policyEvent: z
    .object({
      resourceUrn: z.string().optional(),
      message: z.string(),
      policyName: z.string(),
      enforcementLevel: z.string(),
    })
    .optional(),
  summaryEvent: z
    .object({
      durationSeconds: z.number(),
      resourceChanges: z.record(z.string(), z.number()).nullish(),
    })
    .optional(),
});

export type EngineEvent = z.infer<typeof eventSchema>;

/** Operation → number of resources, as Pulumi sums them up: `{ create: 3, same: 12 }`. */
export type Changes = Readonly<Record<string, number>>;

/** Operations after which everything is as it was. */
const UNCHANGING = new Set(["same", "read", "refresh"]);

/** One line of Pulumi's event stream; undefined when it is something else. */
export function parseEvent(line: string): EngineEvent | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const parsed = eventSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** How many resources were (or would be) changed. */
export const changeCount = (changes: Changes): number =>
  Object.entries(changes)
    .filter(([operation]) => !UNCHANGING.has(operation))
    .reduce((sum, [, count]) => sum + count, 0);

/** "3 create, 1 replace, 12 same", or "nothing changed (12 resources)". */
export function describeChanges(changes: Changes): string {
  const total = Object.values(changes).reduce((sum, count) => sum + count, 0);
  if (changeCount(changes) === 0) return `nothing changed (${total} resources)`;
  return Object.entries(changes)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([operation, count]) => `${count} ${operation}`)
    .join(", ");
}

/** The last parts of a URN, which people know a resource by: `D1Database qhub-db`. */
export function describeUrn(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  const type = types.split("$").at(-1)?.split(":").at(-1) ?? "";
  return `${type} ${name}`;
}

/** An error or a warning of the engine, a provider, the program or a policy. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly message: string;
  /** The policy that found it; undefined for other messages. */
  readonly policy?: string;
  /** The resource; undefined where there is none. */
  readonly urn?: string;
}

/** The error or warning that an event carries; a broken policy is an error when it is mandatory. */
export function diagnosticOf(event: EngineEvent): Diagnostic | undefined {
  const violation = event.policyEvent;
  if (violation !== undefined) {
    const { policyName: policy, enforcementLevel, message, resourceUrn } = violation;
    return {
      severity: enforcementLevel === "mandatory" ? "error" : "warning",
      message: `${policy}: ${message.trim()}`,
      policy,
      ...(resourceUrn ? { urn: resourceUrn } : {}),
    };
  }
  const note = event.diagnosticEvent;
  if (note === undefined || (note.severity !== "error" && note.severity !== "warning")) return;
  return {
    severity: note.severity,
    message: note.message.trim(),
    ...(note.urn ? { urn: note.urn } : {}),
  };
}

/** A line of progress for an event; undefined when a person need not see it. */
export function progressLine(event: EngineEvent): string | undefined {
  const done = event.resOutputsEvent?.metadata;
  if (done !== undefined && !UNCHANGING.has(done.op)) return `${done.op} ${describeUrn(done.urn)}`;
  const failed = event.resOpFailedEvent?.metadata;
  if (failed !== undefined) return `FAILED to ${failed.op} ${describeUrn(failed.urn)}`;
  const note = diagnosticOf(event);
  if (note === undefined || event.diagnosticEvent?.ephemeral) return undefined;
  return `${note.severity}: ${note.message}`;
}

/** Marks a secret in the engine's documents. Source: pulumi/pulumi sdk/go/common/resource (`SigKey`). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** The stack's outputs when the event carries them; a secret is the text `[secret]`. */
export function stackOutputsOf(event: EngineEvent): Readonly<Record<string, unknown>> | undefined {
  const done = event.resOutputsEvent?.metadata;
  if (done?.type !== "pulumi:pulumi:Stack") return undefined;
  return mapValues(done.new?.outputs ?? {}, hideSecrets);
}

function hideSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hideSecrets);
  if (typeof value !== "object" || value === null) return value;
  return SIGNATURE in value ? "[secret]" : mapValues(value, hideSecrets);
}

const mapValues = (record: object, map: (value: unknown) => unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
