import { orMissing } from "../../../../providers/digitalocean-api/fault.ts";
import type { Vpc } from "../../../../providers/digitalocean-api/types.ts";
import { VendorFault } from "../../../../providers/sdk/fault.ts";
import { waitUntil } from "../../../../providers/sdk/wait.ts";
import { dateOf, define, lowerCase } from "./shared.ts";

/** How long the vendor may take to move deleted members out, in milliseconds. */
const EMPTYING_TIMEOUT_MS = 2 * 60 * 1000;

/** `digitalocean.Vpc`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#tag/VPCs */
export const vpc = define({
  token: "digitalocean:index/vpc:Vpc",
  title: "VPC",
  doc: "A private network. https://docs.digitalocean.com/products/networking/vpc/",
  identity: ["name"],
  importFormat: "<id>",
  properties: {
    name: {
      type: "string",
      mode: "required",
      autoname: { maxLength: 255 },
      doc: "A name for the VPC. Must be unique.",
    },
    region: {
      type: "string",
      mode: "required",
      replace: true,
      normalize: lowerCase,
      doc: "Slug of the region.",
    },
    description: { type: "string", mode: "optional", unset: "", doc: "A description." },
    ipRange: {
      type: "string",
      mode: "inherited",
      replace: true,
      doc: "The range of addresses in CIDR notation.",
    },
    createdAt: { type: "string", mode: "output", doc: "When the VPC was created." },
    default: { type: "boolean", mode: "output", doc: "Whether it is its region's default." },
    vpcUrn: { type: "string", mode: "output", doc: "The uniform resource name of the VPC." },
  },
  parseImportId: (id) => ({ id, state: {} }),
  async create({ client }, { name, region, description, ipRange }) {
    const body = { name, region: region.toLowerCase(), description, ip_range: ipRange };
    return live((await client.api.post<{ vpc: Vpc }>("/vpcs", body)).vpc);
  },
  async read({ client }, id) {
    const found = await orMissing(client.api.get<{ vpc: Vpc }>(`/vpcs/${encodeURIComponent(id)}`));
    return found && live(found.vpc);
  },
  async update({ client }, id, { name, description = "" }) {
    const path = `/vpcs/${encodeURIComponent(id)}`;
    return live((await client.api.patch<{ vpc: Vpc }>(path, { name, description })).vpc).state;
  },
  async delete(context, id) {
    await waitUntil(context, {
      doing: "emptying",
      timeoutMs: EMPTYING_TIMEOUT_MS,
      async probe() {
        try {
          await context.client.api.delete(`/vpcs/${encodeURIComponent(id)}`);
          return { value: undefined, status: "gone", outcome: "ready" };
        } catch (error) {
          // What was in it may be deleted already and still be counted.
          if (!(error instanceof VendorFault && /with members/i.test(error.message))) throw error;
          return { value: undefined, status: "has members", outcome: "waiting" };
        }
      },
    });
  },
  async findExisting({ client }, { name }) {
    const found = (await client.api.list<Vpc>("/vpcs", "vpcs")).find((each) => each.name === name);
    return found && { ...live(found), createdAt: dateOf(found.created_at) };
  },
});

const live = (found: Vpc) => ({
  id: found.id,
  state: {
    name: found.name,
    region: found.region,
    description: found.description ?? "",
    ipRange: found.ip_range,
    createdAt: found.created_at,
    default: found.default,
    vpcUrn: found.urn,
  },
});
