import { Hono } from "hono";
import { z } from "zod";
import { ApiError, jsonBody, page, unprocessable } from "../envelope.ts";
import type { DigitalOceanContext, DigitalOceanEnv, DigitalOceanService } from "../service.ts";
import { teamResources } from "../team-resources.ts";
import {
  assignToProject,
  changeProject,
  createProject,
  ENVIRONMENTS,
  listProjects,
  type Project,
  type ProjectResource,
  removeProject,
  requireProject,
  resourcesOf,
} from "./records.ts";

const name = z.string().min(1).max(175);
const text = z.string().max(255);
/** In any case, since the official provider writes it in small letters. */
const environment = z
  .string()
  .transform((given, context) => {
    const known = ENVIRONMENTS.find((one) => one.toLowerCase() === given.toLowerCase());
    if (known !== undefined) return known;
    if (given === "") return "" as const;
    context.addIssue(`must be one of ${ENVIRONMENTS.join(", ")}`);
    return z.NEVER;
  })
  .optional();
const createBody = z.strictObject({
  name,
  purpose: text.min(1),
  description: text.optional(),
  environment,
});
const patchBody = z.strictObject({
  name: name.optional(),
  purpose: text.optional(),
  description: text.optional(),
  environment,
  is_default: z.boolean().optional(),
});
const putBody = patchBody.required({
  name: true,
  purpose: true,
  description: true,
  is_default: true,
});
const assignBody = z.strictObject({ resources: z.array(z.string()).min(1).max(100) });

const PROJECT = "/projects/:project";

const describeProject = ({ account, id, name, createdAt, modifiedAt, body }: Project) => ({
  id,
  owner_uuid: account,
  owner_id: 1,
  name,
  description: body.description,
  purpose: body.purpose,
  environment: body.environment,
  is_default: body.isDefault,
  created_at: createdAt,
  updated_at: modifiedAt,
});

/** @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Projects */
export const projectService: DigitalOceanService = {
  name: "projects",
  routes(cloud, services) {
    const projectOf = (c: DigitalOceanContext) =>
      requireProject(cloud, c.get("accountId"), c.req.param("project") ?? "");
    const change = async (c: DigitalOceanContext, schema: typeof patchBody | typeof putBody) => {
      const project = projectOf(c);
      const { is_default: isDefault, ...rest } = await jsonBody(c, schema);
      return c.json({
        project: describeProject(changeProject(cloud, project, { ...rest, isDefault })),
      });
    };
    const describeResource = (c: DigitalOceanContext, status: string) => (of: ProjectResource) => ({
      urn: of.urn,
      assigned_at: of.assignedAt,
      links: { self: selfLink(new URL(c.req.url).origin, of.urn) },
      status,
    });

    return new Hono<DigitalOceanEnv>()
      .get("/projects", (c) =>
        page(c, "projects", listProjects(cloud, c.get("accountId")), describeProject),
      )
      .post("/projects", async (c) => {
        const request = await jsonBody(c, createBody);
        const project = createProject(cloud, c.get("accountId"), request);
        return c.json({ project: describeProject(project) }, 201);
      })
      .get(PROJECT, (c) => c.json({ project: describeProject(projectOf(c)) }))
      .put(PROJECT, (c) => change(c, putBody))
      .patch(PROJECT, (c) => change(c, patchBody))
      .delete(PROJECT, (c) => {
        const project = projectOf(c);
        if (project.body.isDefault) {
          throw new ApiError(412, "precondition_failed", "cannot delete the default project");
        }
        const resources = teamResources(cloud, project.account, services);
        if (resourcesOf(cloud, project, resources).length > 0) {
          throw new ApiError(
            412,
            "precondition_failed",
            "cannot delete a project with resources. Move them to another project first.",
          );
        }
        removeProject(cloud, project);
        return c.body(null, 204);
      })
      .get(`${PROJECT}/resources`, (c) => {
        const project = projectOf(c);
        const resources = teamResources(cloud, project.account, services);
        return page(
          c,
          "resources",
          resourcesOf(cloud, project, resources),
          describeResource(c, "ok"),
        );
      })
      .post(`${PROJECT}/resources`, async (c) => {
        const project = projectOf(c);
        const { resources: urns } = await jsonBody(c, assignBody);
        const resources = teamResources(cloud, project.account, services);
        const known = new Set(resources.map(({ urn }) => urn));
        const unknown = urns.find((urn) => !known.has(urn));
        if (unknown !== undefined) {
          throw unprocessable(
            `resources: ${unknown} is not a resource of this team that a project can hold.`,
          );
        }
        cloud.store.transaction(() => {
          for (const urn of urns) assignToProject(cloud, project, urn);
        });
        const assigned = resourcesOf(cloud, project, resources).filter(({ urn }) =>
          urns.includes(urn),
        );
        return page(c, "resources", assigned, describeResource(c, "assigned"));
      });
  },
};

/** Paths of the kinds that have one in this API. */
const COLLECTIONS: Readonly<Record<string, string>> = {
  dbaas: "databases",
  droplet: "droplets",
  reservedip: "reserved_ips",
  volume: "volumes",
};

function selfLink(origin: string, urn: string): string {
  const [, kind = "", ...id] = urn.split(":");
  const collection = COLLECTIONS[kind];
  return collection === undefined ? "" : `${origin}/v2/${collection}/${id.join(":")}`;
}
