import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import {
  type CloudInfo,
  type EnvironmentCredentials,
  ensureEnvironments,
  readCredentials,
  startCloud,
} from "../../local/daemon.ts";
import { installLocalProviders } from "../../local/providers/install.ts";
import type { CliContext } from "../context.ts";
import type { Engine } from "../engine/pulumi.ts";
import { backendStacks, stacksInFolder } from "../engine/stacks.ts";
import {
  type LocalFacts,
  localEnvironment,
  pathPrefix,
  prependPath,
  pulumiPaths,
  variableSuffix,
} from "../environment.ts";
import { configuredStacks, projectName, requireKnownStack } from "../project.ts";
import { readTools } from "../tools.ts";
import { UserError } from "../user-error.ts";
import { type CloudChoice, chooseCloud } from "./kind.ts";

/** A cloud and a Pulumi that are ready to work on some stacks. */
export interface Session {
  readonly choice: CloudChoice;
  readonly engine: Engine;
  /** The running local cloud; undefined for the vendor. */
  readonly local?: LocalSession;
  /** One line that says which cloud, account and backend a stack's command will use. */
  describe(stack: string): string;
}

/** What only the local cloud has. */
export interface LocalSession {
  readonly info: CloudInfo;
  readonly facts: LocalFacts;
  readonly credentials: Readonly<Record<string, EnvironmentCredentials>>;
}

/**
 * Makes everything ready that a command on these stacks needs; nothing of the stacks is changed.
 * @throws UserError for a stack that is not known, before anything is started.
 */
export async function openSession(
  context: CliContext,
  stacks: readonly string[],
): Promise<Session> {
  const choice = chooseCloud(context.cloudOption, context.env);
  return choice.kind === "local"
    ? openLocal(context, choice, stacks)
    : openVendor(context, choice, stacks);
}

async function openLocal(
  context: CliContext,
  choice: CloudChoice,
  stacks: readonly string[],
): Promise<Session> {
  const { root, stateDir } = context;
  const tools = readTools(stateDir);
  const files = pulumiPaths(stateDir);
  const existing = stacksInFolder(files.backend, projectName(root));
  const issued = Object.keys(readCredentials(stateDir));
  for (const stack of stacks) requireKnownStack(root, stack, [...existing, ...issued]);

  const info = await startCloud({ stateDir, ...requestedPorts(context.env) });
  prepareFolders(files);
  const environments = [...new Set([...configuredStacks(root), ...existing, ...issued, ...stacks])];
  const [credentials] = await Promise.all([
    ensureEnvironments(stateDir, environments),
    installLocalProviders({ pulumiHome: files.home, nodePath: process.execPath }),
  ]);
  const facts: LocalFacts = { root, stateDir, toolPath: tools.path, cloud: info, credentials };
  const env = localEnvironment(facts, context.env);
  return {
    choice,
    engine: { pulumi: tools.pulumi, env, root },
    local: { info, facts, credentials },
    describe: (stack) =>
      `${stack}: local cloud ${info.apiUrl} (${choice.because}), account ${credentials[stack]?.accountId}, backend ${env.PULUMI_BACKEND_URL}`,
  };
}

async function openVendor(
  context: CliContext,
  choice: CloudChoice,
  stacks: readonly string[],
): Promise<Session> {
  const { root, stateDir } = context;
  const tools = readTools(stateDir);
  const path = prependPath(pathPrefix({ root, toolPath: tools.path }), context.env.PATH);
  const env = { ...context.env, PATH: path, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const engine: Engine = { pulumi: tools.pulumi, env, root };
  const existing = await backendStacks(engine);
  for (const stack of stacks) requireKnownStack(root, stack, existing);
  return {
    choice,
    engine,
    describe: (stack) => {
      const account =
        context.env[`CLOUDFLARE_ACCOUNT_ID_${variableSuffix(stack)}`] ??
        context.env.CLOUDFLARE_ACCOUNT_ID ??
        "of the stack's config";
      const backend = context.env.PULUMI_BACKEND_URL ?? "of `pulumi login`";
      return `${stack}: vendor cloud (${choice.because}), account ${account}, backend ${backend}`;
    },
  };
}

/** Ports of the local cloud: from flags, else BULKHEAD_PORT and BULKHEAD_S3_PORT, else its defaults. */
export function requestedPorts(
  env: NodeJS.ProcessEnv,
  flags: { readonly port?: string; readonly s3Port?: string } = {},
): { port?: number; s3Port?: number } {
  const port = portFrom("--port", flags.port) ?? portFrom("BULKHEAD_PORT", env.BULKHEAD_PORT);
  const s3Port =
    portFrom("--s3-port", flags.s3Port) ?? portFrom("BULKHEAD_S3_PORT", env.BULKHEAD_S3_PORT);
  return { ...(port === undefined ? {} : { port }), ...(s3Port === undefined ? {} : { s3Port }) };
}

function portFrom(name: string, text: string | undefined): number | undefined {
  if (!text) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new UserError(
    `${name} is "${text}", which is no port.`,
    "Set it to a number from 1 to 65535, or 0 for any free port.",
  );
}

/** Folders for Pulumi's state, and a passphrase for its secrets that only the owner can read. */
function prepareFolders({ home, backend, passphrase }: ReturnType<typeof pulumiPaths>): void {
  for (const folder of [home, backend]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(passphrase, randomBytes(32).toString("base64url"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
