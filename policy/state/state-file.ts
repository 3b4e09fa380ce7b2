/**
 * What `pulumi stack export` prints, as far as it is read here.
 * Source: pulumi/pulumi sdk/go/common/apitype (`UntypedDeployment`, `DeploymentV3`, `ResourceV3`).
 */
import { z } from "zod";
import { SECRET, SIGNATURE_KEY } from "./values.ts";

/** The newest version of the document that Pulumi is known to write; 3 and 4 hold the same fields. */
const NEWEST_VERSION = 4;

const properties = z.record(z.string(), z.unknown()).nullish();

const position = z.string().optional();

const resourceSchema = z.object({
  urn: z.string().startsWith("urn:pulumi:"),
  type: z.string(),
  custom: z.boolean().default(false),
  id: z.string().optional(),
  inputs: properties,
  outputs: properties,
  parent: z.string().optional(),
  provider: z.string().optional(),
  protect: z.boolean().default(false),
  external: z.boolean().default(false),
  retainOnDelete: z.boolean().default(false),
  pendingReplacement: z.boolean().default(false),
  /** `project:///file:/shop/index.ts#17,5`; of the constructor's call. */
  sourcePosition: position,
  /** The calls around it, the innermost first; some are unknown. */
  stackTrace: z.array(z.object({ sourcePosition: position })).nullish(),
  /** ISO 8601; of the last change by any command. */
  modified: z.string().optional(),
});

const commandSchema = z.object({
  /** `update`, `refresh`, `destroy`, `import`, … */
  kind: z.string(),
  /** ISO 8601, whole seconds. */
  startTime: z.string(),
  /** As the start; undefined for one that did not end. */
  endTime: z.string().optional(),
});

const stateSchema = z.object({
  version: z.number().default(NEWEST_VERSION),
  deployment: z
    .object({
      resources: z.array(resourceSchema).nullish(),
      pending_operations: z
        .array(z.object({ type: z.string(), resource: resourceSchema }))
        .nullish(),
    })
    .nullish(),
  /** ISO 8601, whole seconds: the end of the last update that ended well. The reader adds it. */
  settledAt: z.string().optional(),
  /** The commands that changed the stack after it, in any order. The reader adds them. */
  since: z.array(commandSchema).optional(),
});

/** A stack's state. */
export type StateFile = z.infer<typeof stateSchema>;
export type StateResource = z.infer<typeof resourceSchema>;

/** Milliseconds that Pulumi's history leaves off. */
const HISTORY_STEP_MS = 1000;

/**
 * URNs of resources that were changed after the last update that ended well. What a program exports is
 * written at the end of an update, so it says nothing of these.
 */
export function unsettledIn({ deployment, settledAt }: StateFile): ReadonlySet<string> {
  const settled = settledAt === undefined ? 0 : Date.parse(settledAt) + HISTORY_STEP_MS;
  const changed = (deployment?.resources ?? []).filter(
    ({ modified }) => modified !== undefined && Date.parse(modified) >= settled,
  );
  return new Set(changed.map(({ urn }) => urn));
}

/**
 * URNs of those {@link unsettledIn} a state that a refresh alone has changed: no program gave them
 * anything new, and all that is new in them is what the vendor told. A refresh writes its own time over
 * that of an earlier change, so nothing is known once any other command has run before it or beside it;
 * nor is it of a time that is none of the history's.
 */
export function refreshedIn(state: StateFile): ReadonlySet<string> {
  const { deployment, settledAt, since = [] } = state;
  // Without an update that ended well there is nothing that a refresh could have left as it was.
  if (settledAt === undefined) return new Set();
  const unsettled = unsettledIn(state);
  const refreshed = (deployment?.resources ?? []).filter(({ urn, modified }) => {
    if (modified === undefined || !unsettled.has(urn)) return false;
    const time = Date.parse(modified);
    const begun = since.filter(({ startTime }) => Date.parse(startTime) <= time);
    return begun.some((command) => ranAt(command, time)) && begun.every(isEndedRefresh);
  });
  // A resource that is being replaced is there twice.
  const others = new Set(
    (deployment?.resources ?? []).filter((each) => !refreshed.includes(each)).map(({ urn }) => urn),
  );
  return new Set(refreshed.map(({ urn }) => urn).filter((urn) => !others.has(urn)));
}

type Command = z.infer<typeof commandSchema>;

/** @param time milliseconds since 1970. */
function ranAt({ startTime, endTime }: Command, time: number): boolean {
  const end = endTime === undefined ? Number.POSITIVE_INFINITY : Date.parse(endTime);
  return Date.parse(startTime) <= time && time < end + HISTORY_STEP_MS;
}

const isEndedRefresh = ({ kind, endTime }: Command): boolean =>
  kind === "refresh" && endTime !== undefined;

/** A state that cannot be understood: what is wrong with it and what to do, two sentences. */
export class StateError extends Error {
  override readonly name = "StateError";
}

/**
 * Checks and cuts down an exported state to what is read here; no secret stays in it, in cleartext or not.
 *
 * @throws StateError when it is no state, or one of a newer Pulumi.
 */
export function readState(exported: unknown): StateFile {
  const parsed = stateSchema.safeParse(exported);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.map(String).join(".") || "the document";
    throw new StateError(
      `Its state cannot be understood: ${field} is not what Pulumi writes there. Repair it by \`pulumi state repair\`, or import a good one by \`pulumi stack import\`.`,
    );
  }
  const { version } = parsed.data;
  if (version > NEWEST_VERSION) {
    throw new StateError(
      `Its state has version ${version}, and ${NEWEST_VERSION} is the newest that is understood here. Update Bulkhead.`,
    );
  }
  return seal(parsed.data) as StateFile;
}

/** Bytes that AES-GCM adds to what it encrypts. */
const TAG_BYTES = 16;

/** Bytes of JSON in which no secret has room: `null`, `false`, `"abc"`. */
const EMPTY_BYTES = 5;

/** The form in which Pulumi's passphrase and key providers encrypt: version, nonce, ciphertext. */
const CIPHERTEXT = /^v1:[\w+/=-]+:([\w+/=-]+)$/;

/** Removes what encrypted values hold, and keeps the mark that they are there. One without content is none. */
function seal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(seal);
  if (typeof value !== "object" || value === null) return value;
  if (Reflect.get(value, SIGNATURE_KEY) === SECRET) {
    return isEmpty(value) ? null : { [SIGNATURE_KEY]: SECRET };
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, seal(each)]));
}

/** Whether a secret has no content; the length tells, since encryption keeps it. */
function isEmpty(secret: object): boolean {
  const { ciphertext, plaintext } = secret as { ciphertext?: unknown; plaintext?: unknown };
  if (typeof plaintext === "string") return plaintext.length <= EMPTY_BYTES;
  const [, encrypted] = CIPHERTEXT.exec(String(ciphertext)) ?? [];
  if (encrypted === undefined) return false;
  return Buffer.from(encrypted, "base64").length - TAG_BYTES <= EMPTY_BYTES;
}
