import { Vpc } from "@pulumi/digitalocean/vpc.js";
import type { NetworkVendor } from "./network.ts";

/** A VPC at DigitalOcean. @see https://docs.digitalocean.com/products/networking/vpc/ */
export const digitalOceanNetwork: NetworkVendor = {
  name: "digitalocean",
  create({ logicalName, networkName, ipRange }, scope, parent) {
    const { provider, region } = scope.digitalocean;
    const vpc = new Vpc(
      logicalName,
      { name: networkName, region, ...(ipRange === undefined ? {} : { ipRange }) },
      { parent, provider },
    );
    return { id: vpc.id, ipRange: vpc.ipRange, subnetIds: [] };
  },
};
