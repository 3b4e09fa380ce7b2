import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { signal } from "../processes.ts";
import { type Command, spawnAsServerUser } from "./server-user.ts";

/** How a program is run as a server. */
export interface RunOptions {
  readonly command: Command;
  readonly env: Record<string, string>;
  /** One line of what it prints. */
  readonly onLine: (line: string) => void;
  /** Lines that tell nobody anything. */
  readonly noise?: RegExp;
}

/** Of its output, kept to explain its end. */
const KEPT_LINES = 8;
/** How long the output of a process that has ended may take to arrive. */
const LAST_WORDS_MS = 500;

/** One run of a server's program, in the process group of the cloud. */
export class ServerProcess {
  readonly pid: number;
  /** Resolves when it has ended, with the signal or exit code. */
  readonly ended: Promise<string>;
  readonly #lines: string[] = [];
  #hasEnded = false;

  private constructor(child: ChildProcessWithoutNullStreams, options: RunOptions) {
    this.pid = child.pid ?? 0;
    for (const input of [child.stdout, child.stderr]) {
      this.#follow(createInterface({ input }), options);
    }
    const closed = once(child, "close");
    this.ended = once(child, "exit").then(async ([code, by]) => {
      this.#hasEnded = true;
      // Its own children may hold its output open.
      await Promise.race([closed, sleep(LAST_WORDS_MS)]);
      return by === null ? `exit code ${code}` : String(by);
    });
  }

  /** @throws when the program cannot be run at all. */
  static async start(options: RunOptions): Promise<ServerProcess> {
    const child = await spawnAsServerUser(options.command, options.env);
    child.stdin.end();
    return new ServerProcess(child, options);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** What it has printed last. */
  get lastLines(): readonly string[] {
    return this.#lines;
  }

  /** Asks it to end by this signal, and ends it by force when it has not after so long. */
  async end(by: NodeJS.Signals, patienceMs: number): Promise<void> {
    if (this.#hasEnded) return;
    signal(this.pid, by);
    const force = setTimeout(() => signal(this.pid, "SIGKILL"), patienceMs);
    await this.ended;
    clearTimeout(force);
  }

  #follow(output: ReturnType<typeof createInterface>, { onLine, noise }: RunOptions): void {
    output.on("line", (line) => {
      // Said again and again as long as the cause is there.
      if (noise?.test(line) || line === this.#lines.at(-1)) return;
      this.#lines.push(line);
      if (this.#lines.length > KEPT_LINES) this.#lines.shift();
      onLine(line);
    });
  }
}
