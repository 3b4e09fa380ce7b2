/** Reads the stacks of a Pulumi backend, whatever kind of backend it is. */
import type { StackName } from "../../isolation/facts.ts";
import type { Manifest } from "../../isolation/manifest/index.ts";
import type { Sibling } from "../rule.ts";
import { BackendReader, type ReaderOptions } from "./backend-reader.ts";
import { BackendError } from "./failure.ts";
import { isSameStack } from "./listing.ts";
import { asOwn, asSibling, type StackReading, unreadable } from "./stack-reading.ts";

export { BackendReader } from "./backend-reader.ts";
export { BackendError } from "./failure.ts";
export { type StackReading, unreadable } from "./stack-reading.ts";

export interface BackendOptions extends ReaderOptions {
  /** The stack that is checked. */
  readonly subject: StackName;
  /** Other projects whose stacks are read besides the subject's. */
  readonly projects: readonly string[];
}

/** The stacks of a backend at one moment, as one of them sees them. */
export interface BackendView {
  /** The checked stack as it was last deployed. */
  readonly own: Sibling | undefined;
  readonly siblings: readonly Sibling[];
  /** What a sibling owns, uses and keeps secret; undefined where nothing of it could be read. */
  readonly manifestOf: (sibling: Sibling) => Manifest | undefined;
}

export interface Backend {
  /**
   * Every stack of the subject's project and of the other projects. What cannot be read is an
   * unreadable sibling. A second call reads only the stacks that have changed.
   */
  read(): Promise<BackendView>;
}

/** The backend as one stack's preview or update sees it. */
export function openBackend({ subject, projects, ...options }: BackendOptions): Backend {
  const reader = new BackendReader(options);
  return {
    async read() {
      const scope = {
        organization: subject.organization,
        projects: [subject.project, ...projects],
      };
      try {
        return viewFrom(subject, await reader.readProjects(scope));
      } catch (error) {
        if (!(error instanceof BackendError)) throw error;
        return viewOf(undefined, [], [unreadable(everyStack(subject), error.message)]);
      }
    },
  };
}

/**
 * What one stack sees of all.
 *
 * @param subject the stack, which the backend must have: an engine works on no other.
 */
export function viewFrom(subject: StackName, readings: readonly StackReading[]): BackendView {
  const isOwn = ({ name }: StackReading) => isSameStack(name, subject);
  const own = readings.find(isOwn);
  const elsewhere =
    own === undefined
      ? [
          unreadable(
            everyStack(subject),
            `The backend that \`pulumi stack ls\` shows has no stack ${subject.project}/${subject.stack}, so it is not the one that is deployed to. Run Pulumi with the same PULUMI_BACKEND_URL or login, or name the backend in Pulumi.yaml.`,
          ),
        ]
      : [];
  return viewOf(
    own && asOwn(own),
    readings.filter((each) => !isOwn(each)),
    elsewhere,
  );
}

function viewOf(
  own: Sibling | undefined,
  others: readonly StackReading[],
  unknown: readonly Sibling[],
): BackendView {
  const siblings = others.map((reading) => ({ reading, sibling: asSibling(reading) }));
  const manifests = new Map(
    siblings.map(({ reading, sibling }) => [
      sibling,
      reading.problem === undefined ? reading.manifest : undefined,
    ]),
  );
  return {
    own,
    siblings: [...siblings.map(({ sibling }) => sibling), ...unknown],
    manifestOf: (sibling) => manifests.get(sibling),
  };
}

/** Stands for the stacks whose names are not known. */
const everyStack = ({ organization, project }: StackName): StackName => ({
  organization,
  project,
  stack: "*",
});
