import { randomUUID } from "node:crypto";
import type { Document } from "../../store/document-store.ts";
import type { VendorContext } from "../../vendor-context.ts";
import { notFound, unprocessable } from "../envelope.ts";
import type { TeamResource } from "../service.ts";
import { withUniqueName } from "../unique-name.ts";

export const ENVIRONMENTS = ["Development", "Staging", "Production"] as const;

interface ProjectBody {
  readonly description: string;
  readonly purpose: string;
  readonly environment: (typeof ENVIRONMENTS)[number] | "";
  readonly isDefault: boolean;
}

/** A project; the document's name is the project's. */
export type Project = Document<ProjectBody>;

/** Which project a resource was put into; the document's id and name are its URN. */
interface AssignmentBody {
  readonly projectId: string;
  /** ISO 8601, UTC. */
  readonly assignedAt: string;
}

/** A resource in a project, since when. */
export interface ProjectResource extends TeamResource {
  readonly assignedAt: string;
}

/** What may be changed about a project. */
export interface ProjectChange {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly purpose?: string | undefined;
  readonly environment?: ProjectBody["environment"] | undefined;
  readonly isDefault?: boolean | undefined;
}

const FIRST_PROJECT = "first-project";

const projectsOf = ({ store }: VendorContext) => store.collection<ProjectBody>("do-project");
const assignmentsOf = ({ store }: VendorContext) =>
  store.collection<AssignmentBody>("do-project-resource");

/** The team's projects; each team has a default one from the beginning. */
export function listProjects(cloud: VendorContext, accountId: string): Project[] {
  const projects = projectsOf(cloud).list(accountId);
  if (projects.length > 0) return projects;
  const body = {
    description: "Update your project information under Settings",
    purpose: "",
    environment: "",
    isDefault: true,
  } as const;
  return [projectsOf(cloud).insert(accountId, { id: randomUUID(), name: FIRST_PROJECT, body })];
}

/** The project of that id, or the default one for the id `default`; else the vendor's 404. */
export function requireProject(cloud: VendorContext, accountId: string, id: string): Project {
  const project = listProjects(cloud, accountId).find((candidate) =>
    id === "default" ? candidate.body.isDefault : candidate.id === id,
  );
  if (project === undefined) throw notFound("project");
  return project;
}

export function createProject(
  cloud: VendorContext,
  accountId: string,
  request: ProjectChange & { readonly name: string; readonly purpose: string },
): Project {
  // The team's first project is the default one, and not one that somebody has made.
  listProjects(cloud, accountId);
  const { name, description = "", purpose, environment = "" } = request;
  return withUniqueName("project", name, () =>
    projectsOf(cloud).insert(accountId, {
      id: randomUUID(),
      name,
      body: { description, purpose, environment, isDefault: false },
    }),
  );
}

/** Changes a project; which one is the default can be moved but not given up. */
export function changeProject(
  cloud: VendorContext,
  project: Project,
  change: ProjectChange,
): Project {
  const { account, id, body } = project;
  if (change.isDefault === false && body.isDefault) {
    throw unprocessable("is_default: cannot be unset. Make another project the default.");
  }
  return cloud.store.transaction(() => {
    const isDefault = change.isDefault ?? body.isDefault;
    for (const other of isDefault ? listProjects(cloud, account) : []) {
      if (other.id === id || !other.body.isDefault) continue;
      projectsOf(cloud).update(account, other.id, { body: { ...other.body, isDefault: false } });
    }
    const { name = project.name, description, purpose, environment } = change;
    return withUniqueName("project", name, () =>
      projectsOf(cloud).update(account, id, {
        name,
        body: {
          description: description ?? body.description,
          purpose: purpose ?? body.purpose,
          environment: environment ?? body.environment,
          isDefault,
        },
      }),
    );
  });
}

export const removeProject = (cloud: VendorContext, { account, id }: Project): boolean =>
  projectsOf(cloud).remove(account, id);

/** What a project holds; the default one holds all that was put into no other. */
export function resourcesOf(
  cloud: VendorContext,
  { account, id, body }: Project,
  resources: readonly TeamResource[],
): ProjectResource[] {
  const known = new Set(listProjects(cloud, account).map((project) => project.id));
  return resources.flatMap((resource) => {
    const assignment = assignmentsOf(cloud).get(account, resource.urn)?.body;
    // A name that is used again (a bucket's) is another resource than the one that was assigned.
    const valid =
      assignment !== undefined &&
      assignment.assignedAt >= resource.createdAt &&
      known.has(assignment.projectId);
    if (valid) {
      const { projectId, assignedAt } = assignment;
      return projectId === id ? [{ ...resource, assignedAt }] : [];
    }
    return body.isDefault ? [{ ...resource, assignedAt: resource.createdAt }] : [];
  });
}

/** Puts a resource into a project, out of the one that it was in. */
export function assignToProject(cloud: VendorContext, project: Project, urn: string): void {
  const body = { projectId: project.id, assignedAt: new Date().toISOString() };
  const assignments = assignmentsOf(cloud);
  if (assignments.get(project.account, urn) === undefined) {
    assignments.insert(project.account, { id: urn, name: urn, body });
  } else {
    assignments.update(project.account, urn, { body });
  }
}
