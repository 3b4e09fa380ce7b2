/** What is known of a stack at each moment of its deployment, and of its siblings. */
import {
  type FactMap,
  type FactValue,
  isFactMap,
  type ResourceFact,
  reveal,
  Secret,
  type StackFacts,
  UNKNOWN,
  Unknown,
} from "../../../isolation/facts.ts";
import { Derived, type ResourceSpec, type StackSpec, type Value, type Values } from "./spec.ts";

/** A preview knows what exists already; an update, at its end, everything; a state has secrets sealed. */
export type Moment = "preview" | "update" | "state";

/** How a stack looks at a moment, with everything that the vendors have answered by then. */
export function factsAt(stack: StackSpec, moment: Moment): StackFacts {
  return {
    project: stack.project,
    stack: stack.stack,
    phase: moment,
    config: moment === "state" ? {} : stack.config,
    resources: stack.resources.map((spec) => factAt(stack, spec, moment, true)),
    outputs: valuesAt(stack, stack.outputs, moment),
  };
}

/** A resource as it is announced before it is made: by what the program asks for alone. */
export function announcedAt(stack: StackSpec, spec: ResourceSpec, moment: Moment): ResourceFact {
  return factAt(stack, spec, moment, false);
}

export function urnOf(stack: StackSpec, { type, name, parent }: ResourceSpec): string {
  const types: string[] = [type];
  for (let key = parent; key !== undefined; ) {
    const above: ResourceSpec | undefined = stack.resources.find((each) => each.key === key);
    if (above === undefined) break;
    types.unshift(above.type);
    key = above.parent;
  }
  return `urn:pulumi:${stack.stack}::${stack.project}::${types.join("$")}::${name}`;
}

function factAt(
  stack: StackSpec,
  spec: ResourceSpec,
  moment: Moment,
  answered: boolean,
): ResourceFact {
  const byKey = (key: string | undefined) => stack.resources.find((each) => each.key === key);
  const parent = byKey(spec.parent);
  const provider = byKey(spec.provider);
  const inputs = valuesAt(stack, spec.inputs, moment);
  const exists = moment !== "preview" || stack.made.has(spec.key);
  const outputs = answered ? { ...inputs, ...answerAt(spec, exists, moment) } : {};
  return {
    urn: urnOf(stack, spec),
    type: spec.type,
    name: spec.name,
    parent: parent && urnOf(stack, parent),
    custom: spec.custom,
    id: answered && exists ? spec.id : undefined,
    external: spec.external,
    inputs,
    outputs,
    protect: spec.protect,
    // The engine tells it in the state alone.
    retainOnDelete: answered && exists ? spec.retainOnDelete : undefined,
    provider: provider && {
      urn: urnOf(stack, provider),
      type: provider.type,
      name: provider.name,
      inputs: valuesAt(stack, provider.inputs, moment),
    },
  };
}

function answerAt(spec: ResourceSpec, exists: boolean, moment: Moment): FactMap {
  return Object.fromEntries(
    Object.entries(spec.answer).map(([key, value]) => [
      key,
      exists ? sealedIn(value, moment) : value instanceof Secret ? new Secret(UNKNOWN) : UNKNOWN,
    ]),
  );
}

function valuesAt(stack: StackSpec, values: Values, moment: Moment): FactMap {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, valueIn(stack, value, moment)]),
  );
}

function valueIn(stack: StackSpec, value: Value, moment: Moment): FactValue {
  if (value instanceof Derived) return sealedIn(derivedIn(stack, value, moment), moment);
  if (value instanceof Secret || value === null || typeof value !== "object")
    return sealedIn(value, moment);
  if (Array.isArray(value)) return value.map((item: Value) => valueIn(stack, item, moment));
  return valuesAt(stack, value as Values, moment);
}

function derivedIn(stack: StackSpec, { from, make }: Derived, moment: Moment): FactValue {
  const parts = from.map(({ key, path }) => partIn(stack, key, path, moment));
  const secret = parts.some((part) => part instanceof Secret);
  const texts = parts.map(reveal);
  if (texts.some((text) => text instanceof Unknown)) return secret ? new Secret(UNKNOWN) : UNKNOWN;
  const made = make(...texts.map(String));
  return secret ? new Secret(made) : made;
}

/** An output of another resource: what it was given is known at once, what the vendor answers later. */
function partIn(stack: StackSpec, key: string, path: string, moment: Moment): FactValue {
  const spec = stack.resources.find((each) => each.key === key);
  if (spec === undefined) throw new Error(`The stack ${stack.stack} has no resource ${key}.`);
  const given = spec.inputs[path];
  if (given !== undefined && path !== "id")
    return valueIn(stack, given, moment === "state" ? "update" : moment);
  if (moment === "preview" && !stack.made.has(key))
    return spec.answer[path] instanceof Secret ? new Secret(UNKNOWN) : UNKNOWN;
  const answer = path === "id" ? spec.id : spec.answer[path];
  if (answer === undefined) throw new Error(`The resource ${key} answers no ${path}.`);
  return answer;
}

/** In a state nothing inside a secret can be read. */
function sealedIn(value: FactValue, moment: Moment): FactValue {
  if (moment !== "state") return value;
  if (value instanceof Secret) return new Secret(undefined);
  if (Array.isArray(value)) return value.map((item: FactValue) => sealedIn(item, moment));
  if (isFactMap(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, sealedIn(item, moment)]),
    );
  return value;
}
