import { delimiter, join } from "node:path";
import { UNNAMED_ACCOUNT_STACK, variableSuffix } from "../components/account-variables.ts";
import {
  type CloudInfo,
  databaseAuthorityFile,
  type EnvironmentCredentials,
} from "../local/daemon.ts";
import { cacheFolder } from "../providers/sdk/run-bundled.ts";
import { UserError } from "./user-error.ts";

/** What the environment variables of the local cloud are made from. */
export interface LocalFacts {
  readonly root: string;
  readonly stateDir: string;
  /** Folders of the Pulumi programs. */
  readonly toolPath: readonly string[];
  readonly cloud: Pick<CloudInfo, "apiUrl" | "s3Url">;
  readonly credentials: Readonly<Record<string, EnvironmentCredentials>>;
  /** Its credentials are also given under the vendor's own names. */
  readonly stack?: string;
}

/** Variables that would send a real credential, or another passphrase, into the local cloud. */
export const FOREIGN_VARIABLES = [
  "PULUMI_CONFIG_PASSPHRASE",
  "CLOUDFLARE_API_KEY",
  "CLOUDFLARE_EMAIL",
  "CLOUDFLARE_API_TOKEN",
  "CLOUDFLARE_ACCOUNT_ID",
  "DIGITALOCEAN_TOKEN",
  "DIGITALOCEAN_ACCESS_TOKEN",
  "SPACES_ACCESS_KEY_ID",
  "SPACES_SECRET_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_PROFILE",
  "AWS_ACCOUNT_ID",
  "AWS_DATABASE_CA_FILE",
  UNNAMED_ACCOUNT_STACK,
] as const;

/** Where the local cloud's files for Pulumi are in a state folder. */
export const pulumiPaths = (stateDir: string) => ({
  home: join(stateDir, "pulumi", "home"),
  backend: join(stateDir, "pulumi", "backend"),
  passphrase: join(stateDir, "passphrase"),
});

/** Folders that go before the user's PATH: the project's own Node and tools, then Pulumi. */
export const pathPrefix = ({ root, toolPath }: Pick<LocalFacts, "root" | "toolPath">): string[] => [
  join(root, "node_modules", ".bin"),
  ...toolPath,
];

/**
 * Has plain `pulumi up` and `pulumi preview` run the project's policy pack, beside the packs that the
 * user has chosen already, and keep what Node compiles: every preview starts five Node processes.
 * Source: https://www.pulumi.com/docs/iac/cli/environment-variables/ (`PULUMI_OPTION_*`).
 */
export function engineVariables(
  root: string,
  inherited: NodeJS.ProcessEnv,
): Readonly<Record<"PULUMI_OPTION_POLICY_PACK" | "NODE_COMPILE_CACHE", string>> {
  const own = join(root, "policy");
  const others = (inherited.PULUMI_OPTION_POLICY_PACK ?? "")
    .split(",")
    .filter((pack) => pack && pack !== own);
  return {
    PULUMI_OPTION_POLICY_PACK: [own, ...others].join(","),
    NODE_COMPILE_CACHE: inherited.NODE_COMPILE_CACHE || join(cacheFolder(inherited), "compiled"),
  };
}

/** Puts folders first on a PATH, without repeating them. */
export function prependPath(folders: readonly string[], path: string | undefined): string {
  const rest = (path ?? "")
    .split(delimiter)
    .filter((folder) => folder && !folders.includes(folder));
  return [...folders, ...rest].join(delimiter);
}

/**
 * The variables (PATH aside) by which Pulumi, the vendor's clients and the program use the local cloud.
 * @throws UserError when two environments' names give the same variable.
 */
export function localVariables(facts: LocalFacts): Record<string, string> {
  const { apiUrl, s3Url } = facts.cloud;
  const files = pulumiPaths(facts.stateDir);
  const apiBase = `${apiUrl}/client/v4`;
  const variables: Record<string, string> = {
    BULKHEAD_CLOUD: "local",
    BULKHEAD_INGRESS_URL: apiUrl,
    PULUMI_HOME: files.home,
    PULUMI_BACKEND_URL: `file://${files.backend}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: files.passphrase,
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    ...engineVariables(facts.root, { BULKHEAD_CACHE: process.env.BULKHEAD_CACHE }),
    CLOUDFLARE_BASE_URL: apiBase,
    CLOUDFLARE_API_BASE_URL: apiBase,
    CLOUDFLARE_R2_S3_ENDPOINT: s3Url,
    DIGITALOCEAN_API_URL: apiUrl,
    SPACES_ENDPOINT_URL: s3Url,
    AWS_ENDPOINT_URL: s3Url,
    AWS_EC2_METADATA_DISABLED: "true",
  };
  for (const [environment, credentials] of Object.entries(facts.credentials)) {
    const suffix = variableSuffix(environment);
    const other = Object.keys(facts.credentials).find(
      (name) => name !== environment && variableSuffix(name) === suffix,
    );
    if (other !== undefined) {
      throw new UserError(
        `The environments ${environment} and ${other} both map to the variable CLOUDFLARE_ACCOUNT_ID_${suffix}.`,
        `Rename one of the two stacks (Pulumi.${environment}.yaml, Pulumi.${other}.yaml) so that they differ in more than punctuation or case.`,
      );
    }
    variables[`CLOUDFLARE_ZONE_ID_${suffix}`] = credentials.zoneId;
    for (const [name, value] of Object.entries(accountValues(credentials, facts.stateDir)))
      variables[`${name}_${suffix}`] = value;
  }
  const own = facts.stack === undefined ? undefined : facts.credentials[facts.stack];
  if (own !== undefined) {
    Object.assign(variables, accountValues(own, facts.stateDir), {
      DIGITALOCEAN_ACCESS_TOKEN: own.digitalocean.apiToken,
      AWS_REGION: own.aws.region,
      [UNNAMED_ACCOUNT_STACK]: own.environment,
    });
  }
  return variables;
}

/** An environment's accounts by the vendors' own names, which get the environment's name behind them. */
function accountValues(
  { environment, accountId, apiToken, digitalocean, aws }: EnvironmentCredentials,
  stateDir: string,
): Record<string, string> {
  return {
    CLOUDFLARE_ACCOUNT_ID: accountId,
    CLOUDFLARE_API_TOKEN: apiToken,
    DIGITALOCEAN_TOKEN: digitalocean.apiToken,
    SPACES_ACCESS_KEY_ID: digitalocean.spacesKeyId,
    SPACES_SECRET_ACCESS_KEY: digitalocean.spacesSecret,
    AWS_ACCOUNT_ID: aws.accountId,
    AWS_ACCESS_KEY_ID: aws.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.secretAccessKey,
    AWS_DATABASE_CA_FILE: databaseAuthorityFile(stateDir, environment),
  };
}

/** A process environment for the local cloud: the user's, without what would leak into it. */
export function localEnvironment(
  facts: LocalFacts,
  inherited: NodeJS.ProcessEnv,
): Record<string, string | undefined> {
  const clean: Record<string, string | undefined> = { ...inherited };
  for (const name of FOREIGN_VARIABLES) delete clean[name];
  return {
    ...clean,
    ...localVariables(facts),
    PATH: prependPath(pathPrefix(facts), inherited.PATH),
  };
}
