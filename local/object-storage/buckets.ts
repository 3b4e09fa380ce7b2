import { randomUUID } from "node:crypto";
import type { Collection, Document, DocumentStore } from "../store/document-store.ts";
import type { Dialect } from "./dialect.ts";
import { bucketAlreadyExists, bucketAlreadyOwnedByYou, noSuchBucket } from "./errors.ts";
import type { BucketSettings } from "./settings.ts";

export interface BucketBody {
  readonly accountId: string;
  readonly region: string;
  readonly settings: BucketSettings;
}

/** The document's id stays the bucket's own when another takes its name later; objects are kept by it. */
export type Bucket = Document<BucketBody>;

/** Names are taken once, whichever account has them, so all are kept under one. */
const EVERYBODY = "everybody";

/** The buckets of one vendor. */
export class Buckets {
  readonly #documents: Collection<BucketBody>;
  readonly #dialect: Dialect;

  constructor(store: DocumentStore, dialect: Dialect) {
    this.#documents = store.collection<BucketBody>(`${dialect.name}-bucket`);
    this.#dialect = dialect;
  }

  find(name: string): Bucket | undefined {
    return this.#documents.byName(EVERYBODY, name);
  }

  /** The bucket with this name, whosever it is, or NoSuchBucket. */
  require(name: string): Bucket {
    const bucket = this.find(name);
    if (bucket === undefined) throw noSuchBucket(name);
    return bucket;
  }

  /** The same bucket as it is now, or NoSuchBucket; it may have gone while a request's body came. */
  again({ id, name }: Bucket): Bucket {
    const bucket = this.#documents.get(EVERYBODY, id);
    if (bucket === undefined) throw noSuchBucket(name);
    return bucket;
  }

  /** In order of their names. */
  ownedBy(accountId: string): Bucket[] {
    return this.all()
      .filter(({ body }) => body.accountId === accountId)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  all(): Bucket[] {
    return this.#documents.list(EVERYBODY);
  }

  /** Makes the bucket. Of one's own in `us-east-1` it may be asked again, as the vendor has always let it. */
  create(name: string, body: BucketBody): Bucket {
    const taken = this.find(name);
    if (taken === undefined) {
      return this.#documents.insert(EVERYBODY, { id: randomUUID(), name, body });
    }
    if (taken.body.accountId !== body.accountId) throw bucketAlreadyExists(name);
    const mayAskAgain =
      this.#dialect.vendor === "aws" &&
      taken.body.region === "us-east-1" &&
      body.region === "us-east-1";
    if (!mayAskAgain) throw bucketAlreadyOwnedByYou(name);
    return taken;
  }

  change(bucket: Bucket, change: (settings: BucketSettings) => BucketSettings): void {
    const { id, body } = this.again(bucket);
    this.#documents.update(EVERYBODY, id, { body: { ...body, settings: change(body.settings) } });
  }

  remove({ id }: Bucket): void {
    this.#documents.remove(EVERYBODY, id);
  }
}
