import { isProvider, type ResourceFact, textOf } from "../../isolation/facts.ts";
import type { StackReading } from "../../policy/siblings/index.ts";

/** By type token and vendor's id. */
type IsOwned = (type: string, id: string) => boolean;

/**
 * Whether a stack of the backend owns a thing in the accounts of the given one. Some ids are names, which
 * are there once in each account: another stack's Worker is no reason for one of its name here.
 */
export function ownersOf(readings: readonly StackReading[]): (reading: StackReading) => IsOwned {
  const owners = new Map<string, Set<string | undefined>>();
  for (const resource of readings.flatMap(ownResources)) addTo(owners, keyOf(resource), resource);
  return (reading) => {
    const accounts = new Map<string, Set<string | undefined>>();
    for (const resource of ownResources(reading)) addTo(accounts, vendorOf(resource), resource);
    return (type, id) => {
      const own = accounts.get(vendorOf({ type }));
      const isHere = (account: string | undefined) =>
        account === undefined || own === undefined || own.has(account) || !hasKnown(own);
      return [...(owners.get(keyOf({ type, id })) ?? [])].some(isHere);
    };
  };
}

function addTo(
  accounts: Map<string, Set<string | undefined>>,
  key: string,
  resource: ResourceFact,
): void {
  const known = accounts.get(key) ?? new Set();
  accounts.set(key, known.add(accountOf(resource)));
}

const hasKnown = (accounts: ReadonlySet<string | undefined>): boolean =>
  [...accounts].some((account) => account !== undefined);

const ownResources = (reading: StackReading): readonly ResourceFact[] =>
  reading.problem !== undefined || reading.empty ? [] : reading.facts().resources.filter(isOwn);

const isOwn = (resource: ResourceFact): boolean =>
  resource.custom && !resource.external && !isProvider(resource);

/** The account that a thing is in, where its id is not unique at the vendor; undefined: nobody tells. */
function accountOf({ inputs, outputs }: ResourceFact): string | undefined {
  const arn = textOf(outputs.arn) ?? "";
  return textOf(inputs.accountId) ?? textOf(outputs.accountId) ?? AWS_ACCOUNT.exec(arn)?.[1];
}

const AWS_ACCOUNT = /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/;

const vendorOf = ({ type }: Pick<ResourceFact, "type">): string => type.split(":", 1)[0] ?? type;

const keyOf = ({ type, id = "" }: Pick<ResourceFact, "type" | "id">): string => `${type} ${id}`;
