import * as pulumi from "@pulumi/pulumi";
import type { Accounts } from "./accounts.ts";
import type { AwsAccount } from "./aws-account.ts";
import type { CloudflareAccount } from "./cloudflare-account.ts";
import type { DigitalOceanAccount } from "./digitalocean-account.ts";
import { InputError } from "./input-error.ts";
import { environmentLabel, type NameRule, qualifiedName, validName } from "./naming.ts";
import type { Tier } from "./tier.ts";

export interface ScopeArgs {
  /** Name of the environment. Default: the stack's name. */
  readonly environment?: string;
  /** Name of the project. Default: the Pulumi project's name. */
  readonly project?: string;
  /** How much the environment matters. */
  readonly tier: Tier;
  /** The Cloudflare account that holds this environment and, as a rule, no other. */
  readonly account: CloudflareAccount;
  /** The environment's accounts elsewhere. Default: none, which is enough for systems at Cloudflare alone. */
  readonly elsewhere?: Pick<Accounts, "digitalocean" | "aws">;
  /**
   * Addresses (CIDR) from which databases are administered, where Pulumi runs: databases that are
   * reached over the internet let them in. Default: none.
   */
  readonly operatorAddresses?: readonly string[];
  /**
   * Whether resources that hold data refuse deletion and stay behind at the vendor when their
   * declaration goes. Default: true for tier `production`, false otherwise.
   */
  readonly protectData?: boolean;
}

const SYSTEM_RULE: NameRule = {
  thing: "system",
  pattern: /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
  maxLength: 20,
  allows: "lower-case letters, digits and single hyphens, beginning with a letter",
};

/**
 * One system in one environment: the parent of everything the system owns there, and the source
 * of names, providers and protection for the components below it.
 *
 * @example
 * const scope = new Scope("qhub", { tier: "staging", account });
 * new D1Database("qhub", { scope }); // qhub-staging
 */
export class Scope extends pulumi.ComponentResource {
  readonly system: string;
  readonly environment: string;
  readonly project: string;
  readonly tier: Tier;
  readonly account: CloudflareAccount;
  readonly operatorAddresses: readonly string[];
  readonly protectData: boolean;
  private readonly elsewhere: ScopeArgs["elsewhere"];

  constructor(system: string, args: ScopeArgs, opts?: pulumi.ComponentResourceOptions) {
    validName(SYSTEM_RULE, "system", system);
    const { account } = args;
    super(
      "bulkhead:index:Scope",
      system,
      {},
      pulumi.mergeOptions({ providers: [account.cloudflare, account.bulkhead] }, opts),
    );
    this.system = system;
    this.environment = args.environment ?? pulumi.getStack();
    this.project = args.project ?? pulumi.getProject();
    this.tier = args.tier;
    this.account = account;
    this.elsewhere = args.elsewhere;
    this.operatorAddresses = args.operatorAddresses ?? [];
    this.protectData = args.protectData ?? args.tier === "production";
    this.registerOutputs({
      project: this.project,
      system: this.system,
      environment: this.environment,
      tier: this.tier,
    });
  }

  /** The environment's team at DigitalOcean. @throws InputError where the scope has none. */
  get digitalocean(): DigitalOceanAccount {
    return this.required("DigitalOcean", this.elsewhere?.digitalocean);
  }

  /** The environment's account at AWS. @throws InputError where the scope has none. */
  get aws(): AwsAccount {
    return this.required("AWS", this.elsewhere?.aws);
  }

  /** A resource's logical name: it carries the system, since logical names are per stack. */
  logicalName(name: string): string {
    return qualifiedName(this.system, name);
  }

  /** A resource's name at the vendor: it carries system and environment. */
  physicalName(name: string): string {
    return `${this.logicalName(name)}-${environmentLabel(this.environment)}`;
  }

  /** A component's options: below this scope and with its providers, unless given otherwise. */
  componentOptions(
    opts: pulumi.ComponentResourceOptions | undefined,
  ): pulumi.ComponentResourceOptions {
    const { cloudflare, bulkhead } = this.account;
    return pulumi.mergeOptions({ parent: this, providers: [cloudflare, bulkhead] }, opts);
  }

  /**
   * Options of a child that holds data. What the component's user asked for wins over the
   * scope's protection.
   */
  dataOptions(
    parent: pulumi.Resource,
    opts: pulumi.ComponentResourceOptions | undefined,
  ): pulumi.CustomResourceOptions {
    return {
      parent,
      protect: opts?.protect ?? this.protectData,
      retainOnDelete: opts?.retainOnDelete ?? this.protectData,
    };
  }

  private required<Account>(vendor: string, connect: (() => Account) | undefined): Account {
    if (connect === undefined) {
      throw new InputError(
        `The system ${this.system} uses ${vendor}, but its scope has no account there. ` +
          "Give the scope `elsewhere: connectAccounts(stack, process.env)`.",
      );
    }
    return connect();
  }
}
