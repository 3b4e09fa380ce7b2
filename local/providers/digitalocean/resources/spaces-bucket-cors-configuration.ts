import {
  DeleteBucketCorsCommand,
  GetBucketCorsCommand,
  PutBucketCorsCommand,
} from "@aws-sdk/client-s3";
import type { InputsOf } from "../../../../providers/sdk/properties.ts";
import { type DigitalOceanContext, define } from "./shared.ts";
import {
  BUCKET_IMPORT,
  bucketRows,
  corsFromS3,
  corsRows,
  corsToS3,
  orUnset,
  parseBucketImport,
} from "./spaces.ts";

const properties = {
  ...bucketRows,
  corsRules: {
    type: {
      array: {
        object: {
          ...corsRows,
          exposeHeaders: {
            type: { array: "string" },
            mode: "optional",
            unset: [],
            doc: "Headers that the browser's script may read.",
          },
          id: { type: "string", mode: "inherited", doc: "Identifier of the rule." },
        },
      },
    },
    mode: "required",
    doc: "What origins may do.",
  },
} as const;

/** `digitalocean.SpacesBucketCorsConfiguration`. Source: https://docs.digitalocean.com/reference/api/spaces/ */
export const spacesBucketCorsConfiguration = define({
  token: "digitalocean:index/spacesBucketCorsConfiguration:SpacesBucketCorsConfiguration",
  title: "Spaces bucket CORS configuration",
  doc: "The CORS rules of a Spaces bucket. https://docs.digitalocean.com/products/spaces/how-to/configure-cors/",
  identity: ["bucket"],
  importFormat: BUCKET_IMPORT,
  properties,
  parseImportId: parseBucketImport,
  async create(context, inputs) {
    await put(context, inputs);
    return { id: inputs.bucket, state: {} };
  },
  async read({ client }, id, { state }) {
    const s3 = client.spaces(state.region ?? "");
    const found = await orUnset(client, s3.send(new GetBucketCorsCommand({ Bucket: id })));
    if (found === undefined) return undefined;
    const corsRules = corsFromS3(found.CORSRules ?? []);
    return { id, state: { bucket: id, region: state.region, corsRules } };
  },
  async update(context, _id, inputs) {
    await put(context, inputs);
    return {};
  },
  async delete({ client }, id, { region }) {
    await client.spaces(region ?? "").send(new DeleteBucketCorsCommand({ Bucket: id }));
  },
});

async function put({ client }: DigitalOceanContext, inputs: InputsOf<typeof properties>) {
  const CORSConfiguration = { CORSRules: corsToS3(inputs.corsRules) };
  const command = new PutBucketCorsCommand({ Bucket: inputs.bucket, CORSConfiguration });
  await client.spaces(inputs.region).send(command);
}
