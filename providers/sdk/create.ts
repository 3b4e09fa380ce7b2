/** Creating exactly once, although answers get lost: retry, journal, adoption. */
import { createHash } from "node:crypto";
import type { AnyResource, Context, LooseLive } from "./definition.ts";
import { explainFault, ProviderError, VendorFault } from "./fault.ts";
import type { Intent, Journal } from "./journal.ts";
import { retrying } from "./retry.ts";
import { containsSecret, type PlainMap, type PropertyMap } from "./values.ts";

/** How far the vendor's clock may be behind this machine's, in milliseconds. */
export const CLOCK_SLACK_MS = 2000;

/** Everything that one creation needs. */
export interface Creation<Client> {
  readonly resource: AnyResource<Client>;
  readonly context: Context<Client>;
  readonly name: string;
  readonly inputs: PlainMap;
  readonly endpoint: string;
  readonly inputsHash: string;
  readonly journal: Journal;
  readonly toFault: (error: unknown) => VendorFault | undefined;
  readonly now?: () => Date;
}

/**
 * Creates the resource, or adopts the one that an earlier attempt of the same URN created.
 * Throws {@link ProviderError}; the intent stays open only when the outcome is not known.
 */
export async function createOnce<Client>(creation: Creation<Client>): Promise<LooseLive> {
  const { resource, context, journal, endpoint } = creation;
  if (resource.findExisting === undefined) return request(creation, () => {});
  const earlier = await journal.find(context.urn, endpoint);
  const intent = earlier ?? (await begin(creation));
  let answerLost = earlier !== undefined;
  try {
    const live = await request(creation, () => {
      answerLost = true;
    });
    await journal.end(context.urn, endpoint);
    return live;
  } catch (error) {
    const fault = causeOf(error);
    if (fault === undefined) throw error;
    if (fault.kind === "conflict") {
      if (answerLost) return adopt(creation, intent, fault);
      await journal.end(context.urn, endpoint);
      throw await nameTaken(creation, fault);
    }
    const unknown = fault.kind === "lost" || (answerLost && fault.kind === "unavailable");
    if (!unknown) await journal.end(context.urn, endpoint);
    throw error;
  }
}

/** SHA-256 of the inputs without their secret parts: a hash of a guessable secret would give it away. */
export function hashInputs(inputs: PropertyMap): string {
  const open = Object.entries(inputs)
    .filter(([, value]) => !containsSecret(value))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(open)).digest("hex");
}

/** Records the intent. A vendor that tells no creation time is asked first whether the name is free. */
async function begin<Client>(creation: Creation<Client>): Promise<Intent> {
  const { resource, context, inputs, journal, endpoint } = creation;
  const absentBefore = resource.creationTimeUnknown === true;
  if (absentBefore) {
    const attempt = `Could not create the ${describe(creation)}`;
    const found = await retrying(attempt, context.signal, creation.toFault, async () =>
      resource.findExisting?.(context, inputs),
    );
    if (found !== undefined)
      throw await nameTaken(creation, new VendorFault("conflict", "the vendor has one already"));
  }
  const intent: Intent = {
    urn: context.urn,
    endpoint,
    inputsHash: creation.inputsHash,
    startedAt: (creation.now?.() ?? new Date()).toISOString(),
    absentBefore,
  };
  await journal.begin(intent);
  return intent;
}

function request<Client>(creation: Creation<Client>, onLost: () => void): Promise<LooseLive> {
  const { resource, context, inputs } = creation;
  const attempt = `Could not create the ${describe(creation)}`;
  return retrying(
    attempt,
    context.signal,
    creation.toFault,
    () => resource.create(context, inputs),
    onLost,
  );
}

async function adopt<Client>(
  creation: Creation<Client>,
  intent: Intent,
  conflict: VendorFault,
): Promise<LooseLive> {
  const { resource, context, inputs, journal, endpoint } = creation;
  const found = await resource.findExisting?.(context, inputs);
  const earliest = Date.parse(intent.startedAt) - CLOCK_SLACK_MS;
  // Where the vendor tells no time, that the name was free when the intent was written is the evidence.
  const fresh =
    found?.createdAt === undefined
      ? intent.absentBefore === true
      : found.createdAt.getTime() >= earliest;
  const ours = fresh && intent.inputsHash === creation.inputsHash;
  await journal.end(context.urn, endpoint);
  if (found !== undefined && ours) return { id: found.id, state: found.state };
  throw await nameTaken(creation, conflict);
}

async function nameTaken<Client>(
  creation: Creation<Client>,
  conflict: VendorFault,
): Promise<ProviderError> {
  const { resource, context, inputs, name } = creation;
  const found = await resource.findExisting?.(context, inputs).catch(() => undefined);
  const id =
    found === undefined || resource.importFormat === undefined
      ? (resource.importFormat ?? "ID")
      : importId(resource.importFormat, inputs, found.id);
  return explainFault(
    `Could not create the ${describe(creation)}, because it exists already and this stack did not create it`,
    new VendorFault(conflict.kind, conflict.message, {
      ...(conflict.code === undefined ? {} : { code: conflict.code }),
      remedy: `If it belongs to this stack, run \`pulumi import ${resource.token} ${name} '${id}'\`; if not, choose another name.`,
    }),
  );
}

/** Fills `<account_id>/<anything>` with the inputs where they have that name, else with the id. */
function importId(format: string, inputs: PlainMap, id: string): string {
  return format.replace(/<([a-z_]+)>/g, (_, placeholder: string) => {
    const name = placeholder.replace(/_(.)/g, (__, letter: string) => letter.toUpperCase());
    const value = inputs[name];
    if (typeof value === "string") return value;
    return placeholder === "jurisdiction" ? "default" : id;
  });
}

function describe<Client>(creation: Creation<Client>): string {
  return `${creation.resource.title} "${creation.name}" (${creation.resource.token})`;
}

function causeOf(error: unknown): VendorFault | undefined {
  const cause = error instanceof ProviderError ? error.cause : error;
  return cause instanceof VendorFault ? cause : undefined;
}
