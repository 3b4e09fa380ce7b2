import type { Bucket, BucketCreateParams } from "cloudflare/resources/r2/buckets/buckets";
import { conflictOn, orMissing } from "../../../../providers/cloudflare-api/fault.ts";
import { present } from "../../present.ts";
import { accountOf, lowerCase, splitId } from "../ids.ts";
import { accountId, define, inJurisdiction, r2Jurisdiction } from "./shared.ts";

/** R2's code for a bucket that exists. */
const BUCKET_EXISTS = [10004];

/** `cloudflare.R2Bucket`. Source: https://developers.cloudflare.com/api/resources/r2/subresources/buckets/ */
export const r2Bucket = define({
  token: "cloudflare:index/r2Bucket:R2Bucket",
  title: "R2 bucket",
  doc: "An R2 bucket. https://developers.cloudflare.com/r2/",
  identity: ["accountId", "name", "jurisdiction"],
  importFormat: "<account_id>/<bucket_name>/<jurisdiction>",
  properties: {
    accountId,
    name: { type: "string", mode: "required", replace: true, doc: "Name of the bucket." },
    jurisdiction: r2Jurisdiction,
    location: {
      type: "string",
      mode: "inherited",
      replace: true,
      normalize: lowerCase,
      values: [
        "apac",
        "eeur",
        "enam",
        "weur",
        "wnam",
        "oc",
        "APAC",
        "EEUR",
        "ENAM",
        "WEUR",
        "WNAM",
        "OC",
      ],
      doc: "Location of the bucket, honoured the first time a bucket of that name is created.",
    },
    storageClass: {
      type: "string",
      mode: "optional",
      unset: "Standard",
      values: ["Standard", "InfrequentAccess"],
      doc: "Storage class for newly uploaded objects, unless specified otherwise.",
    },
    creationDate: { type: "string", mode: "output", doc: "When the bucket was created." },
  },
  parseImportId(id) {
    const parts = splitId(id, ["accountId", "name", "jurisdiction"], 2);
    return parts && { id: parts.name ?? "", state: parts };
  },
  async create({ client }, inputs) {
    const params = {
      account_id: inputs.accountId,
      name: inputs.name,
      ...present({
        locationHint: inputs.location?.toLowerCase(),
        storageClass: inputs.storageClass,
      }),
      ...inJurisdiction(inputs),
    } as BucketCreateParams;
    const made = await conflictOn(BUCKET_EXISTS, () => client.r2.buckets.create(params));
    return live(inputs.name, made);
  },
  async read({ client }, id, known) {
    const scope = { ...accountOf(known.state), ...inJurisdiction(known.state) };
    const found = await orMissing(client.r2.buckets.get(id, scope));
    return found && live(id, found);
  },
  async update({ client }, id, inputs) {
    const found = await client.r2.buckets.edit(id, {
      ...accountOf(inputs),
      ...inJurisdiction(inputs),
      storage_class: inputs.storageClass === "InfrequentAccess" ? "InfrequentAccess" : "Standard",
    });
    return live(id, found).state;
  },
  async delete({ client }, id, state) {
    await client.r2.buckets.delete(id, { ...accountOf(state), ...inJurisdiction(state) });
  },
  async findExisting({ client }, inputs) {
    const scope = { ...accountOf(inputs), ...inJurisdiction(inputs) };
    const found = await orMissing(client.r2.buckets.get(inputs.name, scope));
    if (found === undefined) return undefined;
    const createdAt = found.creation_date ? new Date(found.creation_date) : undefined;
    return { ...live(inputs.name, found), createdAt };
  },
});

function live(name: string, found: Bucket) {
  return {
    id: name,
    state: {
      name,
      ...present({
        creationDate: found.creation_date,
        location: found.location?.toLowerCase(),
        jurisdiction: found.jurisdiction,
        storageClass: found.storage_class,
      }),
    },
  };
}
