/** What several resource definitions share. */
import type {
  AnyResource,
  Context,
  LooseKnown,
  LooseState,
  Resource,
} from "../../../providers/sdk/definition.ts";
import { defineFunction, defineResource } from "../../../providers/sdk/definition.ts";
import { diffInputs } from "../../../providers/sdk/diff.ts";
import { ProviderError, UnfinishedError } from "../../../providers/sdk/fault.ts";
import type { InputsOf, Properties, StateOf } from "../../../providers/sdk/properties.ts";
import type { PlainMap, PlainValue } from "../../../providers/sdk/values.ts";
import type { AwsClient } from "./client.ts";
import { inherited, REPLACE } from "./rows.ts";

/**
 * {@link defineResource} for this plugin's client. To AWS, a resource of another account is one that does
 * not exist; here it is told apart, so that neither a refresh nor a deletion with the wrong credentials
 * takes it out of the state.
 */
export function define<const P extends Properties>(
  resource: Resource<AwsClient, P>,
): AnyResource<AwsClient> {
  const defined = defineResource<AwsClient>()(resource);
  return {
    ...defined,
    async read(context, id, known) {
      const found = await defined.read(context, id, known);
      if (found === undefined) await refuseOtherAccount(context, known.state);
      return found;
    },
    async delete(context, id, state) {
      await refuseOtherAccount(context, state);
      await defined.delete(context, id, state);
    },
  };
}

/** The account in an ARN; buckets' ARNs have none. */
const ARN_ACCOUNT = /^arn:[\w-]+:[\w-]+:[\w-]*:(\d{12}):/;

async function refuseOtherAccount({ client, what }: AwsContext, state: LooseState): Promise<void> {
  const arn = state.arn ?? state.dbSnapshotArn;
  const owner = typeof arn === "string" ? arn.match(ARN_ACCOUNT)?.[1] : undefined;
  if (owner === undefined || client.settings.skipCredentialsValidation) return;
  const account = await client.account();
  if (account === owner) return;
  throw new ProviderError(
    `The ${what} belongs to the account ${owner}, and the credentials to ${account}. Use the credentials of this stack's own account.`,
  );
}

/** {@link defineFunction} for this plugin's client. */
export const defineInvoke = defineFunction<AwsClient>();
/** The context of every operation. */
export type AwsContext = Context<AwsClient>;

/** Rows of every resource. */
export const regionRow = {
  region: inherited("string", "Region of the resource; else the provider's.", REPLACE),
} as const;

/** Description of a resource whose program gives none. */
export const MANAGED = "Managed by Pulumi";

/** Order does not count: the vendor keeps a set. */
export function asSet(value: PlainValue): PlainValue {
  if (!Array.isArray(value)) return value;
  const keyed = value.map((each) => [JSON.stringify(each), each] as const);
  return keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, each]) => each);
}

/** Case does not count: the vendor keeps lower case. */
export function lowerCase(value: PlainValue): PlainValue {
  return typeof value === "string" ? value.toLowerCase() : value;
}

/**
 * Inputs that an update has to bring to the vendor, by the same comparison as the preview; for one
 * that was taken out of the program, what stands for it.
 */
export function changedInputs<P extends Properties>(
  properties: P,
  known: { readonly inputs: Partial<InputsOf<P>> | undefined; readonly state: StateOf<P> },
  inputs: InputsOf<P>,
): { readonly [K in keyof P]?: PlainValue | undefined } {
  const { inputs: before, state } = known as LooseKnown;
  const after = inputs as unknown as PlainMap;
  const names = diffInputs(properties, before ?? {}, after, state as PlainMap).map(
    ({ path }) => path.split(/[.[]/, 1)[0] ?? path,
  );
  const entries = [...new Set(names)].map((name) => [name, after[name] ?? properties[name]?.unset]);
  return Object.fromEntries(entries);
}

/**
 * What the vendor says after a change, in the program's words where the program says it: so does a
 * refresh that finds nothing changed.
 */
export function inOwnWords<S extends object, I extends object>(found: S, inputs: I): S {
  const said = Object.entries(inputs).filter(([, value]) => value !== undefined);
  return { ...found, ...Object.fromEntries(said) };
}

/** For a read of a resource whose creation goes on: the engine keeps it, and `up` waits for it. */
export function stillCreating(
  { what }: AwsContext,
  status: string,
  live: { readonly id: string; readonly state: object },
): UnfinishedError {
  return new UnfinishedError(
    `The ${what} is not ready: its state at the vendor is "${status}". Run \`pulumi up\` to go on waiting.`,
    { id: live.id, state: live.state as PlainMap },
  );
}
