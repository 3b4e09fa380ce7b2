import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Endpoint, ServerState, Servers } from "./engines.ts";
import { diskFullError, messageOf } from "./faults.ts";
import { KeyedLock } from "./keyed-lock.ts";
import { own } from "./server-user.ts";
import { type ProcessPlan, SupervisedProcess } from "./supervised-process.ts";
import { within } from "./within.ts";

/** A reload takes a moment, from a server that does not hang. */
const RELOAD_TIMEOUT_MS = 30_000;

/** What every kind of server has. */
interface AnySpec {
  readonly id: string;
  readonly endpoint: Endpoint;
}

/** A server whose files are as its specification says. */
export interface PreparedServer {
  readonly plan: Omit<ProcessPlan, "name" | "folder" | "env" | "log">;
  /** Another text than at its start makes the server start again. */
  readonly fixed: string;
  /** Another text than it last took over makes `reload` run. */
  readonly reloadable: string;
  readonly reload: () => Promise<void>;
}

/** What tells one kind of server from the others. */
export interface ServerKind<Spec extends AnySpec> {
  /** `postgres`; also the folder of its servers. */
  readonly name: string;
  /** Writes the files of a server; its process may be running. `signal` ends what takes long. */
  readonly prepare: (spec: Spec, folder: string, signal: AbortSignal) => Promise<PreparedServer>;
}

export interface ServerPoolOptions {
  /** Of the cloud; each kind of server has its own folder in it. */
  readonly dataDir: string;
  /** Environment of the servers. */
  readonly env: Record<string, string>;
  readonly log: (line: string) => void;
  /** Path of the servers' program; throws when there is none. */
  readonly programPath: () => string;
  /** Told of each server's endpoint, which no other server may be given. */
  readonly claim: (endpoint: Endpoint) => void;
}

interface Server {
  readonly process: SupervisedProcess;
  readonly fixed: string;
  reloadable: string;
}

/** All servers of one kind, each in a folder of its own. */
export class ServerPool<Spec extends AnySpec> implements Servers<Spec> {
  readonly #kind: ServerKind<Spec>;
  readonly #options: ServerPoolOptions;
  readonly #servers = new Map<string, Server>();
  readonly #locks = new KeyedLock();
  readonly #disposing = new AbortController();

  constructor(kind: ServerKind<Spec>, options: ServerPoolOptions) {
    this.#kind = kind;
    this.#options = options;
  }

  folder(id: string): string {
    if (!/^[a-z0-9][a-z0-9-]*$/.test(id)) {
      throw new Error(
        `"${id}" cannot be a server's id. Use lower-case letters, digits and hyphens.`,
      );
    }
    return join(this.#options.dataDir, "engines", this.#kind.name, id);
  }

  /** Runs `work` while no other call changes that server. `signal` ends what takes long. */
  exclusively<R>(id: string, work: (signal: AbortSignal) => Promise<R>): Promise<R> {
    return this.#locks.run(id, () => work(this.#disposing.signal));
  }

  ensure(spec: Spec): Promise<void> {
    return this.exclusively(spec.id, async () => {
      const process = await this.#apply(spec);
      await this.#explained(spec.id, () => process.confirm());
    });
  }

  /** Before a connection is made: as `ensure`, for a server that has been made before. */
  async ready(spec: Spec): Promise<void> {
    if (!existsSync(this.folder(spec.id))) {
      throw new Error(`There is no ${this.#kind.name} server ${spec.id}. Ensure it first.`);
    }
    await this.exclusively(spec.id, () => this.#apply(spec));
  }

  state(id: string): ServerState {
    return this.#servers.get(id)?.process.state ?? "absent";
  }

  pid(id: string): number | undefined {
    return this.#servers.get(id)?.process.pid;
  }

  stop(id: string): Promise<void> {
    return this.exclusively(id, () => this.#stop(id));
  }

  remove(id: string): Promise<void> {
    return this.exclusively(id, async () => {
      await this.#stop(id);
      rmSync(this.folder(id), { recursive: true, force: true });
    });
  }

  /** Ends what is under way, and resolves when nothing of it writes any more. */
  async dispose(): Promise<void> {
    this.#disposing.abort(new Error("The local cloud is stopping."));
    await Promise.all([...this.#servers.keys()].map((id) => this.#stop(id)));
    await this.#locks.idle();
  }

  /** Makes the server as specified, and resolves when it has answered. */
  #apply(spec: Spec): Promise<SupervisedProcess> {
    return this.#explained(spec.id, async () => {
      const { signal } = this.#disposing;
      signal.throwIfAborted();
      const folder = this.folder(spec.id);
      this.#options.claim(spec.endpoint);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      own(folder);
      const prepared = await this.#kind.prepare(spec, folder, signal);
      const server = this.#servers.get(spec.id);
      if (server?.fixed !== prepared.fixed) return this.#restart(spec.id, prepared);
      await server.process.answer();
      if (server.reloadable !== prepared.reloadable) {
        const message = "It did not take over what has changed.";
        await within(RELOAD_TIMEOUT_MS, message, prepared.reload());
      }
      server.reloadable = prepared.reloadable;
      return server.process;
    });
  }

  async #restart(
    id: string,
    { plan, fixed, reloadable }: PreparedServer,
  ): Promise<SupervisedProcess> {
    await this.#stop(id);
    this.#disposing.signal.throwIfAborted();
    const { env, log } = this.#options;
    const name = `${this.#kind.name} ${id}`;
    const process = new SupervisedProcess({ ...plan, name, folder: this.folder(id), env, log });
    this.#servers.set(id, { process, fixed, reloadable });
    await process.answer();
    return process;
  }

  async #stop(id: string): Promise<void> {
    await this.#servers.get(id)?.process.stop();
    this.#servers.delete(id);
  }

  async #explained<R>(id: string, work: () => Promise<R>): Promise<R> {
    try {
      return await work();
    } catch (cause) {
      throw (
        diskFullError(this.folder(id), cause) ??
        new Error(
          `The ${this.#kind.name} server ${id} does not run as asked. ${messageOf(cause)}`,
          {
            cause,
          },
        )
      );
    }
  }
}
