/** What all settings of a bucket have in common: put, get and delete, by the bucket's name. */
import type { CheckFailure } from "../../../../../providers/sdk/check.ts";
import type { AnyResource } from "../../../../../providers/sdk/definition.ts";
import type { InputsOf, Properties, StateOf } from "../../../../../providers/sdk/properties.ts";
import type { RevealedMap } from "../../../../../providers/sdk/values.ts";
import { present } from "../../../present.ts";
import type { AwsClient } from "../../client.ts";
import { orMissing } from "../../fault.ts";
import { optional, REPLACE, required } from "../../rows.ts";
import { define, inOwnWords, regionRow } from "../../shared.ts";

/** Rows of every setting. */
const baseRows = {
  ...regionRow,
  bucket: required("string", "Name of the bucket.", REPLACE),
} as const;

/** Row of settings that can make sure whose bucket it is. */
export const ownerRow = {
  expectedBucketOwner: optional("string", "Account that the bucket must belong to.", REPLACE),
} as const;

/** What every request is given. */
export type BucketParameters = {
  readonly Bucket: string;
  readonly ExpectedBucketOwner?: string;
};
type S3 = Awaited<ReturnType<AwsClient["s3"]>>;

/** One setting. */
export interface BucketSetting<P extends Properties> {
  /** Name of the class, such as `BucketVersioning`. */
  readonly name: string;
  readonly title: string;
  /** One paragraph with the vendor's documentation URL. */
  readonly doc: string;
  readonly properties: P;
  validate?(inputs: RevealedMap): readonly CheckFailure[];
  /** Brings the whole setting to the bucket; may be repeated. */
  put(s3: S3, bucket: BucketParameters, inputs: InputsOf<P>): Promise<unknown>;
  /** The setting as outputs; undefined for none. The vendor's "not found" may be thrown. */
  get(s3: S3, bucket: BucketParameters): Promise<StateOf<P> | undefined>;
  remove(s3: S3, bucket: BucketParameters, state: StateOf<P>): Promise<unknown>;
}

/** The resource of a setting. Creating it twice does no harm, so nothing is looked up before. */
export function bucketSetting<const P extends Properties>(
  setting: BucketSetting<P>,
): AnyResource<AwsClient> {
  const { name, title, doc } = setting;
  const table = { ...baseRows, ...setting.properties };
  const put = async (client: AwsClient, inputs: InputsOf<typeof table>): Promise<void> => {
    await setting.put(
      await client.s3(inputs as Place),
      parametersOf(inputs as Place),
      inputs as unknown as InputsOf<P>,
    );
  };
  const get = async (client: AwsClient, at: Place): Promise<StateOf<P> | undefined> =>
    orMissing(setting.get(await client.s3(at), parametersOf(at)));
  return define<typeof table>({
    token: `aws:s3/b${name.slice(1)}:${name}`,
    title,
    doc,
    identity: ["bucket"],
    importFormat: "<bucket>",
    properties: table,
    parseImportId(id) {
      const [bucket, expectedBucketOwner] = id.split(",");
      if (!bucket) return undefined;
      const state = present({ bucket, expectedBucketOwner }) as unknown as StateOf<typeof table>;
      return { id, state };
    },
    ...(setting.validate ? { validate: setting.validate } : {}),
    async create({ client }, inputs) {
      await put(client, inputs);
      const { Bucket, ExpectedBucketOwner } = parametersOf(inputs as Place);
      return {
        id: ExpectedBucketOwner ? `${Bucket},${ExpectedBucketOwner}` : Bucket,
        state: { region: client.regionOf(inputs as Place) } as StateOf<typeof table>,
      };
    },
    // The vendor's answer to the request is empty: what it has made of it is asked for.
    async finish({ client }, { id, state }, inputs) {
      const found = await get(client, inputs as Place);
      return { id, state: { ...state, ...inOwnWords(found ?? {}, inputs) } };
    },
    async read({ client }, id, { state }) {
      const at = state as Place;
      const found = await get(client, at);
      if (found === undefined) return undefined;
      const place = { bucket: at.bucket, region: client.regionOf(at) };
      return { id, state: { ...place, ...found } as StateOf<typeof table> };
    },
    async update({ client }, _id, inputs) {
      await put(client, inputs);
      return {};
    },
    async delete({ client }, _id, state) {
      const at = state as Place;
      await setting.remove(await client.s3(at), parametersOf(at), state as unknown as StateOf<P>);
    },
  });
}

interface Place {
  readonly bucket: string;
  readonly region?: string;
  readonly expectedBucketOwner?: string;
}

function parametersOf({ bucket, expectedBucketOwner }: Place): BucketParameters {
  return {
    Bucket: bucket,
    ...(expectedBucketOwner ? { ExpectedBucketOwner: expectedBucketOwner } : {}),
  };
}
