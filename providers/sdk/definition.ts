/** The contract of a provider: one table-driven definition per resource and function. */
import type { CheckFailure } from "./check.ts";
import type { VendorFault } from "./fault.ts";
import type { InputsOf, Properties, StateOf } from "./properties.ts";
import type { PlainMap, PlainValue, PropertyMap, RevealedMap } from "./values.ts";

/** What every operation on a resource is given. */
export interface Context<Client> {
  /** The vendor's client, made from the provider's configuration at first use. */
  readonly client: Client;
  readonly urn: string;
  /** What a person calls the resource, for messages: `D1 database "orders" (cloudflare:…)`. */
  readonly what: string;
  /** Aborted when the engine cancels: ends waiting, never a request under way. */
  readonly signal: AbortSignal;
  /** What the program's `customTimeouts` allow this operation, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** Tells the person who runs Pulumi something about this resource. */
  readonly log: Log;
  /** The vendor's fault in an error, if it is one. */
  readonly fault: (error: unknown) => VendorFault | undefined;
}

/** Shows a line at a resource; an ephemeral one is replaced by the next and kept nowhere. */
export type Log = (message: string, options?: { readonly ephemeral?: boolean }) => void;

/** A live resource: its id and what the vendor says of it. */
export interface Live<P extends Properties> {
  readonly id: string;
  readonly state: StateOf<P>;
}

/** A resource found by its inputs; `createdAt` is the vendor's clock, if the vendor tells it. */
export interface Existing<P extends Properties> extends Live<P> {
  readonly createdAt?: Date | undefined;
}

/** What is known of a resource that is read: everything on a refresh, parsed ids on an import. */
export type Known<P extends Properties> = {
  readonly inputs: Partial<InputsOf<P>> | undefined;
  readonly state: StateOf<P>;
};

/** A resource type. All operations take and give plain values; secrets, previews and errors are the base's. */
export interface Resource<Client, P extends Properties> {
  /** Pulumi type token. */
  readonly token: string;
  /** What a person calls it, such as `D1 database`. */
  readonly title: string;
  /** One paragraph for the schema, with the vendor's documentation URL. */
  readonly doc: string;
  readonly properties: P;
  /**
   * Inputs that must be unique at the vendor. A replacement that keeps them all would clash with the
   * resource it replaces, so the old one is deleted first; with none, there is no clash.
   */
  readonly identity: readonly (keyof P & string)[];
  /** Import id as documented, such as `<account_id>/<database_id>`; absent when import is not supported. */
  readonly importFormat?: string;
  /** Values in an import id, or undefined when it does not have the documented form. */
  parseImportId?(id: string): { readonly id: string; readonly state: StateOf<P> } | undefined;
  /** Marks secrets that the table cannot name, such as the text of a binding of one type only. */
  seal?(inputs: PropertyMap): PropertyMap;
  /** Checks beyond the table. Inputs may hold unknowns; `olds` are the recorded inputs, if any. */
  validate?(inputs: RevealedMap, olds: RevealedMap | undefined): readonly CheckFailure[];
  /**
   * Makes the resource. With {@link Resource.findExisting}: by exactly one mutating request, which the
   * client must not repeat by itself. Without: in a way that may be repeated.
   */
  create(context: Context<Client>, inputs: InputsOf<P>): Promise<Live<P>>;
  /**
   * What is left to do after a creation, an adoption or a change: waiting until the resource is ready
   * ({@link waitUntil}), further requests. Must be safe to repeat. Whatever goes wrong here, the
   * engine keeps the resource, and the next `up` calls `update`, if there is one, and this again.
   */
  finish?(context: Context<Client>, live: Live<P>, inputs: InputsOf<P>): Promise<Live<P>>;
  /**
   * The live resource, or undefined when the vendor no longer has it. Throws {@link UnfinishedError}
   * for one whose creation the vendor has not ended yet.
   */
  read(context: Context<Client>, id: string, known: Known<P>): Promise<Live<P> | undefined>;
  /** Brings the resource to the new inputs; absent when every input replaces. */
  update?(
    context: Context<Client>,
    id: string,
    inputs: InputsOf<P>,
    known: Known<P>,
  ): Promise<StateOf<P>>;
  delete(context: Context<Client>, id: string, state: StateOf<P>): Promise<void>;
  /**
   * The resource that holds these inputs' identity, to adopt one whose creation was carried out but
   * whose answer was lost. Absent when creating twice does no harm.
   */
  findExisting?(context: Context<Client>, inputs: InputsOf<P>): Promise<Existing<P> | undefined>;
  /** The vendor tells no creation time: the name is looked up before a creation is begun. */
  readonly creationTimeUnknown?: true;
  /**
   * The vendor tells a secret with the creation only. What an earlier attempt created cannot be used
   * then; it is deleted and created again instead of being adopted.
   */
  readonly secretToldOnce?: true;
}

/** A function (`invoke`). */
export interface Invokable<Client, A extends Properties, R extends Properties> {
  readonly token: string;
  readonly doc: string;
  readonly args: A;
  readonly returns: R;
  run(client: Client, args: InputsOf<A>): Promise<StateOf<R>>;
}

/** A resource with its table's type erased, as the base handles it. */
export interface AnyResource<Client> {
  readonly token: string;
  readonly title: string;
  readonly doc: string;
  readonly properties: Properties;
  readonly identity: readonly string[];
  readonly importFormat?: string;
  parseImportId?(id: string): { readonly id: string; readonly state: LooseState } | undefined;
  seal?(inputs: PropertyMap): PropertyMap;
  validate?(inputs: RevealedMap, olds: RevealedMap | undefined): readonly CheckFailure[];
  create(context: Context<Client>, inputs: PlainMap): Promise<LooseLive>;
  finish?(context: Context<Client>, live: LooseLive, inputs: PlainMap): Promise<LooseLive>;
  read(context: Context<Client>, id: string, known: LooseKnown): Promise<LooseLive | undefined>;
  update?(
    context: Context<Client>,
    id: string,
    inputs: PlainMap,
    known: LooseKnown,
  ): Promise<LooseState>;
  delete(context: Context<Client>, id: string, state: LooseState): Promise<void>;
  findExisting?(context: Context<Client>, inputs: PlainMap): Promise<LooseExisting | undefined>;
  readonly creationTimeUnknown?: true;
  readonly secretToldOnce?: true;
}

/** A function with its tables' types erased. */
export interface AnyInvokable<Client> {
  readonly token: string;
  readonly doc: string;
  readonly args: Properties;
  readonly returns: Properties;
  run(client: Client, args: PlainMap): Promise<LooseState>;
}

/** {@link StateOf} without a table. */
export type LooseState = { readonly [name: string]: PlainValue | undefined };
/** {@link Live} without a table. */
export interface LooseLive {
  readonly id: string;
  readonly state: LooseState;
}
/** {@link Existing} without a table. */
export interface LooseExisting extends LooseLive {
  readonly createdAt?: Date | undefined;
}
/** {@link Known} without a table. */
export interface LooseKnown {
  readonly inputs: PlainMap | undefined;
  readonly state: LooseState;
}

/** Gives a definition the types of its own table. The base checks inputs against that table before every call. */
export function defineResource<Client>() {
  return <const P extends Properties>(resource: Resource<Client, P>): AnyResource<Client> =>
    resource as unknown as AnyResource<Client>;
}

/** Gives a function the types of its own tables. */
export function defineFunction<Client>() {
  return <const A extends Properties, const R extends Properties>(
    invokable: Invokable<Client, A, R>,
  ): AnyInvokable<Client> => invokable as unknown as AnyInvokable<Client>;
}

/** A whole provider. */
export interface ProviderDefinition<Client> {
  /** Package name, the first part of every token. */
  readonly name: string;
  readonly version: string;
  readonly doc: string;
  /** npm package that holds the classes, for generated code. */
  readonly npmPackage: string;
  /** Provider configuration; values are strings. */
  readonly config: Properties;
  readonly resources: readonly AnyResource<Client>[];
  readonly functions: readonly AnyInvokable<Client>[];
  /** Makes the vendor's client; throws {@link ProviderError} when the configuration is not enough. */
  connect(config: { readonly [name: string]: string }): Client | Promise<Client>;
  /** Names the vendor account or endpoint, so that one journal serves several. No secret. */
  endpoint(config: { readonly [name: string]: string }): string;
  /** Tells the kinds of failure apart; undefined for an error that is not the vendor's. */
  toFault(error: unknown, config: { readonly [name: string]: string }): VendorFault | undefined;
}
