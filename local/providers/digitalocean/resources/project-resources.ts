import type { DigitalOceanApi } from "../../../../providers/digitalocean-api/client.ts";
import { orMissing } from "../../../../providers/digitalocean-api/fault.ts";
import { assign, release, urnsIn } from "./projects.ts";
import { define, sorted, without } from "./shared.ts";

/** `digitalocean.ProjectResources`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#operation/projects_assign_resources */
export const projectResources = define({
  token: "digitalocean:index/projectResources:ProjectResources",
  title: "set of a project's resources",
  doc: "Resources that are put into a project. https://docs.digitalocean.com/products/projects/",
  identity: ["project"],
  properties: {
    project: { type: "string", mode: "required", replace: true, doc: "The ID of the project." },
    resources: {
      type: { array: "string" },
      mode: "required",
      normalize: sorted,
      doc: "Uniform resource names of what belongs into the project.",
    },
  },
  async create({ client }, { project, resources }) {
    await assign(client.api, project, resources);
    return { id: project, state: {} };
  },
  async read({ client }, id, { state }) {
    const present = await orMissing(urnsIn(client.api, id));
    if (present === undefined) return undefined;
    // Others may have put more into the project.
    const resources = (state.resources ?? []).filter((urn) => present.includes(urn));
    return { id, state: { project: id, resources } };
  },
  async update({ client }, id, { resources }, known) {
    await releaseFrom(client.api, id, without(known.state.resources ?? [], resources));
    await assign(client.api, id, resources);
    return {};
  },
  async delete({ client }, id, state) {
    await releaseFrom(client.api, id, state.resources ?? []);
  },
});

/** What somebody has moved to another project meanwhile stays there. */
async function releaseFrom(api: DigitalOceanApi, id: string, urns: readonly string[]) {
  const present = await urnsIn(api, id);
  await release(
    api,
    urns.filter((urn) => present.includes(urn)),
  );
}
