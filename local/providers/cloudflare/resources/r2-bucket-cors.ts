import type { CORSUpdateParams } from "cloudflare/resources/r2/buckets/cors";
import { orMissing } from "../../../../providers/cloudflare-api/fault.ts";
import { accountOf } from "../ids.ts";
import { accountId, define, inJurisdiction, r2Jurisdiction } from "./shared.ts";

/** `cloudflare.R2BucketCors`. Source: https://developers.cloudflare.com/api/resources/r2/subresources/buckets/subresources/cors/ */
export const r2BucketCors = define({
  token: "cloudflare:index/r2BucketCors:R2BucketCors",
  title: "R2 bucket CORS policy",
  doc: "The CORS policy of an R2 bucket. https://developers.cloudflare.com/r2/buckets/cors/",
  identity: ["accountId", "bucketName", "jurisdiction"],
  properties: {
    accountId,
    bucketName: { type: "string", mode: "required", replace: true, doc: "Name of the bucket." },
    jurisdiction: r2Jurisdiction,
    rules: {
      type: {
        array: {
          object: {
            id: { type: "string", mode: "inherited", doc: "Identifier for this rule." },
            allowed: {
              type: {
                object: {
                  methods: {
                    type: { array: "string" },
                    mode: "required",
                    doc: "Allowed methods: GET, PUT, POST, DELETE, HEAD.",
                  },
                  origins: { type: { array: "string" }, mode: "required", doc: "Allowed origins." },
                  headers: {
                    type: { array: "string" },
                    mode: "optional",
                    unset: [],
                    doc: "Allowed request headers.",
                  },
                },
              },
              mode: "required",
              doc: "Allowed origins, methods and headers.",
            },
            exposeHeaders: {
              type: { array: "string" },
              mode: "optional",
              unset: [],
              doc: "Headers that the browser's script may read.",
            },
            maxAgeSeconds: {
              type: "integer",
              mode: "optional",
              doc: "How long a preflight's answer may be cached, in seconds.",
            },
          },
        },
      },
      mode: "optional",
      unset: [],
      doc: "CORS rules.",
    },
  },
  async create({ client }, inputs) {
    await client.r2.buckets.cors.update(inputs.bucketName, paramsOf(inputs));
    return { id: inputs.bucketName, state: {} };
  },
  async read({ client }, id, known) {
    const scope = { ...accountOf(known.state), ...inJurisdiction(known.state) };
    const found = await orMissing(client.r2.buckets.cors.get(id, scope));
    return found && { id, state: { bucketName: id, rules: found.rules ?? [] } };
  },
  async update({ client }, id, inputs) {
    await client.r2.buckets.cors.update(id, paramsOf(inputs));
    return {};
  },
  async delete({ client }, id, state) {
    await client.r2.buckets.cors.delete(id, { ...accountOf(state), ...inJurisdiction(state) });
  },
});

function paramsOf(inputs: {
  readonly accountId: string;
  readonly jurisdiction?: string | undefined;
  readonly rules?: readonly unknown[] | undefined;
}): CORSUpdateParams {
  // The table has checked the shape; the SDK's type lists the methods literally.
  const rules = [...(inputs.rules ?? [])] as CORSUpdateParams.Rule[];
  return { ...accountOf(inputs), ...inJurisdiction(inputs), rules };
}
