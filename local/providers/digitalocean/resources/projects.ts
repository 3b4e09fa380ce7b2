/** What `Project` and `ProjectResources` share: resources are in exactly one project. */
import type { DigitalOceanApi } from "../../../../providers/digitalocean-api/client.ts";
import type { Project } from "../../../../providers/digitalocean-api/types.ts";

/** The path of a project. */
export const projectPath = (id: string, ...rest: readonly string[]): string =>
  ["/projects", ...[id, ...rest].map(encodeURIComponent)].join("/");

/** Uniform resource names of what is in a project. */
export async function urnsIn(api: DigitalOceanApi, id: string): Promise<string[]> {
  const resources = await api.list<{ urn: string }>(projectPath(id, "resources"), "resources");
  return resources.map(({ urn }) => urn);
}

/** Moves resources into a project. */
export async function assign(
  api: DigitalOceanApi,
  id: string,
  urns: readonly string[],
): Promise<void> {
  if (urns.length > 0) await api.post(projectPath(id, "resources"), { resources: urns });
}

/** Moves resources out of a project: they go to the default one. */
export async function release(api: DigitalOceanApi, urns: readonly string[]): Promise<void> {
  if (urns.length === 0) return;
  const { project } = await api.get<{ project: Project }>(projectPath("default"));
  await assign(api, project.id, urns);
}
