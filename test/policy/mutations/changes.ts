/** Changes of an estate that several mutations begin with. */
import type { FactValue } from "../../../isolation/facts.ts";
import { Secret } from "../../../isolation/facts.ts";
import {
  add,
  type Derived,
  type Estate,
  output,
  type ResourceSpec,
  resourceOf,
  type StackSpec,
  stackOf,
  type Value,
  type Values,
} from "../estate/spec.ts";
import { hexId, randomText } from "../estate/values.ts";

/** Key of the Worker that changes bind to unless they say otherwise. */
const WORKER = "agentverse script";

/** Adds a binding to a Worker of every stack, so that environments stay alike. */
export function bind(
  estate: Estate,
  name: string,
  binding: (stack: string) => Values,
  worker = WORKER,
): void {
  for (const spec of estate.stacks) {
    const { inputs } = resourceOf(estate, spec.stack, worker);
    inputs.bindings = [...(inputs.bindings as Value[]), { name, ...binding(spec.stack) }];
  }
}

/** Adds a plain variable; the stacks that are not named get a text of their own. */
export function variable(
  estate: Estate,
  name: string,
  values: Readonly<Record<string, Value>>,
  worker?: string,
): void {
  const text = (stack: string): Value => values[stack] ?? `words of ${stack}`;
  bind(estate, name, (stack) => ({ type: "plain_text", text: text(stack) }), worker);
}

/** Adds a secret variable; the stacks that are not named get a strong secret of their own. */
export function secretVariable(
  estate: Estate,
  name: string,
  values: Readonly<Record<string, Value>>,
  worker?: string,
): void {
  const text = (stack: string): Value => values[stack] ?? new Secret(ownSecret(stack, name));
  bind(estate, name, (stack) => ({ type: "secret_text", text: text(stack) }), worker);
}

/** A secret that belongs to one stack alone. */
export const ownSecret = (stack: string, name: string): string => randomText(48, stack, name);

/** Declares a resource in every stack. */
export function declare(
  estate: Estate,
  spec: (stack: StackSpec) => Pick<ResourceSpec, "key" | "type" | "name"> & Partial<ResourceSpec>,
): void {
  for (const stack of estate.stacks) add(stack, spec(stack));
}

/** Changes inputs of a resource in one stack. */
export function set(estate: Estate, stack: string, key: string, inputs: Values): void {
  Object.assign(resourceOf(estate, stack, key).inputs, inputs);
}

/** Changes inputs of a resource in every stack. */
export function setEverywhere(estate: Estate, key: string, inputs: Values): void {
  for (const { stack } of estate.stacks) set(estate, stack, key, inputs);
}

/** What a resource of a stack answers. */
export function answerOf(estate: Estate, stack: string, key: string, path: string): FactValue {
  const resource = resourceOf(estate, stack, key);
  const value = path === "id" ? resource.id : (resource.answer[path] ?? resource.inputs[path]);
  if (value === undefined) throw new Error(`The resource ${key} of ${stack} has no ${path}.`);
  return value as FactValue;
}

/** A text or secret text that a resource of a stack answers. */
export function textOf(estate: Estate, stack: string, key: string, path: string): string {
  const value = answerOf(estate, stack, key, path);
  return String(value instanceof Secret ? value.value : value);
}

/** Makes a stack one that was deployed before: all that its resources answer is known. */
export function deployed(estate: Estate, stack: string): StackSpec {
  const spec = stackOf(estate, stack);
  spec.made = new Set(spec.resources.map(({ key }) => key));
  return spec;
}

/** A Workers KV namespace. */
export const namespace = (stack: StackSpec, title = `qhub-sessions-${stack.stack}`) => ({
  key: "sessions",
  type: "cloudflare:index/workersKvNamespace:WorkersKvNamespace",
  name: "qhub-sessions",
  parent: "qhub",
  inputs: { accountId: hexId(stack.project, stack.stack, "account"), title },
  id: hexId(stack.project, stack.stack, "sessions"),
  protect: stack.tier === "production",
  retainOnDelete: stack.tier === "production",
  provider: "cloudflare",
});

/** A reference to another stack, as the engine reads it. */
export const stackReference = (to: string) => ({
  key: `reference to ${to}`,
  type: "pulumi:pulumi:StackReference",
  name: to,
  external: true,
  inputs: { name: to },
  id: to,
});

/** A URL of Postgres with a password of its own. */
export const postgresUrl = (stack: string, host: string, rest = "/app?sslmode=require"): Secret =>
  new Secret(`postgresql://app:${randomText(32, stack, "app password")}@${host}${rest}`);

/** A text that nobody knows before an update: something that is made answers it. */
export function late(estate: Estate, text: (stack: string) => string): Derived {
  declare(estate, ({ stack }) => ({
    key: "late",
    type: "bulkhead:index:Late",
    name: "late",
    custom: false,
    answer: { text: text(stack) },
  }));
  return output("late", "text");
}
