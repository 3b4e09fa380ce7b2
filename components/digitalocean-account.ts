import { Provider } from "@pulumi/digitalocean/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { stackVariables, variableSuffix } from "./account-variables.ts";
import { InputError } from "./input-error.ts";

/** One environment's team at DigitalOcean, by credentials that reach no other. All are kept as Pulumi secrets. */
export interface DigitalOceanCredentials {
  readonly token: pulumi.Input<string>;
  /** Access key of Spaces; needed for buckets only. */
  readonly spacesAccessId: pulumi.Input<string> | undefined;
  readonly spacesSecretKey: pulumi.Input<string> | undefined;
}

/** A DigitalOcean team with the provider that acts on it. */
export interface DigitalOceanAccount {
  readonly provider: Provider;
  /** Slug of the region in which resources are made unless they say otherwise. */
  readonly region: string;
}

/** What a stack's configuration says about its team. */
export type ConfiguredDigitalOcean = {
  readonly [K in keyof DigitalOceanCredentials]: pulumi.Output<string> | undefined;
};

const DEFAULT_REGION = "fra1";

/**
 * A stack's credentials: its own configuration, else the environment variables that carry its name,
 * else the unnamed ones.
 *
 * @throws InputError naming what is missing and how to set it.
 */
export function digitalOceanCredentials(
  stack: string,
  configured: ConfiguredDigitalOcean,
  env: Readonly<Record<string, string | undefined>>,
): DigitalOceanCredentials {
  const suffix = variableSuffix(stack);
  const shell = stackVariables(stack, env, [
    "DIGITALOCEAN_TOKEN",
    "SPACES_ACCESS_KEY_ID",
    "SPACES_SECRET_ACCESS_KEY",
  ]);
  // All from one place: a token with another team's Spaces key is never meant.
  const { token, spacesAccessId, spacesSecretKey } = Object.values(configured).some(Boolean)
    ? configured
    : {
        token: shell.DIGITALOCEAN_TOKEN,
        spacesAccessId: shell.SPACES_ACCESS_KEY_ID,
        spacesSecretKey: shell.SPACES_SECRET_ACCESS_KEY,
      };
  if (!token) {
    throw new InputError(
      `The stack ${stack} has no DigitalOcean token. Export DIGITALOCEAN_TOKEN_${suffix} ` +
        '(on the local cloud: eval "$(npx bulkhead local env)") or run ' +
        `pulumi config set --secret digitalocean:token --stack ${stack}`,
    );
  }
  if (!spacesAccessId !== !spacesSecretKey) {
    throw new InputError(
      `The stack ${stack} has half of a Spaces key. Export both SPACES_ACCESS_KEY_ID_${suffix} and ` +
        `SPACES_SECRET_ACCESS_KEY_${suffix}, or set digitalocean:spacesAccessId and digitalocean:spacesSecretKey.`,
    );
  }
  return { token, spacesAccessId, spacesSecretKey };
}

/** Declares the provider of one team. Call it once per stack. */
export function connectDigitalOcean(
  { token, spacesAccessId, spacesSecretKey }: DigitalOceanCredentials,
  region = DEFAULT_REGION,
): DigitalOceanAccount {
  const provider = new Provider("digitalocean", {
    token: pulumi.secret(token),
    ...(spacesAccessId === undefined ? {} : { spacesAccessId: pulumi.secret(spacesAccessId) }),
    ...(spacesSecretKey === undefined ? {} : { spacesSecretKey: pulumi.secret(spacesSecretKey) }),
  });
  return { provider, region };
}
