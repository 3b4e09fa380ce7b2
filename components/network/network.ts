import * as pulumi from "@pulumi/pulumi";
import { InputError } from "../input-error.ts";
import type { Scope } from "../scope.ts";

/** What a vendor made of a network. */
export interface VendorNetwork {
  readonly id: pulumi.Output<string>;
  readonly ipRange: pulumi.Output<string>;
  /** Private subnets in different zones, for databases. */
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
      readonly zones: readonly string[] | undefined;
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
  /**
   * Letters of the region's zones that get a subnet, two at least. Default: `a` and `b`, which not every account
   * has in every region. A change replaces the subnets.
   */
  readonly zones?: readonly string[];
}

/** A private network: one environment's, so that another's machines have no way into it. */
export class Network extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;
  readonly ipRange: pulumi.Output<string>;
  /** The vendor's name. */
  readonly vendor: string;
  /** Private subnets in different zones, for databases. */
  readonly subnetIds: readonly pulumi.Output<string>[];

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    const { scope, vendor, ipRange, zones } = args;
    const logicalName = scope.logicalName(name);
    super("bulkhead:index:Network", logicalName, {}, scope.componentOptions(opts));
    const networkName = scope.physicalName(name);
    const made = vendor.create({ logicalName, networkName, ipRange, zones }, scope, this);
    this.id = made.id;
    this.ipRange = made.ipRange;
    this.subnetIds = made.subnetIds;
    this.vendor = vendor.name;
    this.registerOutputs({ id: this.id, ipRange: this.ipRange, vendor: this.vendor });
  }
}

/**
 * Refuses a network for something at DigitalOcean: there, all of a team is in its region's default VPC,
 * and a team is one environment's.
 *
 * @throws InputError
 */
export function refuseNetwork(logicalName: string, network: Network | undefined): void {
  if (network === undefined) return;
  throw new InputError(
    `${logicalName} is at DigitalOcean and names a network of ${network.vendor}. Leave network out: ` +
      "DigitalOcean puts it into the default VPC of the environment's own team.",
  );
}
