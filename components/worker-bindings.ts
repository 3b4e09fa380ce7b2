import type { WorkersScriptBinding } from "@pulumi/cloudflare/types/input.js";
import type * as pulumi from "@pulumi/pulumi";
import { InputError } from "./input-error.ts";
import { tokensOf } from "./naming.ts";

/** A binding as outputs show it: enough to write a wrangler.toml, never a secret's value. */
export type BindingSummary =
  | { readonly type: "ai" }
  | {
      readonly type: "d1";
      readonly databaseName: string;
      readonly databaseId: string;
      /** Folder of its migrations, relative to the project; absent without any. */
      readonly migrations?: string;
    }
  | { readonly type: "hyperdrive"; readonly configId: string }
  | { readonly type: "kv_namespace"; readonly namespaceId: string }
  | { readonly type: "plain_text"; readonly text: string }
  | { readonly type: "r2_bucket"; readonly bucketName: string }
  | { readonly type: "secret_text"; readonly length: number; readonly version: number }
  | { readonly type: "service"; readonly service: string };

/** How a component presents itself to a Worker. */
export interface WorkerBinding {
  /** What Cloudflare is told. */
  readonly api: Omit<WorkersScriptBinding, "name">;
  /** What the stack's outputs say about it. */
  readonly summary: pulumi.Input<BindingSummary>;
}

/** A component that can be given to a Worker as it is. */
export interface WorkerBindable {
  workerBinding(): WorkerBinding;
}

/** A binding's value: a component, a plain text, or nothing (then there is no such binding). */
export type BindingValue = WorkerBindable | string | undefined;

export interface NamedBinding extends WorkerBinding {
  readonly name: string;
}

/** Words in a variable's name that announce a secret. */
const SECRET_WORDS = new Set([
  "secret",
  "password",
  "passwd",
  "token",
  "credential",
  "credentials",
]);

/** Workers AI. */
export function ai(): WorkerBindable {
  return { workerBinding: () => ({ api: { type: "ai" }, summary: { type: "ai" } }) };
}

/**
 * The bindings of a Worker, sorted by name so that their order in the program changes nothing.
 *
 * @param identity plain texts that say where the Worker runs; no binding may replace them.
 * @throws InputError for a name that is not a variable, that replaces an identity, or that
 *   announces a secret whose value is a plain text.
 */
export function resolveBindings(
  bindings: Readonly<Record<string, BindingValue>>,
  identity: Readonly<Record<string, string>>,
): NamedBinding[] {
  for (const [name, value] of Object.entries(bindings)) {
    assertBindingName(name, identity);
    if (typeof value === "string" && tokensOf(name).some((word) => SECRET_WORDS.has(word))) {
      throw new InputError(
        `bindings.${name} is a plain text, which everyone with access to the Worker can read. ` +
          "Give it a Secret, or a name that does not announce one.",
      );
    }
  }
  return Object.entries({ ...bindings, ...identity })
    .flatMap(([name, value]) => (value === undefined ? [] : [{ name, ...bindingOf(value) }]))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function bindingOf(value: WorkerBindable | string): WorkerBinding {
  return typeof value === "string"
    ? { api: { type: "plain_text", text: value }, summary: { type: "plain_text", text: value } }
    : value.workerBinding();
}

function assertBindingName(name: string, identity: Readonly<Record<string, string>>): void {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) {
    throw new InputError(
      `bindings["${name}"] is not a JavaScript variable. Use letters, digits and _ only.`,
    );
  }
  if (Object.hasOwn(identity, name)) {
    throw new InputError(
      `bindings.${name} is set by the Worker component itself, to say where the Worker runs. ` +
        "Choose another name.",
    );
  }
}
