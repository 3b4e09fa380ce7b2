/** Statements that give a D1 database the schema of its migrations back. */

import type { Difference, PropertyChange } from "../../finding.ts";
import { textAt } from "../../probes/facts.ts";
import { type Repair, type RepairSite, resourceOf } from "./repair.ts";

export const MIGRATIONS = "bulkhead:d1:Migrations";

/**
 * How an object of a D1 database becomes again what the migrations make; undefined where no statement
 * does it, or a report has cut the definition.
 */
export function d1Repair(difference: Difference): Repair | undefined {
  const { subject, key = "", changes } = difference;
  const [type = "", name = ""] = splitOnce(key, " ");
  if (subject.type !== MIGRATIONS || !OBJECTS.has(type)) return undefined;
  const statements = changes.map((change) => statementFor(type, name, change));
  if (statements.length === 0 || statements.includes(undefined)) return undefined;
  const sql = statements.join("; ");
  const lost = changes.filter(({ before, after }) => before === null && after !== null);
  const holdsData = type === "table" && lost.length > 0;
  return {
    effect: `Runs \`${sql}\` in the database.`,
    ...(holdsData
      ? { loses: lost.map(({ path }) => path.replace(/\.definition$/, "")).join(", ") }
      : {}),
    apply: (site) => run(site, difference, sql),
  };
}

const OBJECTS: ReadonlySet<string> = new Set(["table", "index", "trigger", "view"]);

function statementFor(
  type: string,
  name: string,
  { path, before, after }: PropertyChange,
): string | undefined {
  const column = /\.columns\[(.+)\]$/.exec(path)?.[1];
  if (column !== undefined) {
    if (after === null) {
      const declared = whole(before);
      // SQLite adds no column that existing rows could not have.
      const isAddable =
        declared !== undefined &&
        !/PRIMARY KEY|generated/.test(declared) &&
        (!declared.includes("NOT NULL") || declared.includes("DEFAULT"));
      return isAddable
        ? `ALTER TABLE ${quoted(name)} ADD COLUMN ${quoted(column)} ${declared}`
        : undefined;
    }
    return before === null
      ? `ALTER TABLE ${quoted(name)} DROP COLUMN ${quoted(column)}`
      : undefined;
  }
  if (before === null) return `DROP ${type.toUpperCase()} ${quoted(name)}`;
  const definition = whole(before);
  if (after === null || definition === undefined) return definition;
  // Only a table holds anything.
  return type === "table" ? undefined : `DROP ${type.toUpperCase()} ${quoted(name)}; ${definition}`;
}

/** A value as reports show it, when it is not cut. */
function whole(shown: string | null): string | undefined {
  try {
    const value: unknown = JSON.parse(shown ?? "");
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

async function run(site: RepairSite, { subject }: Difference, sql: string): Promise<void> {
  const { cloudflare } = site.accounts;
  const { outputs } = resourceOf(site, subject);
  if (cloudflare === undefined)
    throw new Error("The stack has no account at Cloudflare. Check its providers.");
  await cloudflare.client.d1.database.query(textAt(outputs, "databaseId") ?? subject.id ?? "", {
    account_id: cloudflare.accountId,
    sql,
  });
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
