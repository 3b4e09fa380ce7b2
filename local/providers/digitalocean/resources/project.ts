import { orMissing } from "../../../../providers/digitalocean-api/fault.ts";
import type { Project } from "../../../../providers/digitalocean-api/types.ts";
import { VendorFault } from "../../../../providers/sdk/fault.ts";
import type { InputsOf } from "../../../../providers/sdk/properties.ts";
import { waitUntil } from "../../../../providers/sdk/wait.ts";
import { assign, projectPath, release, urnsIn } from "./projects.ts";
import { type DigitalOceanContext, dateOf, define, lowerCase, sorted, without } from "./shared.ts";

/** How long the vendor may take to move resources out, in milliseconds. */
const EMPTYING_TIMEOUT_MS = 3 * 60 * 1000;

const properties = {
  name: {
    type: "string",
    mode: "required",
    autoname: { maxLength: 175 },
    doc: "The name of the project.",
  },
  description: { type: "string", mode: "optional", unset: "", doc: "The description." },
  purpose: {
    type: "string",
    mode: "optional",
    unset: "Web Application",
    doc: "The purpose of the project.",
  },
  environment: {
    type: "string",
    mode: "inherited",
    normalize: lowerCase,
    values: ["Development", "Staging", "Production", "development", "staging", "production"],
    doc: "The environment of the project's resources.",
  },
  isDefault: {
    type: "boolean",
    mode: "optional",
    unset: false,
    doc: "Whether it is the team's default project.",
  },
  resources: {
    type: { array: "string" },
    mode: "inherited",
    normalize: sorted,
    incidental: true,
    doc: "Uniform resource names of what is in the project.",
  },
  createdAt: { type: "string", mode: "output", doc: "When the project was created." },
  ownerId: { type: "integer", mode: "output", doc: "The ID of the owner." },
  ownerUuid: { type: "string", mode: "output", doc: "The UUID of the owner." },
  updatedAt: {
    type: "string",
    mode: "output",
    volatile: true,
    incidental: true,
    doc: "When it was last changed.",
  },
} as const;

type Inputs = InputsOf<typeof properties>;

/** `digitalocean.Project`. Source: https://docs.digitalocean.com/reference/api/digitalocean/#tag/Projects */
export const project = define({
  token: "digitalocean:index/project:Project",
  title: "project",
  doc: "A project, which groups resources. https://docs.digitalocean.com/products/projects/",
  identity: ["name"],
  importFormat: "<id>",
  properties,
  parseImportId: (id) => ({ id, state: {} }),
  async create({ client }, inputs) {
    const { project } = await client.api.post<{ project: Project }>("/projects", bodyOf(inputs));
    return { id: project.id, state: stateOf(project) };
  },
  async finish(context, { id }, inputs) {
    const { api } = context.client;
    const present = await urnsIn(api, id);
    await assign(api, id, without(inputs.resources ?? [], present));
    const { project } = await api.get<{ project: Project }>(projectPath(id));
    if (inputs.isDefault && !project.is_default)
      await api.put(projectPath(id), { ...bodyOf(inputs), is_default: true });
    return { id, state: await fullState(context, id) };
  },
  async read(context, id) {
    const state = await orMissing(fullState(context, id));
    return state && { id, state };
  },
  async update({ client }, id, inputs, known) {
    await client.api.put(projectPath(id), {
      ...bodyOf(inputs),
      is_default: inputs.isDefault ?? false,
    });
    if (inputs.resources !== undefined)
      await release(client.api, without(known.state.resources ?? [], inputs.resources));
    return {};
  },
  async delete(context, id) {
    const { api } = context.client;
    await release(api, await urnsIn(api, id));
    await waitUntil(context, {
      doing: "emptying",
      timeoutMs: EMPTYING_TIMEOUT_MS,
      async probe() {
        try {
          await api.delete(projectPath(id));
          return { value: undefined, status: "gone", outcome: "ready" };
        } catch (error) {
          if (!(error instanceof VendorFault && /with resources/i.test(error.message))) throw error;
          return { value: undefined, status: "has resources", outcome: "waiting" };
        }
      },
    });
  },
  async findExisting({ client }, { name }) {
    const all = await client.api.list<Project>("/projects", "projects");
    const found = all.find((each) => each.name === name);
    return found && { id: found.id, state: stateOf(found), createdAt: dateOf(found.created_at) };
  },
});

const bodyOf = ({ name, description = "", purpose = "Web Application", environment }: Inputs) => ({
  name,
  description,
  purpose,
  environment: environment && environment.charAt(0).toUpperCase() + environment.slice(1),
});

async function fullState({ client }: DigitalOceanContext, id: string) {
  const { project } = await client.api.get<{ project: Project }>(projectPath(id));
  return { ...stateOf(project), resources: await urnsIn(client.api, id) };
}

const stateOf = (found: Project) => ({
  name: found.name,
  description: found.description ?? "",
  // So the vendor marks a purpose that is not one of its own.
  purpose: found.purpose.replace(/^Other: /, ""),
  environment: found.environment || null,
  isDefault: found.is_default,
  createdAt: found.created_at,
  ownerId: found.owner_id,
  ownerUuid: found.owner_uuid,
  updatedAt: found.updated_at,
});
