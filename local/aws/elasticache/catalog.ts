import { invalidCombination, invalidValue } from "../protocol/errors.ts";

export const ENGINES = ["valkey", "redis"] as const;
export type Engine = (typeof ENGINES)[number];

/** The versions that are offered. One server stands for both engines, whichever the machine has. */
const VERSIONS: Readonly<
  Record<
    Engine,
    { readonly asked: readonly string[]; readonly full: string; readonly family: string }
  >
> = {
  valkey: { asked: ["8", "8.0", "8.0.1"], full: "8.0.1", family: "valkey8" },
  redis: { asked: ["7", "7.1", "7.1.0"], full: "7.1.0", family: "redis7" },
};

export const families: readonly string[] = ENGINES.map((engine) => VERSIONS[engine].family);
export const familyOf = (engine: Engine): string => VERSIONS[engine].family;
export const defaultParameterGroup = (family: string): string => `default.${family}`;

/** Memory of a node of each type, in GiB, which limits what its server keeps. */
const NODE_MEMORY: Readonly<Record<string, number>> = {
  "cache.t3.micro": 0.5,
  "cache.t3.small": 1.37,
  "cache.t3.medium": 3.09,
  "cache.t4g.micro": 0.5,
  "cache.t4g.small": 1.37,
  "cache.t4g.medium": 3.09,
  ...sizes("m5", 6.38),
  ...sizes("m6g", 6.38),
  ...sizes("m7g", 6.38),
  ...sizes("r5", 13.07),
  ...sizes("r6g", 13.07),
  ...sizes("r7g", 13.07),
};

function sizes(family: string, large: number): Record<string, number> {
  const factors = {
    large: 1,
    xlarge: 2,
    "2xlarge": 4,
    "4xlarge": 8,
    "8xlarge": 16,
    "12xlarge": 24,
  };
  return Object.fromEntries(
    Object.entries(factors).map(([size, factor]) => [`cache.${family}.${size}`, large * factor]),
  );
}

/** In bytes. Throws the vendor's refusal of a type that it does not have. */
export function nodeMemory(nodeType: string): number {
  const memory = NODE_MEMORY[nodeType];
  if (memory !== undefined) return Math.floor(memory * 1024 ** 3);
  throw invalidValue(`Invalid Cache Node type: ${nodeType}.`);
}

/** The full version that `asked` means. Throws the vendor's refusal of others. */
export function engineVersion(engine: Engine, asked: string | undefined): string {
  const { asked: known, full } = VERSIONS[engine];
  if (asked === undefined || known.includes(asked)) return full;
  throw invalidCombination(
    `Cannot find version ${asked} for ${engine}. The local cloud has ${full}.`,
  );
}
