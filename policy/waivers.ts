import type { StackName } from "../isolation/facts.ts";
import { expiryProblems } from "./expiry.ts";
import { globMatches } from "./glob.ts";
import type { Finding, Level, Rule, RuleContext } from "./rule.ts";
import type { LevelChange, Waiver } from "./settings.ts";

/** A rule that watches the waivers cannot be waived itself. */
const NEVER_WAIVED: ReadonlySet<string> = new Set(["valid-waivers"]);

/** An entry of the settings that counts for nothing, with all that is wrong with it. */
export interface FaultyEntry {
  /** For example `waivers[2] (separate-accounts)`. */
  readonly label: string;
  /** Each completes the sentence "The entry …". */
  readonly problems: readonly string[];
}

/** The exceptions that count for the subject, and the entries that were meant as such but do not. */
export interface Exceptions {
  readonly waivers: readonly Waiver[];
  readonly levels: readonly LevelChange[];
  readonly faulty: readonly FaultyEntry[];
}

type Known = Pick<RuleContext, "subject" | "siblings" | "settings" | "today">;

/** Sorts the settings' entries that are for the subject into those that count and those that do not. */
export function exceptionsFor(context: Known, rules: readonly Rule[]): Exceptions {
  const { settings, today } = context;
  const levelOf = new Map(rules.map(({ name, level }) => [name, level]));
  const faulty: FaultyEntry[] = [];
  const sound =
    <Entry extends Waiver | LevelChange>(
      list: string,
      problemsOf: (entry: Entry) => readonly string[],
    ) =>
    (entry: Entry, index: number): Entry[] => {
      if (!isFor(entry, context.subject)) return [];
      const problems = problemsOf(entry);
      if (problems.length === 0) return [entry];
      faulty.push({ label: entryLabel(list, index, entry), problems });
      return [];
    };
  return {
    waivers: settings.waivers.flatMap(
      sound("waivers", (waiver) => [
        ...ruleProblems(waiver.rule, levelOf),
        ...scopeProblems(waiver, context),
        ...accountabilityProblems(waiver, today),
      ]),
    ),
    levels: settings.levels.flatMap(
      sound("levels", (change) => [
        ...ruleProblems(change.rule, levelOf),
        ...(change.level === "advisory" && levelOf.get(change.rule) === "mandatory"
          ? accountabilityProblems(change, today)
          : []),
      ]),
    ),
    faulty,
  };
}

/** True where the waiver names the finding: everything that it says must hold. */
export function waives(waiver: Waiver, rule: Pick<Rule, "name">, finding: Finding): boolean {
  const urns = [finding.urn, finding.other?.urn].filter((urn) => urn !== undefined);
  return (
    waiver.rule === rule.name &&
    (waiver.identity === undefined || sameText(waiver.identity, finding.identity)) &&
    (waiver.urn === undefined || urns.some((urn) => globMatches(waiver.urn ?? "", urn))) &&
    (waiver.path === undefined || globMatches(waiver.path, finding.path ?? ""))
  );
}

/** How strictly a rule holds for the subject: as the settings say, else as the finding or the rule does. */
export function levelOf(rule: Rule, finding: Finding, changes: readonly LevelChange[]): Level {
  const change = changes.find((candidate) => candidate.rule === rule.name);
  return change?.level ?? finding.level ?? rule.level;
}

/** For example `waivers[2] (separate-accounts)`. */
export function entryLabel(
  list: string,
  index: number,
  { rule }: { readonly rule: string },
): string {
  return `${list}[${index}]${rule === "" ? "" : ` (${rule})`}`;
}

/** True where an entry is for all stacks, or names this one. */
const isFor = ({ stacks }: Waiver | LevelChange, { stack }: StackName): boolean =>
  stacks === undefined || stacks.includes(stack);

const sameText = (a: string, b: string | undefined): boolean =>
  a.toLowerCase() === b?.toLowerCase();

function ruleProblems(rule: string, known: ReadonlyMap<string, Level>): string[] {
  if (rule === "") return ["names no rule"];
  if (!known.has(rule)) return [`names the rule ${rule}, which does not exist`];
  return NEVER_WAIVED.has(rule) ? [`is for ${rule}, which allows no exception`] : [];
}

function accountabilityProblems(
  { owner, reason, expires }: Waiver | LevelChange,
  today: string,
): string[] {
  return [
    ...(owner === "" ? ["has no owner"] : []),
    ...(reason === "" ? ["has no reason"] : []),
    ...expiryProblems(expires, today),
  ];
}

/** A waiver is for one thing. One that would also match what nobody has ever declared is for all. */
function scopeProblems(
  { identity, urn, path }: Waiver,
  { subject, siblings }: Pick<RuleContext, "subject" | "siblings">,
): string[] {
  if (identity === undefined && urn === undefined && path === undefined)
    return ["names neither identity, urn nor path, so that it would waive everything"];
  const stacks = [subject, ...siblings.map(({ name }) => name)];
  const anyUrn = stacks.some(({ project, stack }) =>
    ["", "bulkhead:index:Scope$"].some((parent) =>
      globMatches(urn ?? "*", `urn:pulumi:${stack}::${project}::${parent}zq:zq/zq:Zq::zq`),
    ),
  );
  const anyPath = globMatches(path ?? "*", "zq[0].zq");
  return identity === undefined && anyUrn && anyPath
    ? ["matches every resource of a stack; name the one it is for"]
    : [];
}
