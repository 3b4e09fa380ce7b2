import { isIPv4 } from "node:net";
import { InputError } from "./input-error.ts";
import { isTier, TIERS, type Tier, tierOfStackName, tiersSpelledBy } from "./tier.ts";

/** The texts under `bulkhead:` in a stack's configuration, as Pulumi hands them out. */
export interface RawSettings {
  readonly systems: string | undefined;
  readonly tier: string | undefined;
  readonly protect: string | undefined;
  readonly operatorAddresses: string | undefined;
}

/** What a stack's configuration decides. */
export interface Settings<System extends string> {
  /** Systems to declare. Default: all. */
  readonly systems: readonly System[];
  /** Default: by the stack's name. */
  readonly tier: Tier;
  /**
   * Whether data is protected. Default: only in production. Must be said by a stack whose name
   * spells production and whose tier is another.
   */
  readonly protectData: boolean;
  /** Addresses (CIDR) that databases on the internet let in besides their users'. Default: none. */
  readonly operatorAddresses: readonly string[];
}

/**
 * The systems of a stack, as its configuration lists them; on the local cloud BULKHEAD_SYSTEMS
 * (`qhub,cutty`) has the last word, for machines that are too small for all of them.
 */
export function chosenSystems(
  config: { get(key: string): string | undefined },
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { BULKHEAD_CLOUD: cloud, BULKHEAD_SYSTEMS: names } = env;
  if (cloud !== "local" || !names) return config.get("systems");
  return JSON.stringify(names.split(",").map((name) => name.trim()));
}

/**
 * Validates a stack's configuration.
 *
 * @param known the systems that the program can declare.
 * @throws InputError naming the key, what is wrong with its value and the command that corrects it.
 */
export function readSettings<System extends string>(
  stack: string,
  raw: RawSettings,
  known: readonly System[],
): Settings<System> {
  const tier = readTier(stack, raw.tier);
  return {
    systems: readSystems(stack, raw.systems, known),
    tier,
    protectData: readFlag(stack, "protect", raw.protect) ?? protectedByDefault(stack, tier),
    operatorAddresses: readAddresses(stack, raw.operatorAddresses),
  };
}

/** A configuration copied from another stack brings that one's tier along, and must not unprotect. */
function protectedByDefault(stack: string, tier: Tier): boolean {
  if (tier !== "production" && tiersSpelledBy(stack).includes("production")) {
    throw new InputError(
      `The stack name ${stack} spells production, but bulkhead:tier is ${tier}, which leaves its ` +
        "data unprotected. Correct the tier: pulumi config set bulkhead:tier production " +
        `--stack ${stack}, or say that this is meant: ` +
        `pulumi config set bulkhead:protect false --stack ${stack}`,
    );
  }
  return tier === "production";
}

function readTier(stack: string, text: string | undefined): Tier {
  if (text === undefined) {
    return tierOfStackName(stack);
  }
  if (!isTier(text)) {
    throw new InputError(
      `bulkhead:tier is "${text}", which is no tier (${TIERS.join(", ")}). ` +
        `Correct it: pulumi config set bulkhead:tier ${TIERS[0]} --stack ${stack}`,
    );
  }
  return text;
}

function readFlag(stack: string, key: string, text: string | undefined): boolean | undefined {
  if (text === undefined || text === "true" || text === "false") {
    return text === undefined ? undefined : text === "true";
  }
  throw new InputError(
    `bulkhead:${key} is "${text}", which is neither true nor false. ` +
      `Correct it: pulumi config set bulkhead:${key} true --stack ${stack}`,
  );
}

function readSystems<System extends string>(
  stack: string,
  text: string | undefined,
  known: readonly System[],
): System[] {
  if (text === undefined) {
    return [...known];
  }
  const remedy = `Correct the list in Pulumi.${stack}.yaml.`;
  const names = parseList(text);
  if (!names || names.length === 0) {
    throw new InputError(`bulkhead:systems is "${text}", which is no list of systems. ${remedy}`);
  }
  return [...new Set(names)].map((name) => {
    const system = known.find((candidate) => candidate === name);
    if (system === undefined) {
      throw new InputError(
        `bulkhead:systems names "${name}", which is no system here (${known.join(", ")}). ${remedy}`,
      );
    }
    return system;
  });
}

function readAddresses(stack: string, text: string | undefined): string[] {
  if (text === undefined) return [];
  const remedy = `Correct the list in Pulumi.${stack}.yaml, for example ["203.0.113.7/32"].`;
  const addresses = parseList(text);
  if (!addresses) {
    throw new InputError(
      `bulkhead:operatorAddresses is "${text}", which is no list of addresses. ${remedy}`,
    );
  }
  for (const address of addresses) {
    const [host = "", bits = ""] = address.split("/");
    if (!isIPv4(host) || !/^(8|9|[12]\d|3[0-2])$/.test(bits)) {
      throw new InputError(
        `bulkhead:operatorAddresses has "${address}", which is no IPv4 range of /8 or smaller. ${remedy}`,
      );
    }
  }
  return addresses;
}

function parseList(text: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((name) => typeof name === "string")
      ? value
      : undefined;
  } catch {
    return undefined;
  }
}
