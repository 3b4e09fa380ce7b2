import * as pulumi from "@pulumi/pulumi";
import { type FactMap, type FactValue, Secret, UNKNOWN } from "../isolation/facts.ts";

/** What an output holds besides its value. Source: pulumi/pulumi sdk/nodejs/output.ts. */
interface OutputParts {
  readonly isKnown: Promise<boolean>;
  readonly isSecret: Promise<boolean>;
  promise(withUnknowns: boolean): Promise<unknown>;
}

/** An input as it stands once everything that it waits for is there: secrets and unknowns stay marked. */
export async function factOf(value: unknown): Promise<FactValue | undefined> {
  if (value instanceof Promise) return factOf(await value);
  if (pulumi.Output.isInstance(value)) return outputFact(value as unknown as OutputParts);
  if (value === null) return null;
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return value;
    case "object":
      break;
    default:
      return undefined;
  }
  if ("__pulumiUnknown" in value) return UNKNOWN;
  if (Array.isArray(value))
    return Promise.all(value.map(async (item: unknown) => (await factOf(item)) ?? null));
  // A resource given as an input is known by its own entry.
  return pulumi.Resource.isInstance(value) ? undefined : factMapOf(Object.entries(value));
}

/** {@link factOf} for named values; those without a value and the SDK's own are left out. */
export async function factMapOf(
  entries: readonly (readonly [string, unknown])[],
): Promise<FactMap> {
  const facts = await Promise.all(
    entries
      .filter(([key]) => !key.startsWith("__"))
      .map(async ([key, value]) => [key, await factOf(value)] as const),
  );
  return Object.fromEntries(
    facts.flatMap(([key, fact]) => (fact === undefined ? [] : [[key, fact]])),
  );
}

async function outputFact(output: OutputParts): Promise<FactValue | undefined> {
  const [known, secret, value] = await Promise.all([
    output.isKnown,
    output.isSecret,
    output.promise(true),
  ]);
  const fact = known || value !== undefined ? await factOf(value) : UNKNOWN;
  return secret && fact !== undefined ? new Secret(fact) : fact;
}
