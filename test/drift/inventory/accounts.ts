import Cloudflare from "cloudflare";
import type { ProbeInput } from "../../../drift/probes/probe.ts";
import type { VendorAccounts } from "../../../drift/vendors/accounts.ts";
import type { AwsClients } from "../../../drift/vendors/aws.ts";
import { openAwsClients } from "../../../drift/vendors/aws.ts";
import { s3Client } from "../../../drift/vendors/s3.ts";
import { DigitalOceanApi } from "../../../providers/digitalocean-api/client.ts";
import { credentialsOf } from "../../support/data-clients.ts";
import type { TestEstate } from "../../support/estate.ts";

export type Accounts = { [V in keyof VendorAccounts]: NonNullable<VendorAccounts[V]> };

/** An environment's accounts at every vendor, as a stack's providers have them. */
export async function accountsOf(estate: TestEstate, environment: string): Promise<Accounts> {
  const { accountId, apiToken, digitalocean, aws } = credentialsOf(estate, environment);
  const { apiUrl, s3Url } = await estate.cloud();
  return {
    cloudflare: {
      accountId,
      client: new Cloudflare({ apiToken, baseURL: `${apiUrl}/client/v4`, maxRetries: 0 }),
    },
    digitalocean: {
      api: new DigitalOceanApi({ token: digitalocean.apiToken, url: apiUrl }),
      spaces: {
        accessKeyId: digitalocean.spacesKeyId,
        secretAccessKey: digitalocean.spacesSecret,
        endpoint: s3Url,
      },
    },
    aws: {
      accessKeyId: aws.accessKeyId,
      secretAccessKey: aws.secretAccessKey,
      region: aws.region,
      endpoint: s3Url,
    },
  };
}

/** What a person works with beside Pulumi. */
export interface Vendors {
  readonly accounts: Accounts;
  readonly aws: AwsClients;
  readonly spaces: AwsClients["s3"];
}

export async function vendorsOf(accounts: Accounts): Promise<Vendors> {
  const { spaces } = accounts.digitalocean;
  if (spaces === undefined) throw new Error("The team has no Spaces key.");
  return {
    accounts,
    aws: await openAwsClients(accounts.aws),
    spaces: await s3Client(spaces, "us-east-1"),
  };
}

/** What the probe is given for an environment without a resource; the rest of it is never used. */
export function probeInput(
  accounts: VendorAccounts,
  owned: ReadonlySet<string> = new Set(),
): ProbeInput {
  const stack = { project: "bulkhead", stack: "staging" };
  const recorded = { ...stack, phase: "state", config: {}, resources: [], outputs: {} } as const;
  const unused = (name: string) => (): never => {
    throw new Error(`The probe is not to use ${name}.`);
  };
  return {
    stack,
    tier: "staging",
    recorded,
    live: recorded,
    changed: [],
    secrets: unused("secrets"),
    accounts: async () => accounts,
    isOwned: (type, id) => owned.has(`${type} ${id}`),
    get preview() {
      return unused("preview")();
    },
    get redactor() {
      return unused("redactor")();
    },
    now: Date.now(),
    note: () => undefined,
  };
}
