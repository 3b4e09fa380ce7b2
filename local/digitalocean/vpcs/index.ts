import { Hono } from "hono";
import { z } from "zod";
import { ApiError, jsonBody, page } from "../envelope.ts";
import type {
  DigitalOceanContext,
  DigitalOceanEnv,
  DigitalOceanService,
  TeamResource,
} from "../service.ts";
import { teamResources } from "../team-resources.ts";
import { changeVpc, createVpc, listVpcs, removeVpc, requireVpc, type Vpc } from "./records.ts";

const description = z.string().max(255);
const createBody = z.strictObject({
  name: z.string(),
  description: description.optional(),
  region: z.string(),
  ip_range: z.string().optional(),
});
const patchBody = z.strictObject({
  name: z.string().optional(),
  description: description.optional(),
  default: z.boolean().optional(),
});
const putBody = patchBody.required({ name: true });

const describeVpc = ({ id, name, createdAt, body }: Vpc) => ({
  id,
  urn: `do:vpc:${id}`,
  name,
  description: body.description,
  region: body.region,
  ip_range: body.ipRange,
  default: body.isDefault,
  created_at: createdAt,
});

const describeMember = ({ urn, name, createdAt }: TeamResource) => ({
  urn,
  name,
  created_at: createdAt,
});

/** @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/VPCs */
export const vpcService: DigitalOceanService = {
  name: "vpcs",
  inventory: (cloud, accountId) => ({ VPCs: listVpcs(cloud, accountId).length }),
  routes(cloud, services) {
    const vpcOf = (c: DigitalOceanContext) =>
      requireVpc(cloud, c.get("accountId"), c.req.param("vpc") ?? "");
    const membersOf = ({ account, id }: Vpc) =>
      teamResources(cloud, account, services).filter(({ vpcId }) => vpcId === id);
    const change = async (c: DigitalOceanContext, schema: typeof patchBody | typeof putBody) => {
      const vpc = vpcOf(c);
      return c.json({ vpc: describeVpc(changeVpc(cloud, vpc, await jsonBody(c, schema))) });
    };

    return new Hono<DigitalOceanEnv>()
      .get("/vpcs", (c) => page(c, "vpcs", listVpcs(cloud, c.get("accountId")), describeVpc))
      .post("/vpcs", async (c) => {
        const { ip_range: ipRange, ...rest } = await jsonBody(c, createBody);
        const vpc = createVpc(cloud, c.get("accountId"), {
          ...rest,
          ipRange: ipRange || undefined,
        });
        return c.json({ vpc: describeVpc(vpc) }, 201);
      })
      .get("/vpcs/:vpc", (c) => c.json({ vpc: describeVpc(vpcOf(c)) }))
      .put("/vpcs/:vpc", (c) => change(c, putBody))
      .patch("/vpcs/:vpc", (c) => change(c, patchBody))
      .delete("/vpcs/:vpc", (c) => {
        const vpc = vpcOf(c);
        if (vpc.body.isDefault) {
          throw new ApiError(
            403,
            "forbidden",
            "Can not delete default VPCs. Make another VPC of the region the default first.",
          );
        }
        if (membersOf(vpc).length > 0) {
          throw new ApiError(403, "forbidden", "Can not delete VPC with members.");
        }
        removeVpc(cloud, vpc);
        return c.body(null, 204);
      })
      .get("/vpcs/:vpc/members", (c) => {
        const kind = c.req.query("resource_type");
        const members = membersOf(vpcOf(c)).filter(
          ({ urn }) => kind === undefined || urn.startsWith(`do:${kind}:`),
        );
        return page(c, "members", members, describeMember);
      });
  },
};
