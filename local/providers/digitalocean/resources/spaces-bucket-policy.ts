import {
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
} from "@aws-sdk/client-s3";
import type { CheckFailure } from "../../../../providers/sdk/check.ts";
import { isPlainMap } from "../../../../providers/sdk/properties.ts";
import type { PlainValue } from "../../../../providers/sdk/values.ts";
import { define } from "./shared.ts";
import { BUCKET_IMPORT, bucketRows, orUnset, parseBucketImport } from "./spaces.ts";

/** The policy as JSON with its names in order; text that is no JSON stays what it is. */
function canonical(value: PlainValue): PlainValue {
  try {
    return JSON.parse(String(value)) as PlainValue;
  } catch {
    return value;
  }
}

/** `digitalocean.SpacesBucketPolicy`. Source: https://docs.digitalocean.com/reference/api/spaces/ */
export const spacesBucketPolicy = define({
  token: "digitalocean:index/spacesBucketPolicy:SpacesBucketPolicy",
  title: "Spaces bucket policy",
  doc: "The policy of a Spaces bucket. https://docs.digitalocean.com/products/spaces/",
  identity: ["bucket"],
  importFormat: BUCKET_IMPORT,
  properties: {
    ...bucketRows,
    policy: {
      type: "string",
      mode: "required",
      normalize: canonical,
      doc: "The text of the policy, JSON.",
    },
  },
  validate({ policy }): CheckFailure[] {
    if (typeof policy !== "string" || isPlainMap(canonical(policy))) return [];
    const reason = '"policy" is not a JSON object. Build it with JSON.stringify.';
    return [{ property: "policy", reason }];
  },
  parseImportId: parseBucketImport,
  async create({ client }, { bucket, region, policy }) {
    await client
      .spaces(region)
      .send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy }));
    return { id: bucket, state: {} };
  },
  async read({ client }, id, { state }) {
    const s3 = client.spaces(state.region ?? "");
    const found = await orUnset(client, s3.send(new GetBucketPolicyCommand({ Bucket: id })));
    return found && { id, state: { bucket: id, region: state.region, policy: found.Policy ?? "" } };
  },
  async update({ client }, id, { region, policy }) {
    await client.spaces(region).send(new PutBucketPolicyCommand({ Bucket: id, Policy: policy }));
    return {};
  },
  async delete({ client }, id, { region }) {
    await client.spaces(region ?? "").send(new DeleteBucketPolicyCommand({ Bucket: id }));
  },
});
