/** Which stacks a backend has. */
import { z } from "zod";
import type { StackName } from "../../isolation/facts.ts";
import { BackendError } from "./failure.ts";
import { backendFolder, stacksInFolder } from "./file-backend.ts";
import { askPulumi, type PulumiProgram } from "./pulumi-command.ts";

/** Milliseconds for one listing. */
const LIST_TIMEOUT_MS = 30_000;

/** Source: pulumi/pulumi pkg/cmd/pulumi/stack/stack_ls.go (`stackSummaryJSON`). */
const listingSchema = z.array(
  z.object({
    name: z.string(),
    lastUpdate: z.string().optional(),
    updateInProgress: z.boolean().optional(),
    resourceCount: z.number().optional(),
  }),
);

/** A stack as the backend lists it. */
export interface ListedStack {
  readonly name: StackName;
  /** As `pulumi --stack` takes it. */
  readonly reference: string;
  /** ISO 8601; undefined when it was never updated, or is being updated. */
  readonly lastUpdate: string | undefined;
  readonly updating: boolean;
  readonly resourceCount: number | undefined;
}

/** What self-managed backends call the organisation, of which they have none. */
const NO_ORGANIZATION = "organization";

export interface ListOptions {
  readonly program: PulumiProgram;
  /** Undefined where nothing tells which backend a login leads to. */
  readonly backendUrl: Promise<string | undefined>;
  /** Undefined: every one that can be read. */
  readonly organization: string | undefined;
}

/**
 * A project's stacks, or every stack of the backend when no project is named.
 *
 * @throws BackendError when the backend cannot be listed.
 */
export async function listStacks(
  { program, backendUrl, organization }: ListOptions,
  project: string | undefined,
): Promise<ListedStack[]> {
  const scope = project === undefined ? ["--all"] : ["--project", project];
  const within = knownOrganization(organization);
  const filter = within === undefined ? [] : ["--organization", within];
  try {
    const text = await askPulumi(
      program,
      ["stack", "ls", "--json", ...scope, ...filter],
      LIST_TIMEOUT_MS,
    );
    return readListing(text, project);
  } catch (error) {
    const listed = project === undefined ? [] : await stacksByFolder(await backendUrl, project);
    // One damaged state makes Pulumi list none.
    if (error instanceof BackendError && error.passing && listed.length > 0) return listed;
    throw error;
  }
}

/** What the folder of a file backend tells without Pulumi; nothing of other backends. */
async function stacksByFolder(
  backendUrl: string | undefined,
  project: string,
): Promise<ListedStack[]> {
  const folder = backendFolder(backendUrl);
  const names = folder === undefined ? [] : await stacksInFolder(folder, project);
  return names.map((stack) => ({
    name: { organization: undefined, project, stack },
    reference: `${NO_ORGANIZATION}/${project}/${stack}`,
    lastUpdate: undefined,
    updating: false,
    resourceCount: undefined,
  }));
}

function readListing(text: string, project: string | undefined): ListedStack[] {
  const parsed = listingSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new BackendError(
      "`pulumi stack ls --json` printed no list of stacks. Check with `pulumi version` that this is Pulumi 3.",
    );
  }
  return parsed.data.map(({ name, lastUpdate, updateInProgress, resourceCount }) => ({
    name: parseStackName(name, project),
    reference: name,
    lastUpdate,
    updating: updateInProgress === true,
    resourceCount,
  }));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * @param reference `organization/project/stack`; of an old self-managed backend the stack alone.
 * @param project of a stack whose reference does not tell.
 */
function parseStackName(reference: string, project: string | undefined): StackName {
  const parts = reference.split("/");
  const [stack = reference, owner = project ?? "", organization] = parts.reverse();
  return { organization: knownOrganization(organization), project: owner, stack };
}

const knownOrganization = (organization: string | undefined): string | undefined =>
  organization === NO_ORGANIZATION || organization === "" ? undefined : organization;

/** Whether two names mean the same stack of one backend. */
export const isSameStack = (a: StackName, b: StackName): boolean =>
  a.project === b.project &&
  a.stack === b.stack &&
  knownOrganization(a.organization) === knownOrganization(b.organization);
