/** What can go wrong at a vendor, in the few kinds that a provider has to tell apart. */
import type { PlainValue } from "./values.ts";

/**
 * - `not-found`: the resource does not exist at the vendor.
 * - `conflict`: the name is taken.
 * - `refused`: a definite no; nothing was changed.
 * - `unavailable`: nothing listens at the URL, or the vendor asked to come back later; the request did nothing.
 * - `lost`: the request may have been carried out, its answer never came.
 */
export type FaultKind = "not-found" | "conflict" | "refused" | "unavailable" | "lost";

/** A vendor's refusal or silence. The message holds the vendor's own code and words, never a request body. */
export class VendorFault extends Error {
  readonly kind: FaultKind;
  /** The vendor's own code, as in its documentation. */
  readonly code: string | undefined;
  /** One sentence of what to do, where it is known. */
  readonly remedy: string | undefined;

  constructor(
    kind: FaultKind,
    message: string,
    options: { code?: string; remedy?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "VendorFault";
    this.kind = kind;
    this.code = options.code;
    this.remedy = options.remedy;
  }
}

/** An error whose message is meant for the person who runs Pulumi. */
export class ProviderError extends Error {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "ProviderError";
  }
}

interface Unfinished {
  readonly id: string;
  readonly state: { readonly [name: string]: PlainValue | undefined };
}

/**
 * A resource that exists at the vendor and is not ready: its creation or change was carried out, and
 * what follows it did not come to its end. The engine keeps the resource with its id, shows the message,
 * and asks for an update on the next `up`, which goes on.
 */
export class UnfinishedError extends ProviderError {
  /** The resource's id and what is known of it. */
  readonly live: Unfinished;

  constructor(message: string, live: Unfinished, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "UnfinishedError";
    this.live = live;
  }
}

/** Says what was attempted, on which resource, and what the vendor answered. */
export function explainFault(attempt: string, fault: VendorFault): ProviderError {
  const code = fault.code === undefined ? "" : ` (code ${fault.code})`;
  const remedy = fault.remedy === undefined ? "" : ` ${fault.remedy}`;
  return new ProviderError(`${attempt}: ${fault.message.replace(/\.*$/, "")}${code}.${remedy}`, {
    cause: fault,
  });
}
