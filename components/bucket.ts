import * as pulumi from "@pulumi/pulumi";
import type {
  BucketAccess,
  BucketVendor,
  CorsRule,
  LifecycleRule,
  VendorBucket,
} from "./bucket-vendor.ts";
import { InputError } from "./input-error.ts";
import { r2 } from "./r2-bucket.ts";
import type { Scope } from "./scope.ts";
import type { WorkerBindable, WorkerBinding } from "./worker-bindings.ts";

export interface BucketArgs {
  /** The system and environment that own the bucket. */
  readonly scope: Scope;
  /** Who stores the objects. Default: Cloudflare R2. A change makes another bucket. */
  readonly vendor?: BucketVendor;
  /** Name at the vendor. Default: `<system>-<name>-<environment>`. A change replaces it. */
  readonly bucketName?: string;
  /** The vendor's region or location hint. Default: the vendor's choice. A change replaces it. */
  readonly region?: string;
  /** What happens to objects as they age. Default: the vendor's own rules. */
  readonly lifecycle?: readonly LifecycleRule[];
  /** What browsers on other origins may do. Default: nothing. */
  readonly cors?: readonly CorsRule[];
  /** Whether overwritten and deleted objects can be had back. Default: where the vendor can, which R2 cannot. */
  readonly versioning?: boolean;
}

/**
 * A bucket for objects, private unless a Worker serves it.
 *
 * @example Deleted after a month, read by one web page.
 * new Bucket("exports", {
 *   scope,
 *   lifecycle: [{ id: "expire", expireAfterDays: 30 }],
 *   cors: [{ origins: ["https://app.example.com"], methods: ["GET"] }],
 * });
 * @see https://developers.cloudflare.com/r2/
 */
export class Bucket extends pulumi.ComponentResource implements WorkerBindable {
  readonly bucketName: pulumi.Output<string>;
  /** The vendor's name, for example `r2`. */
  readonly vendor: string;
  private readonly made: VendorBucket;

  constructor(name: string, args: BucketArgs, opts?: pulumi.ComponentResourceOptions) {
    const { scope, vendor = r2 } = args;
    const logicalName = scope.logicalName(name);
    super("bulkhead:index:Bucket", logicalName, {}, scope.componentOptions(opts));

    if (args.versioning && vendor.withoutVersions) {
      throw new InputError(
        `versioning is true, but ${vendor.name} keeps no earlier versions. Use vendor s3 or spaces, or leave it out.`,
      );
    }
    const spec = {
      logicalName,
      bucketName: args.bucketName ?? scope.physicalName(name),
      region: args.region,
      lifecycle: args.lifecycle ?? [],
      cors: args.cors ?? [],
      versioning: args.versioning ?? vendor.withoutVersions !== true,
    };
    this.vendor = vendor.name;
    this.made = vendor.create(spec, scope, this, scope.dataOptions(this, opts));
    this.bucketName = this.made.bucketName;
    this.registerOutputs({ bucketName: this.bucketName, vendor: this.vendor });
  }

  workerBinding(): WorkerBinding {
    if (!this.made.workerBinding) {
      throw new InputError(
        `A bucket of ${this.vendor} cannot be bound to a Worker. Use vendor r2, or its S3 API.`,
      );
    }
    return this.made.workerBinding;
  }

  /** A key for the S3 API that reaches this bucket alone. @throws InputError for a vendor that makes none. */
  access(): BucketAccess {
    if (!this.made.access) {
      throw new InputError(
        `A bucket of ${this.vendor} has no access key of its own. Use vendor spaces, or the vendor's own logins.`,
      );
    }
    return this.made.access;
  }
}
