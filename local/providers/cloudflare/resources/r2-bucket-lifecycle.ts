import type { LifecycleUpdateParams } from "cloudflare/resources/r2/buckets/lifecycle";
import { orMissing } from "../../../../providers/cloudflare-api/fault.ts";
import { accountOf } from "../ids.ts";
import { accountId, define, inJurisdiction, r2Jurisdiction } from "./shared.ts";

const age = { type: "string", mode: "required", doc: "Kind of condition." } as const;
const maxAge = { type: "integer", mode: "optional", doc: "Age in seconds." } as const;
const ageOrDate = {
  object: {
    type: { ...age, values: ["Age", "Date"] },
    maxAge,
    date: { type: "string", mode: "optional", doc: "Date, ISO 8601." },
  },
} as const;

/** `cloudflare.R2BucketLifecycle`. Source: https://developers.cloudflare.com/api/resources/r2/subresources/buckets/subresources/lifecycle/ */
export const r2BucketLifecycle = define({
  token: "cloudflare:index/r2BucketLifecycle:R2BucketLifecycle",
  title: "R2 bucket lifecycle",
  doc: "The lifecycle rules of an R2 bucket. https://developers.cloudflare.com/r2/buckets/object-lifecycles/",
  identity: ["accountId", "bucketName", "jurisdiction"],
  properties: {
    accountId,
    bucketName: { type: "string", mode: "required", replace: true, doc: "Name of the bucket." },
    jurisdiction: r2Jurisdiction,
    rules: {
      type: {
        array: {
          object: {
            id: { type: "string", mode: "required", doc: "Unique identifier for this rule." },
            enabled: { type: "boolean", mode: "required", doc: "Whether the rule is in effect." },
            conditions: {
              type: {
                object: {
                  prefix: {
                    type: "string",
                    mode: "required",
                    doc: "Prefix of the objects that the rule is for; empty for all.",
                  },
                },
              },
              mode: "required",
              doc: "Conditions that apply to all transitions of this rule.",
            },
            abortMultipartUploadsTransition: {
              type: {
                object: {
                  condition: {
                    type: { object: { type: { ...age, values: ["Age"] }, maxAge } },
                    mode: "optional",
                    doc: "When to abort.",
                  },
                },
              },
              mode: "optional",
              doc: "Transition to abort ongoing multipart uploads.",
            },
            deleteObjectsTransition: {
              type: {
                object: {
                  condition: { type: ageOrDate, mode: "optional", doc: "When to delete." },
                },
              },
              mode: "optional",
              doc: "Transition to delete objects.",
            },
            storageClassTransitions: {
              type: {
                array: {
                  object: {
                    condition: { type: ageOrDate, mode: "required", doc: "When to change." },
                    storageClass: {
                      type: "string",
                      mode: "required",
                      values: ["InfrequentAccess"],
                      doc: "The storage class to change to.",
                    },
                  },
                },
              },
              mode: "optional",
              unset: [],
              doc: "Transitions to change the storage class of objects.",
            },
          },
        },
      },
      mode: "optional",
      unset: [],
      doc: "Lifecycle rules.",
    },
  },
  async create({ client }, inputs) {
    const params = {
      ...accountOf(inputs),
      ...inJurisdiction(inputs),
      rules: rulesOf(inputs.rules),
    };
    await client.r2.buckets.lifecycle.update(inputs.bucketName, params);
    return { id: inputs.bucketName, state: {} };
  },
  async read({ client }, id, known) {
    const scope = { ...accountOf(known.state), ...inJurisdiction(known.state) };
    const found = await orMissing(client.r2.buckets.lifecycle.get(id, scope));
    if (found === undefined) return undefined;
    const rules = (found.rules ?? []).map((rule) => ({
      ...rule,
      conditions: { prefix: rule.conditions?.prefix ?? "" },
    }));
    return { id, state: { bucketName: id, rules } };
  },
  async update({ client }, id, inputs) {
    const params = {
      ...accountOf(inputs),
      ...inJurisdiction(inputs),
      rules: rulesOf(inputs.rules),
    };
    await client.r2.buckets.lifecycle.update(id, params);
    return {};
  },
  async delete({ client }, id, state) {
    const scope = { ...accountOf(state), ...inJurisdiction(state) };
    await client.r2.buckets.lifecycle.update(id, { ...scope, rules: [] });
  },
});

// The table has checked the shape; the SDK's type is a union by the condition's kind.
function rulesOf(rules: readonly unknown[] | undefined): LifecycleUpdateParams.Rule[] {
  return [...(rules ?? [])] as LifecycleUpdateParams.Rule[];
}
