import { access, constants, readdir, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { cloudStatus } from "../../local/daemon.ts";
import { runsTypeScript } from "../../tools/bootstrap/runtime.mjs";
import { type CloudKind, chooseCloud } from "../cloud/kind.ts";
import { requestedPorts } from "../cloud/open-session.ts";
import type { CliContext } from "../context.ts";
import { capturePulumi, type Engine } from "../engine/pulumi.ts";
import { pulumiPaths } from "../environment.ts";
import { readTools } from "../tools.ts";

/** One thing to look at. `run` returns what it found, and throws what is wrong. */
export interface DoctorCheck {
  readonly name: string;
  /** The next step when the check fails. */
  readonly remedy: string;
  /** Left out when the commands are for the vendor. */
  readonly localOnly?: true;
  run(context: CliContext): Promise<string>;
}

const NEEDED_FREE_MEGABYTES = 500;
const MEGABYTE = 1024 * 1024;
/** The ports that the local cloud takes when none are asked for. */
const DEFAULT_PORTS = { port: 7380, s3Port: 7381 };

/** The checks for the cloud that the verbs would use. */
export function checksFor(cloud: CloudKind): readonly DoctorCheck[] {
  return CHECKS.filter(({ localOnly }) => cloud === "local" || !localOnly);
}

/** Every check of `doctor`, in the order of its output. */
const CHECKS: readonly DoctorCheck[] = [
  {
    name: "Node.js",
    remedy: "Run `npm ci`, which brings a suitable one, and use `npx bulkhead`.",
    async run() {
      if (!runsTypeScript(process.versions.node)) {
        throw new Error(`${process.versions.node} cannot run TypeScript.`);
      }
      return `${process.versions.node} at ${process.execPath}`;
    },
  },
  {
    name: "npm packages",
    remedy: "Run `npm ci`.",
    async run({ root }) {
      const modules = join(root, "node_modules");
      const needed = ["@pulumi/pulumi", "@pulumi/cloudflare", "miniflare", "workerd", "wrangler"];
      for (const name of needed) await access(join(modules, name));
      return `present in ${modules}`;
    },
  },
  {
    name: "Pulumi",
    remedy: "Run `node tools/bootstrap.mjs`, which finds or installs it.",
    async run(context) {
      const tools = readTools(context.stateDir);
      await access(tools.pulumi, constants.X_OK);
      const { exitCode, stdout } = await capturePulumi(engineOf(context), ["version"]);
      if (exitCode !== 0) throw new Error(`${tools.pulumi} does not run.`);
      return `${stdout.trim()} at ${tools.pulumi} (from ${tools.origin})`;
    },
  },
  {
    name: "Pulumi language host",
    remedy: "Delete tools.json in the state folder and run `node tools/bootstrap.mjs`.",
    async run({ stateDir }) {
      const { languageHost } = readTools(stateDir);
      await access(languageHost, constants.X_OK);
      return languageHost;
    },
  },
  {
    name: "Provider plugins",
    localOnly: true,
    remedy: "Run `npx bulkhead local env`, which installs them.",
    async run({ stateDir }) {
      const folder = join(pulumiPaths(stateDir).home, "plugins");
      const names = await readdir(folder).catch(() => []);
      const plugins = names.filter(
        (name) => name.startsWith("resource-") && !name.includes(".lock"),
      );
      for (const needed of ["cloudflare", "random"]) {
        if (!plugins.some((name) => name.startsWith(`resource-${needed}-`))) {
          throw new Error(`The local plugin ${needed} is not in ${folder}.`);
        }
      }
      return plugins.join(", ");
    },
  },
  {
    name: "Local cloud",
    localOnly: true,
    remedy: "Start it with `npx bulkhead local up`; its log is shown by `npx bulkhead local logs`.",
    async run({ stateDir }) {
      const { running, info } = await cloudStatus(stateDir);
      if (!running || info === undefined) throw new Error("It is not running.");
      return `${info.apiUrl}, process ${info.pid}`;
    },
  },
  {
    name: "Ports",
    localOnly: true,
    remedy:
      "End the program that holds the port, or choose others with BULKHEAD_PORT and BULKHEAD_S3_PORT.",
    async run({ stateDir, env }) {
      const { running, info } = await cloudStatus(stateDir);
      if (running && info !== undefined)
        return `${info.apiUrl} and ${info.s3Url} are the local cloud's`;
      const { port, s3Port } = { ...DEFAULT_PORTS, ...requestedPorts(env) };
      for (const wanted of [port, s3Port]) await requireFreePort(wanted);
      return `${port} and ${s3Port} are free`;
    },
  },
  {
    name: "Disk space",
    remedy: "Free some space on that disk.",
    async run({ root }) {
      const { bavail, bsize } = await statfs(root);
      const free = Math.floor((bavail * bsize) / MEGABYTE);
      if (free < NEEDED_FREE_MEGABYTES) {
        throw new Error(
          `Only ${free} MB are free at ${root}; ${NEEDED_FREE_MEGABYTES} MB are needed.`,
        );
      }
      return `${free} MB free at ${root}`;
    },
  },
  {
    name: "Backend",
    remedy:
      "Check PULUMI_BACKEND_URL and `pulumi login`; the local backend is made by `npx bulkhead local env`.",
    async run(context) {
      const { exitCode, stdout, stderr } = await capturePulumi(engineOf(context), [
        "stack",
        "ls",
        "--json",
      ]);
      if (exitCode !== 0) throw new Error(stderr.trim().split("\n")[0] ?? "It does not answer.");
      return `reachable, ${JSON.parse(stdout).length} stacks`;
    },
  },
];

/** Pulumi as the verbs would run it, without starting the local cloud. */
function engineOf(context: CliContext): Engine {
  const { root, stateDir, env } = context;
  const { pulumi } = readTools(stateDir);
  const quiet = { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const { kind } = chooseCloud(context.cloudOption, env, stateDir);
  if (kind === "vendor") return { pulumi, root, env: quiet, config: "committed" };
  const { home, backend, passphrase } = pulumiPaths(stateDir);
  return {
    pulumi,
    root,
    config: "copied",
    env: {
      ...quiet,
      PULUMI_HOME: home,
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
    },
  };
}

function requireFreePort(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", ({ code, message }: NodeJS.ErrnoException) =>
      reject(
        new Error(
          code === "EADDRINUSE"
            ? `Port ${port} is in use by another program.`
            : `Port ${port} cannot be used: ${message}.`,
        ),
      ),
    );
    server.listen(port, "127.0.0.1", () => server.close(() => resolve()));
  });
}
