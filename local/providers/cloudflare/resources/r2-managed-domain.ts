import { orMissing } from "../../../../providers/cloudflare-api/fault.ts";
import { accountOf } from "../ids.ts";
import { accountId, define, inJurisdiction, r2Jurisdiction } from "./shared.ts";

/** `cloudflare.R2ManagedDomain`. Source: https://developers.cloudflare.com/api/resources/r2/subresources/buckets/subresources/domains/subresources/managed/ */
export const r2ManagedDomain = define({
  token: "cloudflare:index/r2ManagedDomain:R2ManagedDomain",
  title: "R2 managed domain",
  doc: "Public access to an R2 bucket by its r2.dev domain. https://developers.cloudflare.com/r2/buckets/public-buckets/",
  identity: ["accountId", "bucketName", "jurisdiction"],
  properties: {
    accountId,
    bucketName: { type: "string", mode: "required", replace: true, doc: "Name of the bucket." },
    jurisdiction: r2Jurisdiction,
    enabled: {
      type: "boolean",
      mode: "required",
      doc: "Whether the bucket is public at its r2.dev domain.",
    },
    bucketId: { type: "string", mode: "output", doc: "Bucket ID." },
    domain: { type: "string", mode: "output", doc: "Domain name of the bucket's r2.dev domain." },
  },
  async create({ client }, inputs) {
    const scope = { ...accountOf(inputs), ...inJurisdiction(inputs) };
    const { bucketName, enabled } = inputs;
    const state = await client.r2.buckets.domains.managed.update(bucketName, { ...scope, enabled });
    return { id: bucketName, state: { ...state } };
  },
  async read({ client }, id, known) {
    const scope = { ...accountOf(known.state), ...inJurisdiction(known.state) };
    const found = await orMissing(client.r2.buckets.domains.managed.list(id, scope));
    return found && { id, state: { bucketName: id, ...found } };
  },
  async update({ client }, id, inputs) {
    const scope = { ...accountOf(inputs), ...inJurisdiction(inputs) };
    const { enabled } = inputs;
    return { ...(await client.r2.buckets.domains.managed.update(id, { ...scope, enabled })) };
  },
  async delete({ client }, id, state) {
    const scope = { ...accountOf(state), ...inJurisdiction(state) };
    await client.r2.buckets.domains.managed.update(id, { ...scope, enabled: false });
  },
});
