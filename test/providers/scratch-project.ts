import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { prependPath } from "../../cli/environment.ts";
import { readTools } from "../../cli/tools.ts";
import { installLocalProviders } from "../../local/providers/install.ts";
import { TOOLS_FILE } from "../support/estate.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A Pulumi project of its own in a temporary folder, run by the real engine that the set-up found. */
export interface ScratchProject {
  readonly folder: string;
  /** Sets the program's body; `@pulumi/…` packages and `bulkhead` are imported for it as needed. */
  readonly program: (source: string) => void;
  /** Runs `pulumi ARGS`; both streams in `output`. */
  readonly pulumi: (...args: string[]) => Promise<{ exitCode: number | undefined; output: string }>;
  /** Starts `pulumi ARGS` and returns at once; `done` settles when it has ended in any way. */
  readonly start: (...args: string[]) => { readonly pid: number; readonly done: Promise<unknown> };
  readonly outputs: () => Promise<{ [name: string]: unknown }>;
  readonly close: () => void;
}

/** Opens a project with a stack `test`; `env` holds the vendor's endpoint and credentials. */
export async function openScratchProject(env: Record<string, string>): Promise<ScratchProject> {
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-engine-"));
  const pulumiHome = join(folder, "home");
  const backend = join(folder, "backend");
  mkdirSync(backend);
  await installLocalProviders({ pulumiHome, nodePath: process.execPath });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{"type":"module","main":"index.ts"}');
  const project = {
    name: "scratch",
    runtime: { name: "nodejs", options: { typescript: false } },
    plugins: { providers: [{ name: "bulkhead", path: join(ROOT, "providers", "bulkhead") }] },
  };
  writeFileSync(join(folder, "Pulumi.yaml"), JSON.stringify(project));
  const tools = readTools(dirname(TOOLS_FILE));
  const run = (...args: string[]) =>
    execa(tools.pulumi, [...args, "--non-interactive", "--color", "never"], {
      cwd: folder,
      all: true,
      reject: false,
      env: {
        PATH: prependPath(tools.path, process.env.PATH),
        PULUMI_HOME: pulumiHome,
        PULUMI_BACKEND_URL: `file://${backend}`,
        PULUMI_CONFIG_PASSPHRASE: "test",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        BULKHEAD_STATE: join(folder, "state"),
        ...env,
      },
    });
  const pulumi = async (...args: string[]) => {
    const { exitCode, all, failed, message } = await run(...args);
    // A pulumi that cannot be started has no exit code, and must not look like one that refused.
    if (failed && exitCode === undefined) throw new Error(message);
    return { exitCode, output: all };
  };
  await pulumi("stack", "init", "test");
  return {
    folder,
    program: (source) =>
      writeFileSync(
        join(folder, "index.ts"),
        `import * as pulumi from "@pulumi/pulumi";\nimport * as bulkhead from ${JSON.stringify(join(ROOT, "providers/bulkhead/resources.ts"))};\n${source}`,
      ),
    pulumi,
    start(...args) {
      const child = run(...args);
      if (child.pid === undefined) throw new Error("Pulumi could not be started.");
      return { pid: child.pid, done: child };
    },
    outputs: async () => JSON.parse((await run("stack", "output", "--json")).stdout),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
