import {
  accountAuthority,
  allAccounts,
  type IssuedAwsAccount,
  issueAwsAccount,
} from "./aws/accounts.ts";
import { recordingS3 } from "./aws/cloudtrail/index.ts";
import {
  awsApi,
  inventory as awsInventory,
  start as startAws,
  stop as stopAws,
} from "./aws/index.ts";
import { allTeams, type IssuedTeam, issueTeam, teamAuthority } from "./digitalocean/accounts.ts";
import { digitalOceanApi } from "./digitalocean/api.ts";
import { services } from "./digitalocean/services.ts";
import { causeOf } from "./engines/faults.ts";
import { objectStorage } from "./object-storage/index.ts";
import { type Handler, signedFront } from "./signed-front.ts";
import type { VendorContext } from "./vendor-context.ts";

type Fetch = Handler["fetch"];

/** What a new environment's users need besides Cloudflare. */
export interface IssuedElsewhere {
  readonly digitalocean: IssuedTeam;
  readonly aws: IssuedAwsAccount & {
    /** The authority that signs the certificates of the account's databases, PEM. */
    readonly databaseAuthority: string;
  };
}

/** DigitalOcean and AWS in this process. */
export interface Vendors {
  /** DigitalOcean's API, `/v2/…`. */
  readonly digitalOcean: Fetch;
  /** Everything that is signed by Signature Version 4: R2, Spaces, S3 and AWS's other services. */
  readonly signed: Fetch;
  /** Brings up all servers, and goes on with what a killed cloud left unfinished. */
  start(): Promise<void>;
  /** Makes the environment's team and account, when absent, and new credentials for them. */
  issue(environment: string): Promise<IssuedElsewhere>;
  /** The authorities that clients in the environment trust, PEM, as they trust public ones at the vendors. */
  authorities(environment: string): Promise<string[]>;
  /** How many of each kind the environment has. */
  inventory(environment: string): Readonly<Record<string, number>>;
  /** Closes files and gates; the servers are the engines' to stop. */
  close(): Promise<void>;
}

/** @param r2 answers what is signed by a key of Cloudflare's. */
export function openVendors(context: VendorContext, r2: Handler): Vendors {
  const spaces = objectStorage(context, "digitalocean");
  const s3 = objectStorage(context, "aws");
  const teamOf = (environment: string) =>
    allTeams(context).find(({ name }) => name === environment);
  const accountOf = (environment: string) =>
    allAccounts(context).find(({ name }) => name === environment);
  return {
    digitalOcean: digitalOceanApi(context).fetch,
    signed: signedFront({ r2, spaces, s3: recordingS3(context, s3), aws: awsApi(context) }),
    async start() {
      const parts: readonly (readonly [string, () => Promise<void> | undefined])[] = [
        ...services.map(
          (service) => [`DigitalOcean's ${service.name}`, () => service.start?.(context)] as const,
        ),
        ["AWS", () => startAws(context)],
        ["Spaces", () => spaces.start()],
        ["S3", () => s3.start()],
      ];
      await Promise.all(parts.map(([name, start]) => startPart(context, name, start)));
    },
    async issue(environment) {
      const aws = issueAwsAccount(context, environment);
      const { certificate } = await accountAuthority(context, aws.accountId);
      return {
        digitalocean: issueTeam(context, environment),
        aws: { ...aws, databaseAuthority: certificate },
      };
    },
    async authorities(environment) {
      const [team, account] = [teamOf(environment), accountOf(environment)];
      const found = await Promise.all([
        team && teamAuthority(context, team.id),
        account && accountAuthority(context, account.id),
      ]);
      return found.flatMap((authority) => authority?.certificate ?? []);
    },
    inventory(environment) {
      const [team, account] = [teamOf(environment), accountOf(environment)];
      const parts = [
        ...(team ? services.map((service) => service.inventory?.(context, team.id) ?? {}) : []),
        ...(team ? [spaces.inventory(team.id)] : []),
        ...(account ? [awsInventory(context, account.id), s3.inventory(account.id)] : []),
      ];
      const sums: Record<string, number> = {};
      for (const part of parts)
        for (const [kind, count] of Object.entries(part)) sums[kind] = (sums[kind] ?? 0) + count;
      return sums;
    },
    async close() {
      await Promise.all([
        ...services.map((service) => service.stop?.(context)),
        stopAws(context),
        spaces.close(),
        s3.close(),
      ]);
    },
  };
}

/** Starts one part; when it cannot be, the others are all the same. */
async function startPart(
  { log }: VendorContext,
  name: string,
  start: () => Promise<void> | undefined,
): Promise<void> {
  try {
    await start();
  } catch (error) {
    log(
      `${name} could not be started in full: ${causeOf(error)} ` +
        "Remove the cause, then run `npx bulkhead local down` and `npx bulkhead local up`.",
    );
  }
}
