import type { IssuedAwsAccount } from "../../../local/aws/accounts.ts";
import { openScratchProject, type ScratchProject } from "../scratch-project.ts";
import { type ServedAws, serveAws } from "./served-aws.ts";

/** Brings a stack up without a preview before. */
export const UP = ["up", "--yes", "--skip-preview"] as const;

/** A Pulumi project with an AWS account of its own. */
export interface AwsProject {
  readonly aws: ServedAws;
  readonly account: IssuedAwsAccount;
  readonly scratch: ScratchProject;
  /** Options by which an SDK client works in the account. */
  readonly client: { endpoint: string; region: string; credentials: IssuedAwsAccount };
  /** Runs Pulumi, which must succeed; gives what it says, and throws that when it fails. */
  readonly pulumi: (...args: string[]) => Promise<string>;
  /** Runs Pulumi, which must fail; gives what it says. */
  readonly refused: (...args: string[]) => Promise<string>;
  readonly close: () => Promise<void>;
}

export async function openAwsProject(): Promise<AwsProject> {
  const aws = await serveAws();
  const account = aws.account("dev");
  const scratch = await openScratchProject(aws.env(account));
  const run =
    (fails: boolean) =>
    async (...args: string[]) => {
      const { exitCode, output } = await scratch.pulumi(...args);
      if ((exitCode !== 0) === fails) return output;
      throw new Error(`pulumi ${args.join(" ")} ended with ${exitCode}:\n${output}`);
    };
  return {
    aws,
    account,
    scratch,
    client: { endpoint: aws.url, region: account.region, credentials: account },
    pulumi: run(false),
    refused: run(true),
    async close() {
      scratch.close();
      await aws.close();
    },
  };
}
