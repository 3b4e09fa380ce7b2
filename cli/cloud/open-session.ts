import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { ensureEnvironments, readCredentials, startCloud } from "../../local/daemon.ts";
import { installLocalProviders } from "../../local/providers/install.ts";
import { stacksInFolder } from "../../policy/siblings/file-backend.ts";
import type { CliContext } from "../context.ts";
import { type LocalFacts, localEnvironment, pulumiPaths } from "../environment.ts";
import { configuredStacks, projectName, requireKnownStack } from "../project.ts";
import { readTools } from "../tools.ts";
import { UserError } from "../user-error.ts";
import { type CloudChoice, chooseCloud } from "./kind.ts";
import type { Session } from "./session.ts";
import { openVendor } from "./vendor.ts";

/**
 * Makes everything ready that a command on these stacks needs; nothing of the stacks is changed.
 * @throws UserError for a stack that is not known, before anything is started.
 */
export async function openSession(
  context: CliContext,
  stacks: readonly string[],
): Promise<Session> {
  const choice = chooseCloud(context.cloudOption, context.env, context.stateDir);
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
  const existing = await stacksInFolder(files.backend, projectName(root));
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
    engine: { pulumi: tools.pulumi, env, root, config: "copied" },
    local: { info, facts, credentials },
    describe: (stack) =>
      `${stack}: local cloud ${info.apiUrl} (${choice.because}), account ${credentials[stack]?.accountId}, backend ${env.PULUMI_BACKEND_URL}`,
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
