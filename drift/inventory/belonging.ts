/** Whom a thing was made for, by what it says of itself. Pure. */
import { environmentLabel } from "../../components/naming.ts";
import { type Tier, tiersSpelledBy } from "../../components/tier.ts";
import type { StackFacts } from "../../isolation/facts.ts";
import type { Labels } from "./product.ts";

/** How an environment's things are told by their names and labels. */
export interface Environment {
  readonly project: string;
  readonly environment: string;
  readonly tier: Tier;
  /** Systems that it has now. */
  readonly systems: readonly string[];
}

/**
 * `own`: this program made it for this environment once. `foreign`: it is another environment's.
 * `unknown`: it says neither.
 */
export interface Belonging {
  readonly to: "own" | "foreign" | "unknown";
  /** Sentence that says why; empty for `unknown`. */
  readonly because: string;
}

const UNKNOWN: Belonging = { to: "unknown", because: "" };

export function environmentOf({ project, stack, resources }: StackFacts, tier: Tier): Environment {
  const scopes = resources.filter(({ type }) => type === "bulkhead:index:Scope");
  return { project, environment: stack, tier, systems: scopes.map(({ name }) => name) };
}

/** Labels are surer than names: they say what they mean. */
export function belongingOf(name: string, labels: Labels, own: Environment): Belonging {
  return byLabels(labels, own) ?? byName(name, own) ?? UNKNOWN;
}

function byLabels(labels: Labels, own: Environment): Belonging | undefined {
  const { environment, project } = labels;
  if (environment === undefined) return undefined;
  const of = project === undefined ? "" : ` of the project ${project}`;
  const said = `labels say that it is of the environment ${environment}${of}`;
  const isOwn = environment === own.environment && (project ?? own.project) === own.project;
  return isOwn
    ? { to: "own", because: `It was made for this environment: its ${said}.` }
    : {
        to: "foreign",
        because: `Its ${said}, and this is ${own.environment} of the project ${own.project}.`,
      };
}

function byName(name: string, own: Environment): Belonging | undefined {
  const label = environmentLabel(own.environment);
  const text = name.toLowerCase();
  const system = own.systems.find((each) => text.startsWith(`${each}-`));
  const ends = text.endsWith(`-${label}`);
  if (ends || (system !== undefined && `${text}-`.includes(`-${label}-`))) {
    const begins = system === undefined ? "" : ` begins with the system ${system} and`;
    return {
      to: "own",
      because: `It was made for this environment: its name${begins} carries "-${label}", as this program writes names.`,
    };
  }
  const [tier, ...more] = tiersSpelledBy(name);
  if (tier === undefined || more.length > 0 || tier === own.tier) return undefined;
  return { to: "foreign", because: `Its name speaks of ${tier}, and this is ${own.tier}.` };
}
