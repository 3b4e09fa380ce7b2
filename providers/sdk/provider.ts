/** The life cycle of resources, as the engine asks for it, on top of table-driven definitions. */
import { type Naming, withNames } from "./autoname.ts";
import { type CheckFailure, type CheckResult, checkInputs } from "./check.ts";
import { Connection } from "./connection.ts";
import { createOnce, hashInputs } from "./create.ts";
import type {
  AnyResource,
  Context,
  LooseLive,
  LooseState,
  ProviderDefinition,
} from "./definition.ts";
import { type Change, diffInputs, reconcileInputs } from "./diff.ts";
import { EngineLog } from "./engine-log.ts";
import { ProviderError, UnfinishedError } from "./fault.ts";
import { finish } from "./finish.ts";
import { parseImport } from "./import-id.ts";
import { Journal, journalFolder } from "./journal.ts";
import { foldMap, markSecrets, previewCreate, previewUpdate } from "./outputs.ts";
import type { Target } from "./target.ts";
import {
  containsUnknown,
  equal,
  type PlainMap,
  type PropertyMap,
  revealMap,
  UNKNOWN,
} from "./values.ts";

/** What a change of inputs means for a resource. */
export interface DiffResult {
  readonly changes: readonly Change[];
  readonly deleteBeforeReplace: boolean;
}

/** A resource after an operation; an empty id says that it does not exist. */
export interface ResourceResult {
  readonly id: string;
  readonly outputs: PropertyMap;
  readonly inputs: PropertyMap;
}

/** A resource that exists and is not ready; the engine keeps it with what is known of it. */
export class InitFailed extends ProviderError {
  readonly result: ResourceResult;

  constructor(message: string, result: ResourceResult, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "InitFailed";
    this.result = result;
  }
}

/** How an operation is to be done. */
export interface OperationOptions {
  readonly preview?: boolean;
  /** The program's `customTimeouts`, in milliseconds. */
  readonly timeoutMs?: number | undefined;
}

/** A provider without its transport. */
export class Provider<Client> {
  readonly definition: ProviderDefinition<Client>;
  readonly connection: Connection<Client>;
  /** Where lines for the engine's display go. */
  readonly log = new EngineLog();
  readonly #resources: ReadonlyMap<string, AnyResource<Client>>;
  readonly #journal: Journal;

  constructor(definition: ProviderDefinition<Client>, journal = new Journal(journalFolder())) {
    this.definition = definition;
    this.connection = new Connection(definition);
    this.#resources = new Map(definition.resources.map((each) => [each.token, each]));
    this.#journal = journal;
  }

  checkConfig(news: PropertyMap): CheckResult {
    // The engine adds these to what the program gave.
    const { version: _, pluginDownloadURL: __, ...own } = news;
    const result = checkInputs(`the ${this.definition.name} provider`, this.definition.config, own);
    const inputs = markSecretInputs(this.definition.config, result.inputs);
    return { failures: result.failures, inputs: { ...inputs, ...(_ ? { version: _ } : {}) } };
  }

  diffConfig(olds: PropertyMap, news: PropertyMap): DiffResult {
    const changes = diffInputs(this.definition.config, revealMap(olds), revealMap(news), {});
    return { changes, deleteBeforeReplace: false };
  }

  check(
    target: Target,
    olds: PropertyMap,
    news: PropertyMap,
    naming: Naming = { seed: new Uint8Array(), mode: "propose" },
  ): CheckResult {
    const resource = this.#resource(target);
    const given = withNames(resource.properties, target.name, naming, foldMap(olds), foldMap(news));
    const checked = checkInputs(resource.token, resource.properties, given);
    if (checked.failures.length > 0) return checked;
    const inputs = resource.seal?.(checked.inputs) ?? checked.inputs;
    const recorded = Object.keys(olds).length > 0 ? revealMap(olds) : undefined;
    const more: readonly CheckFailure[] = resource.validate?.(revealMap(inputs), recorded) ?? [];
    return { inputs, failures: more };
  }

  /** The engine names an id that its state holds: nothing needs to remember who created it. */
  async settle(target: Target, id: string): Promise<void> {
    await this.#journal.settle(target.urn, this.connection.endpoint(), id);
  }

  diff(target: Target, oldInputs: PropertyMap, state: PropertyMap, news: PropertyMap): DiffResult {
    const resource = this.#resource(target);
    const [before, after] = [revealMap(oldInputs), revealMap(news)];
    const changes = diffInputs(resource.properties, before, after, revealMap(state));
    const { identity } = resource;
    const clash = !changes.some((change) => identity.includes(rootOf(change.path)));
    const replaced = changes.some((each) => each.replace);
    return { changes, deleteBeforeReplace: replaced && identity.length > 0 && clash };
  }

  async create(
    target: Target,
    given: PropertyMap,
    { preview, timeoutMs }: OperationOptions = {},
  ): Promise<ResourceResult> {
    const resource = this.#resource(target);
    const inputs = foldMap(given);
    if (preview) return { id: "", inputs, outputs: previewCreate(resource.properties, inputs) };
    const plain = this.#known(target, inputs);
    const context = await this.#context(target, timeoutMs);
    const result = ({ id, state }: LooseLive): ResourceResult => ({
      id,
      inputs,
      outputs: markSecrets(resource.properties, { ...plain, ...state }, inputs),
    });
    return keeping(result, () =>
      createOnce({
        resource,
        context,
        name: target.name,
        inputs: plain,
        endpoint: this.connection.endpoint(),
        inputsHash: hashInputs(inputs),
        journal: this.#journal,
      }),
    );
  }

  async read(
    target: Target,
    givenId: string,
    givenInputs: PropertyMap,
    givenState: PropertyMap,
  ): Promise<ResourceResult> {
    const resource = this.#resource(target);
    const [inputs, state] = [foldMap(givenInputs), foldMap(givenState)];
    const recorded = Object.keys(inputs).length > 0 ? this.#known(target, inputs) : undefined;
    const importing = recorded === undefined && Object.keys(state).length === 0;
    const { id, known } = importing
      ? parseImport(resource, givenId)
      : { id: givenId, known: this.#known(target, state) };
    const result = (live: LooseLive | undefined): ResourceResult => {
      if (live === undefined) return { id: "", inputs: {}, outputs: {} };
      const found = { ...known, ...live.state };
      const current = reconcileInputs(resource.properties, recorded, found);
      // An input without drift keeps its recorded output, so that a refresh shows real changes only.
      const steady = Object.keys(current).filter(
        (name) => name in known && equal(current[name], recorded?.[name]),
      );
      const incidental = Object.keys(known).filter(
        (name) => resource.properties[name]?.incidental && recorded?.[name] === undefined,
      );
      const kept = Object.fromEntries(
        [...steady, ...incidental].map((name) => [name, known[name]]),
      );
      return {
        id: live.id,
        inputs: markSecrets(resource.properties, current, inputs, state),
        outputs: markSecrets(resource.properties, { ...found, ...kept }, inputs, state),
      };
    };
    const context = await this.#context(target);
    return keeping<LooseLive | undefined>(result, () =>
      this.#attempt(target, "read", () =>
        resource.read(context, id, { inputs: recorded, state: known }),
      ),
    );
  }

  async update(
    target: Target,
    id: string,
    old: { readonly inputs: PropertyMap; readonly state: PropertyMap },
    given: PropertyMap,
    { preview, timeoutMs }: OperationOptions = {},
  ): Promise<PropertyMap> {
    const resource = this.#resource(target);
    const inputs = foldMap(given);
    const state = foldMap(old.state);
    if (preview) return previewUpdate(resource.properties, inputs, state);
    const plain = this.#known(target, inputs);
    const known = {
      inputs: this.#known(target, foldMap(old.inputs)),
      state: this.#known(target, state),
    };
    const { update } = resource;
    // One that was created and not finished is only finished.
    if (update === undefined && resource.finish === undefined)
      throw new ProviderError(
        `${resource.token} "${target.name}" cannot be changed in place. Run \`pulumi up\` with a current plugin, which replaces it.`,
      );
    const context = await this.#context(target, timeoutMs);
    const kept = Object.entries(known.state).filter(([name]) => {
      const mode = resource.properties[name]?.mode;
      return mode === "output" || mode === "inherited";
    });
    const after = (changed: LooseState): LooseState => ({
      ...Object.fromEntries(kept),
      ...plain,
      ...changed,
    });
    const result = (live: LooseLive): ResourceResult => ({
      id: live.id,
      inputs,
      outputs: markSecrets(
        resource.properties,
        after(live.state),
        inputs,
        onlyOutputs(resource, state),
      ),
    });
    const { outputs } = await keeping(result, async () => {
      const changed =
        (await this.#attempt(target, "update", async () =>
          update?.call(resource, context, id, plain, known),
        )) ?? {};
      const live = { id, state: after(changed) };
      return finish(resource, context, live, plain, `Could not update the ${context.what}`);
    });
    return outputs;
  }

  async delete(
    target: Target,
    id: string,
    state: PropertyMap,
    { timeoutMs }: OperationOptions = {},
  ): Promise<void> {
    const resource = this.#resource(target);
    const known = this.#known(target, foldMap(state));
    const context = await this.#context(target, timeoutMs);
    await this.#attempt(target, "delete", async () => {
      try {
        await resource.delete(context, id, known);
      } catch (error) {
        // Gone already: what was asked for.
        if (this.connection.fault(error)?.kind !== "not-found") throw error;
      }
    });
  }

  async invoke(
    token: string,
    given: PropertyMap,
  ): Promise<{ readonly outputs: PropertyMap; readonly failures: readonly CheckFailure[] }> {
    const invokable = this.definition.functions.find((each) => each.token === token);
    if (invokable === undefined)
      throw new ProviderError(
        `The function ${token} is not one that this ${this.definition.name} plugin has. It has: ${listTokens(this.definition.functions)}.`,
      );
    const { inputs, failures } = checkInputs(token, invokable.args, foldMap(given));
    if (failures.length > 0) return { outputs: {}, failures };
    const args = revealMap(inputs);
    if (containsUnknown(args))
      return {
        outputs: Object.fromEntries(Object.keys(invokable.returns).map((name) => [name, UNKNOWN])),
        failures: [],
      };
    const result = await this.connection.retrying(`Could not call ${token}`, async () =>
      invokable.run(await this.connection.client(), args as PlainMap),
    );
    return { outputs: markSecrets(invokable.returns, result), failures: [] };
  }

  #resource(target: Target): AnyResource<Client> {
    const resource = this.#resources.get(target.type);
    if (resource) return resource;
    throw new ProviderError(
      `"${target.name}" is a ${target.type}, which this ${this.definition.name} plugin does not have. It has: ${listTokens(this.definition.resources)}.`,
    );
  }

  async #attempt<T>(target: Target, verb: string, work: () => Promise<T>): Promise<T> {
    return this.connection.retrying(`Could not ${verb} the ${this.#describe(target)}`, work);
  }

  #describe(target: Target): string {
    const { title, token } = this.#resource(target);
    return `${title} "${target.name}" (${token})`;
  }

  async #context(target: Target, timeoutMs?: number): Promise<Context<Client>> {
    return {
      client: await this.connection.client(),
      urn: target.urn,
      what: this.#describe(target),
      signal: this.connection.signal,
      timeoutMs,
      log: this.log.at(target.urn),
      fault: (error) => this.connection.fault(error),
    };
  }

  /** Plain values for a definition; the engine never runs an operation with unknown inputs. */
  #known(target: Target, map: PropertyMap): PlainMap {
    const revealed = revealMap(map);
    if (containsUnknown(revealed))
      throw new ProviderError(
        `The engine asked to change ${target.urn} with inputs that are not known yet. Run \`pulumi up\` again.`,
      );
    return revealed as PlainMap;
  }
}

/** Runs an operation; a resource that it left unfinished is described as a finished one is. */
async function keeping<T>(
  describe: (live: T | LooseLive) => ResourceResult,
  work: () => Promise<T>,
): Promise<ResourceResult> {
  try {
    return describe(await work());
  } catch (error) {
    if (!(error instanceof UnfinishedError)) throw error;
    throw new InitFailed(error.message, describe(error.live), { cause: error });
  }
}

function markSecretInputs(
  properties: ProviderDefinition<unknown>["config"],
  inputs: PropertyMap,
): PropertyMap {
  return previewUpdate(properties, foldMap(inputs), {});
}

function onlyOutputs<Client>(resource: AnyResource<Client>, state: PropertyMap): PropertyMap {
  const entries = Object.entries(state);
  return Object.fromEntries(
    entries.filter(([name]) => resource.properties[name]?.mode === "output"),
  );
}

function rootOf(path: string): string {
  return path.split(/[.[]/, 1)[0] ?? path;
}

function listTokens(definitions: readonly { readonly token: string }[]): string {
  return definitions.length === 0 ? "none" : definitions.map((each) => each.token).join(", ");
}
