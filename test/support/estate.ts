import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Cloudflare from "cloudflare";
import { execa } from "execa";
import type { StackOutputs } from "../../components/system-outputs.ts";
import {
  type CloudInfo,
  cloudStatus,
  ensureEnvironments,
  readCredentials,
  stopCloud,
} from "../../local/daemon.ts";
import { type VisitOptions, visit } from "./local-cloud.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BULKHEAD = join(ROOT, "bin", "bulkhead.mjs");

/** Where the bootstrap of this test run has written which Pulumi to use. */
export const TOOLS_FILE = join(process.env.BULKHEAD_STATE ?? join(ROOT, ".bulkhead"), "tools.json");

export interface CommandResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams. */
  readonly output: string;
}

/** A command that runs. */
export interface StartedCommand {
  readonly pid: number;
  readonly done: Promise<CommandResult>;
}

/** A whole installation with a state folder, a local cloud and a Pulumi backend of its own. */
export interface TestEstate {
  readonly stateDir: string;
  /** Runs the command line as a user would. */
  readonly bulkhead: (...args: string[]) => Promise<CommandResult>;
  /** Starts the command line and returns at once. */
  readonly startBulkhead: (...args: string[]) => StartedCommand;
  /**
   * Starts a shell line in which `$BULKHEAD` is the command line, in a process group of its own, as
   * a terminal does; the group's id is the pid.
   */
  readonly startGroup: (line: string) => StartedCommand;
  /** Runs a shell line with the variables of `eval "$(npx bulkhead local env …)"`. */
  readonly shell: (line: string, options?: ShellOptions) => Promise<CommandResult>;
  readonly outputs: (stack: string) => Promise<StackOutputs>;
  readonly cloud: () => Promise<CloudInfo>;
  /** Opens an account for an environment that no stack of the project has. */
  readonly openEnvironment: (name: string) => Promise<void>;
  /** The vendor's client with a stack's credentials. */
  readonly client: (stack: string) => Promise<{ client: Cloudflare; account_id: string }>;
  /** Sends a request to a Worker by the public URL that the stack exports for it. */
  readonly visit: (
    url: string,
    options?: VisitOptions,
  ) => Promise<{ status: number; body: string }>;
  readonly close: () => Promise<void>;
}

interface ShellOptions {
  readonly cwd?: string;
  /** Variables beside those of the local cloud. */
  readonly env?: Readonly<Record<string, string>>;
  /** The stack whose credentials also go by the vendor's own names. */
  readonly stack?: string;
}

const COMMAND_OPTIONS = { reject: false, all: true, stdin: "ignore" } as const;

/** A folder of its own, which the caller removes. */
export const temporaryEstateFolder = (): string => mkdtempSync(join(tmpdir(), "bulkhead-estate-"));

/** Enough for most tests, and up in seconds. */
const FEW_SYSTEMS = ["qhub", "cutty"];

/** @param systems that the project's stacks have. */
export function openTestEstate(
  stateDir = temporaryEstateFolder(),
  systems: readonly string[] = FEW_SYSTEMS,
): TestEstate {
  mkdirSync(stateDir, { recursive: true });
  copyFileSync(TOOLS_FILE, join(stateDir, "tools.json"));
  const env = {
    ...process.env,
    BULKHEAD_STATE: stateDir,
    BULKHEAD_CLOUD: "local",
    BULKHEAD_SYSTEMS: systems.join(","),
    BULKHEAD_PORT: "0",
    BULKHEAD_S3_PORT: "0",
    NO_COLOR: "1",
  };

  const startBulkhead = (...args: string[]): StartedCommand => {
    const child = execa(process.execPath, [BULKHEAD, ...args], {
      ...COMMAND_OPTIONS,
      cwd: ROOT,
      env,
    });
    return toStarted(child);
  };
  const bulkhead = (...args: string[]) => startBulkhead(...args).done;
  const cloud = async () => {
    const { info } = await cloudStatus(stateDir);
    if (info === undefined) throw new Error("The local cloud of this estate does not run.");
    return info;
  };

  /** What `local env` printed by stack, the running cloud and its environments. */
  const printed = new Map<string, string>();
  /** What `local env` prints: asked for once, as long as the cloud is the same with the same accounts. */
  const localEnvironment = async (stack = ""): Promise<string> => {
    const key = async () => {
      const { info } = await cloudStatus(stateDir);
      return [stack, info?.pid, info?.startedAt, ...Object.keys(readCredentials(stateDir))].join();
    };
    const known = printed.get(await key());
    if (known !== undefined) return known;
    const { exitCode, stdout, output } = await bulkhead("local", "env", ...(stack ? [stack] : []));
    if (exitCode !== 0) throw new Error(output);
    printed.set(await key(), stdout);
    return stdout;
  };

  return {
    stateDir,
    bulkhead,
    startBulkhead,
    startGroup(line) {
      const command = `'${process.execPath}' '${BULKHEAD}'`;
      const script = line.replaceAll("$BULKHEAD", command);
      return toStarted(
        execa("sh", ["-c", script], { ...COMMAND_OPTIONS, cwd: ROOT, env, detached: true }),
      );
    },
    cloud,
    async openEnvironment(name) {
      await ensureEnvironments(stateDir, [name]);
    },
    async shell(line, { cwd = ROOT, stack, env: more = {} } = {}) {
      // Most programs of other projects export no manifest, which the pack would refuse.
      const packs = cwd === ROOT ? "" : "unset PULUMI_OPTION_POLICY_PACK && ";
      const script = `eval "$LOCAL_ENV"; unset LOCAL_ENV; ${packs}${line}`;
      const variables = { ...env, LOCAL_ENV: await localEnvironment(stack), ...more };
      return toResult(
        await execa("sh", ["-c", script], { ...COMMAND_OPTIONS, cwd, env: variables }),
      );
    },
    async outputs(stack) {
      const { stdout, output, exitCode } = await bulkhead("outputs", stack, "--json");
      if (exitCode !== 0) throw new Error(output);
      return JSON.parse(stdout).outputs as StackOutputs;
    },
    async client(stack) {
      const credentials = readCredentials(stateDir)[stack];
      if (credentials === undefined) throw new Error(`The estate has no environment ${stack}.`);
      const { apiUrl } = await cloud();
      const baseURL = `${apiUrl}/client/v4`;
      return {
        client: new Cloudflare({ apiToken: credentials.apiToken, baseURL, maxRetries: 0 }),
        account_id: credentials.accountId,
      };
    },
    async visit(url, options) {
      const { hostname, pathname, search } = new URL(url);
      return visit((await cloud()).apiUrl, hostname, `${pathname}${search}`, options);
    },
    async close() {
      await stopCloud(stateDir);
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** The resources in a stack's state file, with secrets still encrypted. */
export function stateResources(
  { stateDir }: TestEstate,
  stack: string,
  project = "bulkhead",
): { type: string; urn: string; id?: string; outputs?: Record<string, unknown> }[] {
  const file = join(
    stateDir,
    ...["pulumi", "backend", ".pulumi", "stacks", project, `${stack}.json`],
  );
  return JSON.parse(readFileSync(file, "utf8")).checkpoint.latest.resources ?? [];
}

/**
 * A Pulumi project in a folder of its own, whose program may import this project's components by `@/`.
 * @param plugins folders of further provider plugins by name.
 */
export function writeScratchProject(
  folder: string,
  name: string,
  program: string,
  plugins: Readonly<Record<string, string>> = {},
): void {
  mkdirSync(folder, { recursive: true });
  const providers = Object.entries({ bulkhead: join(ROOT, "providers", "bulkhead"), ...plugins });
  writeFileSync(
    join(folder, "Pulumi.yaml"),
    [
      `name: ${name}`,
      "runtime: { name: nodejs, options: { typescript: false } }",
      "plugins:",
      `  providers: ${JSON.stringify(providers.map(([plugin, path]) => ({ name: plugin, path })))}`,
    ].join("\n"),
  );
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name, type: "module", main: "index.ts" }),
  );
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeScratchProgram(folder, program);
}

/** Replaces a scratch project's program. */
export const writeScratchProgram = (folder: string, program: string): void =>
  writeFileSync(join(folder, "index.ts"), program.replaceAll('"@/', `"${ROOT}`));

interface Finished {
  readonly exitCode?: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly all: string;
}

function toStarted(child: Promise<Finished> & { readonly pid?: number }): StartedCommand {
  if (child.pid === undefined) throw new Error("The command could not be started.");
  return { pid: child.pid, done: child.then(toResult) };
}

const toResult = (result: Finished): CommandResult => ({
  exitCode: result.exitCode,
  stdout: result.stdout,
  stderr: result.stderr,
  output: result.all,
});
