import * as pulumi from "@pulumi/pulumi";
import { InputError } from "../input-error.ts";
import type { Scope } from "../scope.ts";

/** What a vendor made of a network. */
export interface VendorNetwork {
  readonly id: pulumi.Output<string>;
  readonly ipRange: pulumi.Output<string>;
  /** Private subnets in different zones; none where the vendor has no such thing. */
  readonly subnetIds: readonly pulumi.Output<string>[];
}

/** A vendor of private networks. One more vendor is one more object of this shape. */
export interface NetworkVendor {
  /** As outputs name it, for example `aws`. */
  readonly name: string;
  create(
    spec: {
      readonly logicalName: string;
      readonly networkName: string;
      readonly ipRange: string | undefined;
    },
    scope: Scope,
    parent: pulumi.Resource,
  ): VendorNetwork;
}

export interface NetworkArgs {
  /** The system and environment that own the network. */
  readonly scope: Scope;
  readonly vendor: NetworkVendor;
  /** Private range (CIDR), such as `10.20.0.0/16`. Default: the vendor's choice. A change replaces it. */
  readonly ipRange?: string;
}

/** A private network: one environment's, so that another's machines have no way into it. */
export class Network extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;
  readonly ipRange: pulumi.Output<string>;
  /** The vendor's name. */
  readonly vendor: string;
  private readonly made: VendorNetwork;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    const { scope, vendor, ipRange } = args;
    const logicalName = scope.logicalName(name);
    super("bulkhead:index:Network", logicalName, {}, scope.componentOptions(opts));
    const networkName = scope.physicalName(name);
    this.made = vendor.create({ logicalName, networkName, ipRange }, scope, this);
    this.id = this.made.id;
    this.ipRange = this.made.ipRange;
    this.vendor = vendor.name;
    this.registerOutputs({ id: this.id, ipRange: this.ipRange, vendor: this.vendor });
  }

  /** Subnets for databases. @throws InputError where the network has none. */
  get subnetIds(): readonly pulumi.Output<string>[] {
    if (this.made.subnetIds.length === 0) {
      throw new InputError(
        `A network of ${this.vendor} has no subnets. Give the database a network of its own vendor.`,
      );
    }
    return this.made.subnetIds;
  }
}
