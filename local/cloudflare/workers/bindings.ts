import { z } from "zod";
import type { AccountInventory, RuntimeBinding } from "../../runtime/account-spec.ts";
import type { Sealed, Vault } from "../../store/vault.ts";
import { ApiError } from "../envelope.ts";

const name = z.string().min(1);

/**
 * Bindings as a client sends them in a script's metadata.
 * @see https://developers.cloudflare.com/workers/configuration/multipart-upload-metadata/#bindings
 */
export const bindingSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("plain_text"), name, text: z.string() }),
  z.object({ type: z.literal("secret_text"), name, text: z.string() }),
  z.object({ type: z.literal("json"), name, json: z.unknown() }),
  z.object({
    type: z.literal("d1"),
    name,
    id: z.string().optional(),
    database_id: z.string().optional(),
  }),
  z.object({ type: z.literal("r2_bucket"), name, bucket_name: z.string() }),
  z.object({ type: z.literal("kv_namespace"), name, namespace_id: z.string() }),
  z.object({ type: z.literal("hyperdrive"), name, id: z.string() }),
  z.object({ type: z.literal("service"), name, service: z.string() }),
  z.object({ type: z.literal("ai"), name }),
  z.object({ type: z.literal("inherit"), name, old_name: z.string().optional() }),
]);

export type RequestedBinding = z.infer<typeof bindingSchema>;

/** Bindings as they are kept: a secret's text is sealed, and it is never shown again. */
export type StoredBinding =
  | { readonly type: "secret_text"; readonly name: string; readonly sealed: Sealed }
  | Exclude<RequestedBinding, { type: "secret_text" | "inherit" }>;

export const bindingTypes: readonly string[] = bindingSchema.options.map(
  (option) => option.shape.type.value,
);

/**
 * What a new version is bound to: what was requested, what `inherit` names, and what
 * `keep_bindings` keeps of the version before.
 */
export function storedBindings(
  vault: Vault,
  requested: readonly RequestedBinding[],
  previous: readonly StoredBinding[],
  keptTypes: readonly string[],
): StoredBinding[] {
  const names = new Set<string>();
  for (const { name } of requested) {
    if (names.has(name)) {
      throw new ApiError(400, 10021, `binding ${name} is declared twice: names must be unique.`);
    }
    names.add(name);
  }
  const kept = previous.filter(({ type, name }) => keptTypes.includes(type) && !names.has(name));
  const fresh = requested.map((binding): StoredBinding => {
    if (binding.type === "secret_text") {
      return { type: "secret_text", name: binding.name, sealed: vault.seal(binding.text) };
    }
    if (binding.type !== "inherit") return binding;
    const from = previous.find(
      (candidate) => candidate.name === (binding.old_name ?? binding.name),
    );
    if (from === undefined) {
      throw new ApiError(400, 10021, `binding ${binding.name} has nothing to inherit from.`);
    }
    return { ...from, name: binding.name };
  });
  return [...fresh, ...kept];
}

/** Refuses a binding whose target the account does not have, with the vendor's codes. */
export function checkTargets(
  bindings: readonly StoredBinding[],
  account: AccountInventory,
  ownName: string,
): void {
  for (const binding of bindings) {
    const { name } = binding;
    switch (binding.type) {
      case "d1":
        if (!account.databases.includes(databaseId(binding))) {
          throw new ApiError(
            400,
            10021,
            `binding ${name} of type d1 must have a database that already exists. Use wrangler or the UI to create the database.`,
          );
        }
        break;
      case "r2_bucket":
        if (!account.buckets.includes(binding.bucket_name)) {
          throw new ApiError(
            400,
            10085,
            `R2 bucket '${binding.bucket_name}' not found. Please use a different name and try again.`,
          );
        }
        break;
      case "kv_namespace":
        if (!account.namespaces.includes(binding.namespace_id)) {
          throw new ApiError(400, 10041, `KV namespace '${binding.namespace_id}' not found.`);
        }
        break;
      case "hyperdrive":
        if (!account.hyperdrives.includes(binding.id)) {
          throw new ApiError(
            400,
            10021,
            `binding ${name} of type hyperdrive must have a valid \`id\` specified: the account has no Hyperdrive configuration ${binding.id}.`,
          );
        }
        break;
      case "service":
        if (binding.service !== ownName && !account.workers.includes(binding.service)) {
          throw new ApiError(
            400,
            10143,
            `Could not resolve service binding '${name}'. Target script '${binding.service}' not found.`,
          );
        }
        break;
      default:
        break;
    }
  }
}

/** The binding as the API shows it: a secret by its name alone. */
export function shownBinding(binding: StoredBinding): Record<string, unknown> {
  if (binding.type !== "secret_text") return { ...binding };
  return { type: binding.type, name: binding.name };
}

export function toRuntimeBinding(vault: Vault, binding: StoredBinding): RuntimeBinding {
  const { name } = binding;
  switch (binding.type) {
    case "plain_text":
      return { name, type: "text", text: binding.text };
    case "secret_text":
      return { name, type: "text", text: vault.open(binding.sealed) };
    case "json":
      return { name, type: "json", json: binding.json };
    case "d1":
      return { name, type: "d1", id: databaseId(binding) };
    case "r2_bucket":
      return { name, type: "r2", bucket: binding.bucket_name };
    case "kv_namespace":
      return { name, type: "kv", id: binding.namespace_id };
    case "hyperdrive":
      return { name, type: "hyperdrive", id: binding.id };
    case "service":
      return { name, type: "service", worker: binding.service };
    case "ai":
      return { name, type: "ai" };
  }
}

const databaseId = (binding: { id?: string | undefined; database_id?: string | undefined }) =>
  binding.id ?? binding.database_id ?? "";
