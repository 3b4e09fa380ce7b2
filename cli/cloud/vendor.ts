import { accountVariables } from "../../components/account-variables.ts";
import type { CliContext } from "../context.ts";
import type { Engine } from "../engine/pulumi.ts";
import { backendStacks } from "../engine/stacks.ts";
import { engineVariables, pathPrefix, prependPath } from "../environment.ts";
import { readStackConfig, requireKnownStack } from "../project.ts";
import { readTools } from "../tools.ts";
import { UserError } from "../user-error.ts";
import { type CloudChoice, localVariable } from "./kind.ts";
import type { Session } from "./session.ts";

/** A session with the vendors' clouds, by the user's own credentials and backend. */
export async function openVendor(
  { root, stateDir, env: inherited }: CliContext,
  choice: CloudChoice,
  stacks: readonly string[],
): Promise<Session> {
  const leftover = localVariable(inherited, stateDir);
  if (leftover !== undefined) {
    throw new UserError(
      `The vendor's cloud was asked for (${choice.because}), but ${leftover} leads to the local one.`,
      "Open a new shell, in which `npx bulkhead local env` has not been evaluated.",
    );
  }
  const tools = readTools(stateDir);
  const env = {
    ...inherited,
    PATH: prependPath(pathPrefix({ root, toolPath: tools.path }), inherited.PATH),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    ...engineVariables(root, inherited),
    // Without the salt in Pulumi.STACK.yaml Pulumi would take any passphrase, and lose the secrets.
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
  };
  const engine: Engine = { pulumi: tools.pulumi, env, root, config: "committed" };
  const existing = await backendStacks(engine);
  for (const stack of stacks) requireKnownStack(root, stack, existing);
  return {
    choice,
    engine,
    describe: (stack) => {
      const account = accountOf(root, stack, inherited) ?? "that is not set";
      const backend = inherited.PULUMI_BACKEND_URL || "of `pulumi login`";
      return `${stack}: vendor cloud (${choice.because}), account ${account}, backend ${backend}`;
    },
  };
}

/** The account that the program will use: the stack's config comes first, as there. */
export function accountOf(root: string, stack: string, env: NodeJS.ProcessEnv): string | undefined {
  const configured = readStackConfig(root, stack)["bulkhead:cloudflareAccountId"];
  if (typeof configured === "string" && configured !== "") return configured;
  if (configured) return "that is encrypted in the stack's config";
  return accountVariables(stack, env).accountId;
}
