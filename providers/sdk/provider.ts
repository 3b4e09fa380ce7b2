/** The life cycle of resources, as the engine asks for it, on top of table-driven definitions. */
import { type CheckFailure, type CheckResult, checkInputs } from "./check.ts";
import { Connection } from "./connection.ts";
import { createOnce, hashInputs } from "./create.ts";
import type { AnyResource, Context, LooseState, ProviderDefinition } from "./definition.ts";
import { type Change, diffInputs, reconcileInputs } from "./diff.ts";
import { ProviderError } from "./fault.ts";
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

/** A provider without its transport. */
export class Provider<Client> {
  readonly definition: ProviderDefinition<Client>;
  readonly connection: Connection<Client>;
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

  check(target: Target, olds: PropertyMap, news: PropertyMap): CheckResult {
    const resource = this.#resource(target);
    const checked = checkInputs(resource.token, resource.properties, foldMap(news));
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
    const moved = changes.some((change) => resource.identity.includes(rootOf(change.path)));
    return { changes, deleteBeforeReplace: changes.some((each) => each.replace) && !moved };
  }

  async create(target: Target, given: PropertyMap, preview: boolean): Promise<ResourceResult> {
    const resource = this.#resource(target);
    const inputs = foldMap(given);
    if (preview) return { id: "", inputs, outputs: previewCreate(resource.properties, inputs) };
    const plain = this.#known(target, inputs);
    const live = await createOnce({
      resource,
      context: await this.#context(target),
      name: target.name,
      inputs: plain,
      endpoint: this.connection.endpoint(),
      inputsHash: hashInputs(inputs),
      journal: this.#journal,
      toFault: (error) => this.connection.fault(error),
    });
    const state = { ...plain, ...live.state };
    return { id: live.id, inputs, outputs: markSecrets(resource.properties, state, inputs) };
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
    const live = await this.#attempt(target, "read", async () =>
      resource.read(await this.#context(target), id, { inputs: recorded, state: known }),
    );
    if (live === undefined) return { id: "", inputs: {}, outputs: {} };
    const found = { ...known, ...live.state };
    const current = reconcileInputs(resource.properties, recorded, found);
    // An input without drift keeps its recorded output, so that a refresh shows real changes only.
    const steady = Object.keys(current).filter(
      (name) => name in known && equal(current[name], recorded?.[name]),
    );
    const outputs = { ...found, ...Object.fromEntries(steady.map((name) => [name, known[name]])) };
    return {
      id: live.id,
      inputs: markSecrets(resource.properties, current, inputs, state),
      outputs: markSecrets(resource.properties, outputs, inputs, state),
    };
  }

  async update(
    target: Target,
    id: string,
    old: { readonly inputs: PropertyMap; readonly state: PropertyMap },
    given: PropertyMap,
    preview: boolean,
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
    if (update === undefined)
      throw new ProviderError(
        `${resource.token} "${target.name}" cannot be changed in place. Run \`pulumi up\` with a current plugin, which replaces it.`,
      );
    const changed = await this.#attempt(target, "update", async () =>
      update.call(resource, await this.#context(target), id, plain, known),
    );
    const kept = Object.entries(known.state).filter(([name]) => {
      const mode = resource.properties[name]?.mode;
      return mode === "output" || mode === "inherited";
    });
    const result: LooseState = { ...Object.fromEntries(kept), ...plain, ...changed };
    return markSecrets(resource.properties, result, inputs, onlyOutputs(resource, state));
  }

  async delete(target: Target, id: string, state: PropertyMap): Promise<void> {
    const resource = this.#resource(target);
    const known = this.#known(target, foldMap(state));
    await this.#attempt(target, "delete", async () => {
      try {
        await resource.delete(await this.#context(target), id, known);
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
    const { title, token } = this.#resource(target);
    return this.connection.retrying(
      `Could not ${verb} the ${title} "${target.name}" (${token})`,
      work,
    );
  }

  async #context(target: Target): Promise<Context<Client>> {
    const client = await this.connection.client();
    return { client, urn: target.urn, signal: this.connection.signal };
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
