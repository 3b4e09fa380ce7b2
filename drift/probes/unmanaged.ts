/** What is in the stack's accounts beside every stack's state: listed at the vendors, product by product. */
import { concurrently } from "../../policy/siblings/concurrently.ts";
import type { Difference, Trace } from "../finding.ts";
import { belongingOf, type Environment, environmentOf } from "../inventory/belonging.ts";
import { type Shelf, shelvesOf } from "../inventory/catalogue.ts";
import { failureOf } from "../inventory/failure.ts";
import type { Listed } from "../inventory/product.ts";
import { grouped } from "./facts.ts";
import { PartlyUnknown, type Probe, type ProbeInput } from "./probe.ts";

/** Products that are listed at once: few, since many stacks are looked at together. */
const LISTS_AT_ONCE = 4;

export const unmanaged: Probe = {
  name: "unmanaged",
  looksAt: "what is in the stack's accounts beside its state",
  async run({ recorded, tier, accounts, isOwned }) {
    const own = environmentOf(recorded, tier);
    const opened = await accounts();
    const shelves = await shelvesOf(opened);
    const looked = await concurrently(shelves, LISTS_AT_ONCE, (shelf) => look(shelf, own, isOwned));
    const differences = looked.flatMap((each) => each.differences);
    const problems = looked.flatMap((each) => each.problems);
    // The keys of a profile or a role are not in the state: the account is there all the same.
    if (opened.aws === undefined && recorded.resources.some(({ type }) => type === AWS_PROVIDER))
      problems.push(WITHOUT_KEYS);
    if (problems.length > 0) throw new PartlyUnknown(inWords(problems), differences);
    return differences;
  },
};

const AWS_PROVIDER = "pulumi:providers:aws";

const WITHOUT_KEYS: Problem = {
  things: "AWS's account",
  why: "The stack's provider has no access key in its state. Give it one (aws:accessKey, aws:secretKey).",
};

/** Things that could not be looked at. */
interface Problem {
  /** For example `Cloudflare's D1 databases`. */
  readonly things: string;
  readonly why: string;
}

interface Looked {
  readonly differences: readonly Difference[];
  readonly problems: readonly Problem[];
}

/** A product that cannot be listed keeps no other from being looked at. */
async function look(
  shelf: Shelf,
  own: Environment,
  isOwned: ProbeInput["isOwned"],
): Promise<Looked> {
  const differences: Difference[] = [];
  const problems: Problem[] = [];
  try {
    for (const found of await shelf.list()) {
      if (!isNobodys(shelf, found, isOwned)) continue;
      // What it says of itself decides about the words only: it is there, whatever becomes of them.
      const labels = await found.labels().catch((error: unknown) => {
        problems.push(problemOf(shelf, error));
        return {};
      });
      const difference = differenceOf(shelf, found, belongingOf(found.name, labels, own));
      // A vendor that does not tell is asked again by whoever imports it.
      const importId = await found.importId().catch(() => undefined);
      differences.push(importId === undefined ? difference : { ...difference, importId });
    }
  } catch (error) {
    problems.push(problemOf(shelf, error));
  }
  return { differences, problems };
}

/** What ends with something else is reported with that, when that is nobody's. */
function isNobodys(
  { types }: Shelf,
  { id, expected, within, alsoOwnedAs = [] }: Listed,
  isOwned: ProbeInput["isOwned"],
): boolean {
  if (expected !== undefined) return false;
  if (within !== undefined && !isOwned(within.type, within.id)) return false;
  const owners = [...types.map((type) => ({ type, id })), ...alsoOwnedAs];
  return !owners.some((owner) => isOwned(owner.type, owner.id));
}

function differenceOf(
  { types: [type], vendor, thing }: Shelf,
  { id, name, createdAt }: Listed,
  { to, because }: ReturnType<typeof belongingOf>,
): Difference {
  const message = `The ${thing} ${name} is in this environment's account at ${vendor}, and no stack owns it.`;
  return {
    kind: to === "own" ? "orphaned" : "unmanaged",
    subject: { urn: null, type, name, id },
    message: because === "" ? message : `${message} ${because}`,
    changes: [],
    trace: traceOf(createdAt, vendor),
    rules: [],
  };
}

function traceOf(createdAt: Listed["createdAt"], vendor: string): Trace | null {
  const at = new Date(createdAt ?? Number.NaN);
  return Number.isNaN(at.getTime())
    ? null
    : { actor: null, at: at.toISOString(), source: `${vendor} API` };
}

function problemOf({ vendor, thing, permission }: Shelf, error: unknown): Problem {
  const { said, forbidden, remedy = "" } = failureOf(error);
  const advice = forbidden ? `Give the stack's credentials there ${permission}.` : remedy;
  return { things: `${vendor}'s ${plural(thing)}`, why: `${said}. ${advice}`.trim() };
}

/** One sentence for each cause, which often is the same for several products. */
function inWords(problems: readonly Problem[]): string {
  const causes = grouped(problems, ({ why }) => why);
  return [...causes]
    .map(([why, each]) => `${[...new Set(each.map(({ things }) => things))].join(", ")}: ${why}`)
    .join(" ");
}

const plural = (thing: string): string => thing.replace(/s?$/, "s");
