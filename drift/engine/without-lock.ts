/** A file backend as a refresh preview may look at it: without locking anybody out. */
import { copyFile, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { backendFolder } from "../../policy/siblings/file-backend.ts";
import type { PulumiProject } from "./command.ts";

/** Where a file backend says how its folders are arranged. */
const META = "meta.yaml";

/**
 * Pulumi locks a stack of a self-managed backend even for a preview of its refresh: `up` would have to
 * wait for a look, and a look that is killed would leave its lock. A backend that is a folder is
 * therefore seen through another one, which has its states and locks of its own. Pulumi Cloud locks
 * nothing for a preview; in a bucket the lock is Pulumi's.
 */
export async function withoutLock<T>(
  project: PulumiProject,
  work: (project: PulumiProject) => Promise<T>,
): Promise<T> {
  const backend = backendFolder(project.env.PULUMI_BACKEND_URL);
  if (backend === undefined) return work(project);
  const folder = await mkdtemp(join(tmpdir(), "bulkhead-backend-"));
  try {
    const [from, to] = [join(backend, ".pulumi"), join(folder, ".pulumi")];
    await mkdir(to);
    await copyFile(join(from, META), join(to, META));
    await symlink(join(from, "stacks"), join(to, "stacks"), "junction");
    const env = { ...project.env, PULUMI_BACKEND_URL: pathToFileURL(folder).href };
    return await work({ ...project, env });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
