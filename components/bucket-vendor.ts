import type * as pulumi from "@pulumi/pulumi";
import type { Scope } from "./scope.ts";
import type { WorkerBinding } from "./worker-bindings.ts";

/** What happens to objects as they age. Each field left out does nothing. */
export interface LifecycleRule {
  /** Unique within the bucket. */
  readonly id: string;
  /** Objects whose key begins so. Default: all. */
  readonly prefix?: string;
  /** Days until an object is deleted. */
  readonly expireAfterDays?: number;
  /** Days until an object moves to the vendor's storage class for infrequent access. */
  readonly infrequentAccessAfterDays?: number;
  /** Days until an upload in parts that was never completed is discarded. */
  readonly abortMultipartAfterDays?: number;
}

export type CorsMethod = "GET" | "PUT" | "POST" | "DELETE" | "HEAD";

/** What browsers on other origins may do. */
export interface CorsRule {
  /** Origins such as `https://app.example.com`; `*` for all. */
  readonly origins: readonly string[];
  readonly methods: readonly CorsMethod[];
  /** Request headers that may be sent. Default: none beyond the simple ones. */
  readonly headers?: readonly string[];
  /** Response headers that scripts may read. Default: none beyond the simple ones. */
  readonly exposeHeaders?: readonly string[];
  /** Seconds a browser may remember the answer. Default: the browser's own. */
  readonly maxAgeSeconds?: number;
}

/** A bucket in words that every vendor understands. */
export interface BucketSpec {
  readonly logicalName: string;
  readonly bucketName: string;
  /** The vendor's region or location hint; undefined leaves it to the vendor. */
  readonly region: string | undefined;
  readonly lifecycle: readonly LifecycleRule[];
  readonly cors: readonly CorsRule[];
  /** Whether overwritten and deleted objects can be had back. */
  readonly versioning: boolean;
}

/** How a client of the S3 API reaches a bucket. */
export interface BucketAccess {
  /** `https://…` without the bucket. */
  readonly endpoint: pulumi.Output<string>;
  readonly region: pulumi.Output<string>;
  readonly accessKeyId: pulumi.Output<string>;
  /** A Pulumi secret. */
  readonly secretAccessKey: pulumi.Output<string>;
}

/** What a vendor made of a {@link BucketSpec}. */
export interface VendorBucket {
  readonly bucketName: pulumi.Output<string>;
  /** How a Worker reaches it; undefined where the vendor has no binding for Workers. */
  readonly workerBinding: WorkerBinding | undefined;
  /** A key that reaches this bucket alone; undefined where the vendor's clients log in otherwise. */
  readonly access: BucketAccess | undefined;
}

/** A vendor of object storage. One more vendor is one more object of this shape. */
export interface BucketVendor {
  /** As outputs name it, for example `r2`. */
  readonly name: string;
  /** The vendor keeps no earlier versions of objects. */
  readonly withoutVersions?: true;
  /**
   * Declares the bucket and its settings below `parent`.
   *
   * @param dataOptions options for the resource that holds the objects.
   * @throws InputError for a field that the vendor does not accept.
   */
  create(
    spec: BucketSpec,
    scope: Scope,
    parent: pulumi.Resource,
    dataOptions: pulumi.CustomResourceOptions,
  ): VendorBucket;
}
