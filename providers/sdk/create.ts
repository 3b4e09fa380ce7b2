/** Creating exactly once, although answers get lost: retry, journal, adoption. */
import { createHash } from "node:crypto";
import type { AnyResource, Context, LooseExisting, LooseLive } from "./definition.ts";
import { explainFault, ProviderError, UnfinishedError, VendorFault } from "./fault.ts";
import { finish } from "./finish.ts";
import type { Intent, Journal } from "./journal.ts";
import { retrying } from "./retry.ts";
import { containsSecret, type PlainMap, type PropertyMap } from "./values.ts";

/** How far the vendor's clock may be from this machine's, in milliseconds. */
export const CLOCK_SLACK_MS = 2000;
/** How long one run may go on asking for a creation: each of the SDK's attempts may take a minute. */
export const CREATION_WINDOW_MS = 10 * 60 * 1000;
/** After this an intent is no evidence any more: whatever exists now may be anybody's. */
export const INTENT_LIFETIME_MS = CREATION_WINDOW_MS + 60 * 60 * 1000;

/** Everything that one creation needs. */
export interface Creation<Client> {
  readonly resource: AnyResource<Client>;
  readonly context: Context<Client>;
  readonly name: string;
  readonly inputs: PlainMap;
  readonly endpoint: string;
  readonly inputsHash: string;
  readonly journal: Journal;
  readonly now?: () => Date;
}

/**
 * Creates the resource, or adopts the one that an earlier attempt of the same URN created, and finishes it.
 * Throws {@link ProviderError}, and {@link UnfinishedError} once the resource exists; the intent stays
 * open when the outcome is not known, and, with the id, until the engine is known to have it.
 */
export async function createOnce<Client>(creation: Creation<Client>): Promise<LooseLive> {
  const { resource, context, inputs } = creation;
  const live = await createOrAdopt(creation);
  const attempt = `The ${context.what} exists, but could not be finished`;
  return finish(resource, context, live, inputs, attempt);
}

async function createOrAdopt<Client>(creation: Creation<Client>): Promise<LooseLive> {
  const { resource, context, inputs, journal, endpoint } = creation;
  if (resource.findExisting === undefined) return request(creation, undefined, () => {});
  const earlier = await openIntent(creation);
  const left = earlier && (await lookUp(creation));
  if (earlier && left && !(await discard(creation, [earlier], left)))
    return adoptOrRefuse(creation, [earlier], left, FOUND);
  // The earlier run created nothing, so what counts from here on is this run's own time.
  const intent = await begin(creation);
  let answerLost = false;
  try {
    const live = await request(creation, intent, () => {
      answerLost = true;
    });
    // The engine may be killed before it has written the id into its state.
    await journal.record({ ...intent, id: live.id });
    return live;
  } catch (error) {
    if (error instanceof UnfinishedError) {
      await journal.record({ ...intent, id: error.live.id });
      throw error;
    }
    const fault = causeOf(error);
    if (fault === undefined) throw error;
    if (fault.kind === "conflict") {
      // An earlier run's request may have been carried out after the look-up.
      const intents = [...(earlier ? [earlier] : []), ...(answerLost ? [intent] : [])];
      const found = await resource.findExisting(context, inputs);
      if (found && (await discard(creation, intents, found))) return createOrAdopt(creation);
      return adoptOrRefuse(creation, intents, found, fault);
    }
    const unknown = fault.kind === "lost" || (answerLost && fault.kind === "unavailable");
    if (!unknown) await journal.end(context.urn, endpoint);
    throw error;
  }
}

/** SHA-256 of the inputs without their secret parts: a hash of a guessable secret would give it away. */
export function hashInputs(inputs: PropertyMap): string {
  const open = Object.fromEntries(
    Object.entries(inputs).filter(([, value]) => !containsSecret(value)),
  );
  return createHash("sha256").update(JSON.stringify(open, sortedKeys)).digest("hex");
}

/** Makes `JSON.stringify` write every map, nested ones too, in the order of its names. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What an earlier run has left; an intent that is too old to prove anything is deleted. */
async function openIntent<Client>(creation: Creation<Client>): Promise<Intent | undefined> {
  const { context, journal, endpoint } = creation;
  const intent = await journal.find(context.urn, endpoint);
  if (intent === undefined) return undefined;
  if (now(creation).getTime() - Date.parse(intent.startedAt) <= INTENT_LIFETIME_MS) return intent;
  await journal.end(context.urn, endpoint);
  return undefined;
}

const now = <Client>(creation: Creation<Client>): Date => creation.now?.() ?? new Date();

/** Records the intent. A vendor that tells no creation time is asked first whether the name is free. */
async function begin<Client>(creation: Creation<Client>): Promise<Intent> {
  const { resource, context, journal, endpoint } = creation;
  const absentBefore = resource.creationTimeUnknown === true;
  if (absentBefore) {
    const found = await lookUp(creation);
    if (found !== undefined) throw nameTaken(creation, found, FOUND);
  }
  const intent: Intent = {
    urn: context.urn,
    endpoint,
    inputsHash: creation.inputsHash,
    startedAt: now(creation).toISOString(),
    absentBefore,
  };
  await journal.record(intent);
  return intent;
}

/** The vendor's refusal when it was asked before the creation instead. */
const FOUND = new VendorFault("conflict", "the vendor has one already");

function lookUp<Client>(creation: Creation<Client>): Promise<LooseExisting | undefined> {
  const { resource, context, inputs } = creation;
  const attempt = `Could not create the ${context.what}`;
  return retrying(attempt, context.signal, context.fault, async () =>
    resource.findExisting?.(context, inputs),
  );
}

/**
 * Asks for the resource until the vendor answers. Once an answer was lost, each further request is
 * made only if the vendor does not have the resource already: not every vendor refuses a second one.
 */
function request<Client>(
  creation: Creation<Client>,
  intent: Intent | undefined,
  onLost: () => void,
): Promise<LooseLive> {
  const { resource, context, inputs } = creation;
  let answerLost = false;
  const work = async () => {
    if (answerLost && intent) {
      const found = await resource.findExisting?.(context, inputs);
      const made = found && proves(creation, intent, found);
      if (made && !(await discard(creation, [intent], found))) return found;
    }
    return resource.create(context, inputs);
  };
  return retrying(
    `Could not create the ${context.what}`,
    context.signal,
    context.fault,
    work,
    () => {
      answerLost = true;
      onLost();
    },
  );
}

/** Deletes what this stack has created and cannot use, since its secret is not told again. */
async function discard<Client>(
  creation: Creation<Client>,
  intents: readonly Intent[],
  found: LooseExisting,
): Promise<boolean> {
  const { resource, context } = creation;
  if (!resource.secretToldOnce) return false;
  if (!intents.some((intent) => proves(creation, intent, found))) return false;
  await resource.delete(context, found.id, found.state);
  return true;
}

/** Takes what was found for this stack's own when one of the intents proves that it is. */
async function adoptOrRefuse<Client>(
  creation: Creation<Client>,
  intents: readonly Intent[],
  found: LooseExisting | undefined,
  conflict: VendorFault,
): Promise<LooseLive> {
  const proof = found && intents.find((intent) => proves(creation, intent, found));
  if (proof) {
    await creation.journal.record({ ...proof, id: found.id });
    return { id: found.id, state: found.state };
  }
  await creation.journal.end(creation.context.urn, creation.endpoint);
  throw nameTaken(creation, found, conflict);
}

function proves<Client>(
  { inputsHash }: Creation<Client>,
  intent: Intent,
  { id, createdAt }: LooseExisting,
): boolean {
  if (intent.inputsHash !== inputsHash || (intent.id ?? id) !== id) return false;
  // Where the vendor tells no time, that the name was free when the intent was written is the evidence.
  if (createdAt === undefined) return intent.absentBefore === true;
  const after = createdAt.getTime() - Date.parse(intent.startedAt);
  return after >= -CLOCK_SLACK_MS && after <= CREATION_WINDOW_MS + CLOCK_SLACK_MS;
}

function nameTaken<Client>(
  creation: Creation<Client>,
  found: LooseExisting | undefined,
  conflict: VendorFault,
): ProviderError {
  const { resource, inputs, name } = creation;
  const id =
    found === undefined || resource.importFormat === undefined
      ? (resource.importFormat ?? "ID")
      : importId(resource, resource.importFormat, inputs, found.id);
  return explainFault(
    `Could not create the ${creation.context.what}, because it exists already and this stack did not create it`,
    new VendorFault(conflict.kind, conflict.message, {
      ...(conflict.code === undefined ? {} : { code: conflict.code }),
      remedy: `If it belongs to this stack, run \`pulumi import ${resource.token} ${name} '${id}'\`; if not, choose another name.`,
    }),
  );
}

/** Fills `<account_id>/<anything>` with the inputs, given or not, that have that name, else with the id. */
function importId<Client>(
  { properties }: AnyResource<Client>,
  format: string,
  inputs: PlainMap,
  id: string,
): string {
  return format.replace(/<([a-z_]+)>/g, (_, placeholder: string) => {
    const name = placeholder.replace(/_(.)/g, (__, letter: string) => letter.toUpperCase());
    const value = inputs[name] ?? properties[name]?.unset;
    return typeof value === "string" ? value : id;
  });
}

function causeOf(error: unknown): VendorFault | undefined {
  const cause = error instanceof ProviderError ? error.cause : error;
  return cause instanceof VendorFault ? cause : undefined;
}
