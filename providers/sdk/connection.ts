/** The way to the vendor: configuration, the client made from it, and waiting while it does not answer. */
import type { ProviderDefinition } from "./definition.ts";
import { ProviderError, VendorFault } from "./fault.ts";
import { retrying } from "./retry.ts";
import { containsUnknown, type PropertyMap, type RevealedMap, revealMap } from "./values.ts";

/** One configured provider's connection; the client is made at first use. */
export class Connection<Client> {
  readonly #definition: ProviderDefinition<Client>;
  readonly #cancelled = new AbortController();
  #config: RevealedMap = {};
  #client: Promise<Client> | undefined;

  constructor(definition: ProviderDefinition<Client>) {
    this.#definition = definition;
  }

  /** Aborted once the engine cancels. */
  get signal(): AbortSignal {
    return this.#cancelled.signal;
  }

  /** Ends every wait between attempts. Requests under way are let finish, so that their outcome is known. */
  cancel(): void {
    this.#cancelled.abort();
  }

  /** Takes the provider's configuration, which may hold unknowns in a preview. */
  configure(args: PropertyMap): void {
    this.#config = revealMap(args);
    this.#client = undefined;
  }

  /** The vendor's client. Throws {@link ProviderError} while the configuration is not known. */
  client(): Promise<Client> {
    if (containsUnknown(this.#config))
      throw new ProviderError(
        `The configuration of the ${this.#definition.name} provider is not known before \`pulumi up\`, and this step needs it now. Give the provider values that are known in a preview.`,
      );
    this.#client ??= Promise.resolve(this.#definition.connect(this.#strings()));
    return this.#client;
  }

  /** Names the vendor's endpoint, without a secret. */
  endpoint(): string {
    return this.#definition.endpoint(this.#strings());
  }

  /** The vendor's fault in an error, if it is one. */
  fault(error: unknown): VendorFault | undefined {
    if (error instanceof VendorFault) return error;
    return this.#definition.toFault(error, this.#strings());
  }

  /** Runs what is safe to repeat until the vendor answers. `attempt` begins the error's sentence. */
  retrying<T>(attempt: string, work: () => Promise<T>): Promise<T> {
    return retrying(attempt, this.signal, (error) => this.fault(error), work);
  }

  #strings(): Record<string, string> {
    const config = Object.entries(this.#config);
    return Object.fromEntries(
      config.flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : [])),
    );
  }
}
