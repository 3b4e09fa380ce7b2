import { join } from "node:path";
import { z } from "zod";
import type { StackFacts, StackName } from "../../isolation/facts.ts";
import type { Fingerprinter } from "../../isolation/secrets/index.ts";
import { cacheFolder } from "../../providers/sdk/run-bundled.ts";
import {
  factsOf,
  readState,
  refreshedIn,
  StateError,
  type StateFile,
  unsettledIn,
} from "../state/index.ts";
import { type CacheKey, StackCache } from "./cache.ts";
import { concurrently } from "./concurrently.ts";
import { codeEdition } from "./edition.ts";
import { BackendError } from "./failure.ts";
import { backendFolder } from "./file-backend.ts";
import { type ListedStack, listStacks } from "./listing.ts";
import { askPulumi, type PulumiProgram } from "./pulumi-command.ts";
import { digestState, type StackDigest, type StackReading } from "./stack-reading.ts";
import { stampOf } from "./stamp.ts";
import { isBeingUpdated } from "./updating.ts";

export interface ReaderOptions extends Partial<PulumiProgram> {
  /** Folder of the cache. Default: `siblings` in BULKHEAD_CACHE or `~/.cache/bulkhead`. */
  readonly cache?: string;
  /** The project's public salt. */
  readonly salt: string;
  readonly fingerprinter: Fingerprinter;
}

/** Whose stacks are read. */
export interface Scope {
  /** Undefined: of every organisation that can be read. */
  readonly organization: string | undefined;
  readonly projects: readonly string[];
}

/** Milliseconds for one stack's state. */
const EXPORT_TIMEOUT_MS = 60_000;

/** Milliseconds to ask where a login leads. */
const WHOAMI_TIMEOUT_MS = 30_000;

/** Milliseconds for the history of one stack. */
const HISTORY_TIMEOUT_MS = 30_000;

/** Commands that are looked through for an update that ended well. */
const HISTORY_LENGTH = 50;

/** Source: pulumi/pulumi pkg/cmd/pulumi/stack/stack_history.go (`updateInfoJSON`); the newest comes first. */
const historySchema = z.array(
  z.object({
    kind: z.string(),
    result: z.string().optional(),
    startTime: z.string(),
    endTime: z.string().optional(),
  }),
);

/** States that are exported at once; each keeps a processor busy. */
const EXPORTS_AT_ONCE = 4;

/** A digest holds for the code and the salt that it was made with. */
interface CachedDigest extends StackDigest {
  readonly edition: string;
  readonly salt: string;
}

/** What a state tells. */
type KnownStack = StackDigest & { readonly facts: () => StackFacts };

/** Reads stacks by Pulumi itself, and those that have not changed from the cache. */
export class BackendReader {
  readonly #program: PulumiProgram;
  readonly #cache: StackCache<CachedDigest, StateFile>;
  readonly #salt: string;
  readonly #fingerprinter: Fingerprinter;

  constructor({
    pulumi = "pulumi",
    env = process.env,
    folder,
    signal,
    cache,
    ...rest
  }: ReaderOptions) {
    this.#program = { pulumi, env, folder, signal };
    this.#cache = new StackCache(cache ?? join(cacheFolder(env), "siblings"));
    this.#salt = rest.salt;
    this.#fingerprinter = rest.fingerprinter;
  }

  /**
   * Every stack of the projects.
   *
   * @throws BackendError when they cannot be listed.
   */
  readProjects({ organization, projects }: Scope): Promise<StackReading[]> {
    return this.#read([...new Set(projects)], organization);
  }

  /**
   * Every stack of the backend, whatever its project.
   *
   * @throws BackendError when they cannot be listed.
   */
  readAll(): Promise<StackReading[]> {
    return this.#read([undefined], undefined);
  }

  async #read(
    projects: readonly (string | undefined)[],
    organization: string | undefined,
  ): Promise<StackReading[]> {
    const backendUrl = this.#backendUrl();
    const lists = await Promise.all(
      projects.map((project) =>
        listStacks({ program: this.#program, backendUrl, organization }, project),
      ),
    );
    const url = await backendUrl;
    return concurrently(lists.flat(), EXPORTS_AT_ONCE, (listed) => this.#readStack(listed, url));
  }

  async #readStack(listed: ListedStack, backendUrl: string | undefined): Promise<StackReading> {
    const { name, reference } = listed;
    try {
      // Both before the state is read: of a change meanwhile the stamp differs, and an update that
      // ends meanwhile has written everything.
      const stamp = await stampOf(listed, backendUrl, Date.now());
      const updating = isBeingUpdated(listed, backendUrl, Date.now());
      const known =
        stamp === undefined || backendUrl === undefined
          ? await this.#digest(name, await this.#export(reference))
          : await this.#readCached(name, { backendUrl, reference, stamp });
      const hasChanged = async () =>
        (stamp !== undefined && (await stampOf(listed, backendUrl, Date.now())) !== stamp) ||
        isBeingUpdated(listed, backendUrl, Date.now());
      const isFolder = backendFolder(backendUrl) !== undefined;
      return { ...known, name, problem: undefined, updating, ...(isFolder ? { hasChanged } : {}) };
    } catch (error) {
      if (!(error instanceof BackendError || error instanceof StateError)) throw error;
      return { name, problem: error.message };
    }
  }

  async #readCached(name: StackName, key: CacheKey): Promise<KnownStack> {
    const edition = await codeEdition();
    const cached = await this.#cache.read(key);
    if (cached?.small.edition === edition && cached.small.salt === this.#salt) {
      const { large, small } = cached;
      return { ...small, facts: () => factsOf(large(), name) };
    }
    const state = cached?.large() ?? (await this.#export(key.reference));
    const digest = await digestState(state, name, this.#salt, this.#fingerprinter);
    // An update that runs settles it without writing the state once more; a refresh alone leaves
    // nothing to be settled where it left no gap.
    const isSettled =
      unsettledIn(state).size === refreshedIn(state).size && digest.gap === undefined;
    if (isSettled || unsettledIn(state).size === 0)
      await this.#cache.write(key, { ...digest, edition, salt: this.#salt }, state);
    return { ...digest, facts: () => factsOf(state, name) };
  }

  async #digest(name: StackName, state: StateFile): Promise<KnownStack> {
    const digest = await digestState(state, name, this.#salt, this.#fingerprinter);
    return { ...digest, facts: () => factsOf(state, name) };
  }

  async #export(reference: string): Promise<StateFile> {
    const args = ["stack", "export", "--stack", reference];
    const text = await askPulumi(this.#program, args, EXPORT_TIMEOUT_MS);
    const state = readState(parseJson(text));
    return unsettledIn(state).size > 0 ? { ...state, ...(await this.#history(reference)) } : state;
  }

  /** When the last update ended that ended well, and what was done since; nothing when none did. */
  async #history(reference: string): Promise<Pick<StateFile, "settledAt" | "since">> {
    const args = ["stack", "history", "--stack", reference, "--json"];
    const page = ["--page", "1", "--page-size", String(HISTORY_LENGTH)];
    const text = await askPulumi(this.#program, [...args, ...page], HISTORY_TIMEOUT_MS);
    const { data: history = [] } = historySchema.safeParse(parseJson(text));
    const settled = history.findIndex(
      ({ kind, result }) => kind === "update" && result === "succeeded",
    );
    const settledAt = history[settled]?.endTime;
    return settledAt === undefined ? {} : { settledAt, since: history.slice(0, settled) };
  }

  /** Which backend is read; undefined when it does not tell. */
  async #backendUrl(): Promise<string | undefined> {
    const { PULUMI_BACKEND_URL: given } = this.#program.env;
    if (given) return given;
    try {
      const args = ["whoami", "--json", "--verbose"];
      const text = await askPulumi(this.#program, args, WHOAMI_TIMEOUT_MS);
      return whoamiSchema.parse(parseJson(text)).url;
    } catch {
      // Only the cache needs to know.
      return undefined;
    }
  }
}

/** Source: pulumi/pulumi pkg/cmd/pulumi/auth/whoami.go (`WhoAmIJSON`). */
const whoamiSchema = z.object({ url: z.string() });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
