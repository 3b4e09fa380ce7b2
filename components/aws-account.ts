import { readFileSync } from "node:fs";
import { Provider } from "@pulumi/aws/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { stackVariables, variableSuffix } from "./account-variables.ts";
import { InputError } from "./input-error.ts";

/** One environment's account at AWS, by credentials that reach no other. */
export interface AwsCredentials {
  /** 12 digits; the provider refuses credentials of any other account. */
  readonly accountId: string;
  /** Kept as Pulumi secrets. */
  readonly accessKey: pulumi.Input<string>;
  readonly secretKey: pulumi.Input<string>;
  /** File with the authorities that sign the certificates of RDS, PEM; undefined trusts the system's. */
  readonly databaseAuthorityFile: string | undefined;
}

/** An AWS account with the provider that acts on it. */
export interface AwsAccount {
  readonly id: string;
  readonly provider: Provider;
  readonly region: string;
  /** The authorities of RDS, PEM. */
  readonly databaseAuthority: string | undefined;
}

/** What a stack's configuration says about its account. */
export interface ConfiguredAws {
  readonly accountId: string | undefined;
  readonly accessKey: pulumi.Output<string> | undefined;
  readonly secretKey: pulumi.Output<string> | undefined;
  readonly databaseAuthorityFile: string | undefined;
}

const DEFAULT_REGION = "us-east-1";

/**
 * A stack's credentials: its own configuration, else the environment variables that carry its name,
 * else the unnamed ones.
 *
 * @throws InputError naming what is missing or malformed and how to set it; it never shows a key.
 */
export function awsCredentials(
  stack: string,
  configured: ConfiguredAws,
  env: Readonly<Record<string, string | undefined>>,
): AwsCredentials {
  const suffix = variableSuffix(stack);
  const shell = stackVariables(stack, env, [
    "AWS_ACCOUNT_ID",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_DATABASE_CA_FILE",
  ]);
  const accountId = configured.accountId ?? shell.AWS_ACCOUNT_ID;
  if (!accountId) {
    throw new InputError(
      `The stack ${stack} has no AWS account. Export AWS_ACCOUNT_ID_${suffix} ` +
        '(on the local cloud: eval "$(npx bulkhead local env)") or run ' +
        `pulumi config set bulkhead:awsAccountId <id> --stack ${stack}`,
    );
  }
  if (!/^\d{12}$/.test(accountId)) {
    throw new InputError(
      `The AWS account id of the stack ${stack}, "${accountId}", is not 12 digits. ` +
        "Copy it from `aws sts get-caller-identity`.",
    );
  }
  // Both from one place: a key with another one's secret is never meant.
  const isConfigured = Boolean(configured.accessKey ?? configured.secretKey);
  const accessKey = isConfigured ? configured.accessKey : shell.AWS_ACCESS_KEY_ID;
  const secretKey = isConfigured ? configured.secretKey : shell.AWS_SECRET_ACCESS_KEY;
  if (!accessKey || !secretKey) {
    throw new InputError(
      `The stack ${stack} has no AWS access key. Export AWS_ACCESS_KEY_ID_${suffix} and ` +
        `AWS_SECRET_ACCESS_KEY_${suffix}, or run pulumi config set --secret aws:accessKey and ` +
        `aws:secretKey --stack ${stack}`,
    );
  }
  const databaseAuthorityFile = configured.databaseAuthorityFile ?? shell.AWS_DATABASE_CA_FILE;
  return { accountId, accessKey, secretKey, databaseAuthorityFile };
}

/** Declares the provider of one account. Call it once per stack. @throws InputError for a file that cannot be read. */
export function connectAws(credentials: AwsCredentials, region = DEFAULT_REGION): AwsAccount {
  const { accountId, accessKey, secretKey, databaseAuthorityFile } = credentials;
  const provider = new Provider("aws", {
    region,
    accessKey: pulumi.secret(accessKey),
    secretKey: pulumi.secret(secretKey),
    allowedAccountIds: [accountId],
    s3UsePathStyle: true,
  });
  const databaseAuthority =
    databaseAuthorityFile === undefined ? undefined : readAuthority(databaseAuthorityFile);
  return { id: accountId, provider, region, databaseAuthority };
}

function readAuthority(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new InputError(
      `The authorities of AWS's databases cannot be read from ${file} (${(error as NodeJS.ErrnoException).code}). ` +
        "Download the region's bundle that RDS publishes, and name it in bulkhead:awsDatabaseAuthorityFile.",
    );
  }
}
