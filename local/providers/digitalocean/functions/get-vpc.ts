import type { Vpc } from "../../../../providers/digitalocean-api/types.ts";
import { defineFunction } from "../../../../providers/sdk/definition.ts";
import { ProviderError } from "../../../../providers/sdk/fault.ts";
import type { DigitalOceanClient } from "../client.ts";

/** `digitalocean.getVpc`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#tag/VPCs */
export const getVpc = defineFunction<DigitalOceanClient>()({
  token: "digitalocean:index/getVpc:getVpc",
  doc: "A VPC by its id, its name, or as its region's default.",
  args: {
    id: { type: "string", mode: "optional", doc: "The ID of an existing VPC." },
    name: { type: "string", mode: "optional", doc: "The name of an existing VPC." },
    region: { type: "string", mode: "optional", doc: "The region whose default VPC is meant." },
  },
  returns: {
    createdAt: { type: "string", mode: "output", doc: "When the VPC was created." },
    default: { type: "boolean", mode: "output", doc: "Whether it is its region's default." },
    description: { type: "string", mode: "output", doc: "Its description." },
    id: { type: "string", mode: "output", doc: "Its ID." },
    ipRange: { type: "string", mode: "output", doc: "Its range of addresses in CIDR notation." },
    name: { type: "string", mode: "output", doc: "Its name." },
    region: { type: "string", mode: "output", doc: "Its region's slug." },
    urn: { type: "string", mode: "output", doc: "Its uniform resource name." },
  },
  async run({ api }, { id, name, region }) {
    if ([id, name, region].filter((each) => each !== undefined).length !== 1)
      throw new ProviderError(
        "getVpc finds a VPC by one thing. Give it an id, a name or a region.",
      );
    const vpcs =
      id === undefined
        ? await api.list<Vpc>("/vpcs", "vpcs")
        : [(await api.get<{ vpc: Vpc }>(`/vpcs/${id}`)).vpc];
    const found = vpcs.find((vpc) =>
      region === undefined ? (name ?? vpc.name) === vpc.name : vpc.default && vpc.region === region,
    );
    if (found === undefined)
      throw new ProviderError(
        `There is no VPC ${name ?? `that is the default of ${region}`}. Create it first, or correct the name.`,
      );
    return {
      createdAt: found.created_at,
      default: found.default,
      description: found.description ?? "",
      id: found.id,
      ipRange: found.ip_range,
      name: found.name,
      region: found.region,
      urn: found.urn,
    };
  },
});
