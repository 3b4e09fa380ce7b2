/** Bindings: Pulumi's words ⇄ Cloudflare's. Pure. Source: https://developers.cloudflare.com/workers/configuration/multipart-upload-metadata/#bindings */
import type { CheckFailure } from "../../../../providers/sdk/check.ts";
import type { InputsOf } from "../../../../providers/sdk/properties.ts";
import {
  equal,
  isMap,
  type PlainMap,
  type PlainValue,
  type PropertyMap,
  type RevealedMap,
  Secret,
  Unknown,
} from "../../../../providers/sdk/values.ts";
import type { binding } from "./properties.ts";

/** A binding as the program writes it. */
export type Binding = InputsOf<typeof binding>;

/** The field that each type of binding needs; `d1` takes either of two. */
const NEEDS: { readonly [type: string]: readonly (keyof Binding)[] } = {
  d1: ["id", "databaseId"],
  hyperdrive: ["id"],
  json: ["json"],
  kv_namespace: ["namespaceId"],
  plain_text: ["text"],
  queue: ["queueName"],
  r2_bucket: ["bucketName"],
  secret_text: ["text"],
  service: ["service"],
};

/** Fields that a binding lacks, names used twice, and JSON that is none. */
export function validateBindings(inputs: RevealedMap): CheckFailure[] {
  if (!Array.isArray(inputs.bindings)) return [];
  const seen = new Set<unknown>();
  return inputs.bindings.flatMap((each, index) => {
    if (!isMap(each) || typeof each.type !== "string") return [];
    const fields = each as RevealedMap;
    const at = `bindings[${index}]`;
    const failures: CheckFailure[] = [];
    const needs = NEEDS[each.type] ?? [];
    if (needs.length > 0 && needs.every((name) => fields[name] === undefined))
      failures.push({
        property: at,
        reason: `The ${each.type} binding ${String(fields.name)} has no ${needs.join(" or ")}. Set it in "${at}".`,
      });
    if (!(fields.name instanceof Unknown) && seen.has(fields.name))
      failures.push({
        property: at,
        reason: `Two bindings are named ${String(fields.name)}. Give each binding a name of its own.`,
      });
    seen.add(fields.name);
    if (each.type === "json" && typeof fields.json === "string" && !isJson(fields.json))
      failures.push({
        property: `${at}.json`,
        reason: `The json binding ${String(fields.name)} is not JSON. Pass it through JSON.stringify.`,
      });
    return failures;
  });
}

/** Marks the text of every `secret_text` binding, so that a program that forgot to cannot leak it. */
export function sealBindings(inputs: PropertyMap): PropertyMap {
  if (!Array.isArray(inputs.bindings)) return inputs;
  const bindings = inputs.bindings.map((each) => {
    if (!isMap(each) || each.type !== "secret_text") return each;
    const { text } = each as PropertyMap;
    if (text === undefined || text instanceof Secret || text instanceof Unknown) return each;
    return { ...(each as PropertyMap), text: new Secret(text) };
  });
  return { ...inputs, bindings };
}

/** A binding as Cloudflare's upload metadata has it. */
export function bindingToApi(each: Binding): PlainMap {
  const { databaseId, json, ...rest } = each;
  const api: Record<string, PlainValue> = {};
  for (const [key, value] of Object.entries(rest))
    if (value !== undefined)
      api[key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)] = value;
  if (databaseId !== undefined && api.id === undefined) api.id = databaseId;
  if (json !== undefined) api.json = JSON.parse(json) as PlainValue;
  return api;
}

/** A live binding in Pulumi's words; Cloudflare never gives a secret's text back. */
export function bindingFromApi(api: PlainMap): PlainMap {
  const result: Record<string, PlainValue> = {};
  for (const [key, value] of Object.entries(api)) {
    if (value === null || (key === "database_id" && api.id === value)) continue;
    const name = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    result[name] = key === "json" ? JSON.stringify(value) : value;
  }
  return result;
}

/**
 * The live bindings in the order and spelling of the known ones: a binding that means the same is
 * kept verbatim (its secret text included), one that drifted is shown as it is now.
 */
export function reconcileBindings(
  known: readonly PlainMap[],
  live: readonly PlainMap[],
): PlainMap[] {
  const byName = new Map(live.map((each) => [each.name, each]));
  const kept = known.flatMap((before) => {
    const now = byName.get(before.name ?? null);
    if (now === undefined) return [];
    byName.delete(now.name);
    return [equal(canonical(before), canonical(now)) ? before : now];
  });
  return [...kept, ...byName.values()];
}

/** The form in which two spellings of a binding are the same. */
function canonical(each: PlainMap): PlainMap {
  const { databaseId, json, text, ...rest } = each;
  return {
    ...rest,
    ...(databaseId === undefined ? {} : { id: databaseId }),
    ...(typeof json === "string" ? { json: JSON.parse(json) as PlainValue } : {}),
    ...(text === undefined || each.type === "secret_text" ? {} : { text }),
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
