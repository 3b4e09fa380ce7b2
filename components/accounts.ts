import * as pulumi from "@pulumi/pulumi";
import { type AwsAccount, awsCredentials, connectAws } from "./aws-account.ts";
import {
  type CloudflareAccount,
  cloudflareCredentials,
  connectCloudflareAccount,
} from "./cloudflare-account.ts";
import {
  connectDigitalOcean,
  type DigitalOceanAccount,
  digitalOceanCredentials,
} from "./digitalocean-account.ts";

/** One environment's accounts. Those besides Cloudflare's are connected when a system first needs them. */
export interface Accounts {
  readonly cloudflare: CloudflareAccount;
  readonly digitalocean: () => DigitalOceanAccount;
  readonly aws: () => AwsAccount;
}

/** A stack's accounts, by its configuration and its shell. @throws InputError for what is missing. */
export function connectAccounts(
  stack: string,
  env: Readonly<Record<string, string | undefined>>,
): Accounts {
  const bulkhead = new pulumi.Config("bulkhead");
  const cloudflare = new pulumi.Config("cloudflare");
  const digitalocean = new pulumi.Config("digitalocean");
  const aws = new pulumi.Config("aws");
  return {
    cloudflare: connectCloudflareAccount(
      cloudflareCredentials(
        stack,
        {
          accountId: bulkhead.get("cloudflareAccountId"),
          apiToken: cloudflare.getSecret("apiToken"),
        },
        env,
      ),
    ),
    digitalocean: once(() =>
      connectDigitalOcean(
        digitalOceanCredentials(
          stack,
          {
            token: digitalocean.getSecret("token"),
            spacesAccessId: digitalocean.getSecret("spacesAccessId"),
            spacesSecretKey: digitalocean.getSecret("spacesSecretKey"),
          },
          env,
        ),
        bulkhead.get("digitaloceanRegion"),
      ),
    ),
    aws: once(() =>
      connectAws(
        awsCredentials(
          stack,
          {
            accountId: bulkhead.get("awsAccountId"),
            accessKey: aws.getSecret("accessKey"),
            secretKey: aws.getSecret("secretKey"),
            databaseAuthorityFile: bulkhead.get("awsDatabaseAuthorityFile"),
          },
          env,
        ),
        aws.get("region"),
      ),
    ),
  };
}

/** A function that does its work at the first call only. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
