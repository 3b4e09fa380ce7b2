import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  databaseOf,
  Router,
  type RoutingVariables,
  readRouting,
  SCHEMAS,
} from "../../systems/handled/worker/routing.ts";

const PRIMARY = "postgresql://handled_user:pri-secret@db.example.com:25060/handled_primary";
const DATA = "postgresql://handled_data_user:dat-secret@203.0.113.9:5432/handled_data";
const SPLIT: RoutingVariables = {
  SPLIT_DB_MODE: "true",
  PRIMARY_DATABASE_URL: PRIMARY,
  DATA_DATABASE_URL: DATA,
};
const SINGLE = { ...SPLIT, SPLIT_DB_MODE: "false", DATA_DATABASE_URL: PRIMARY };

/** Records what reaches each database. */
function recording() {
  const seen: string[] = [];
  const runner = (name: string) => ({
    query: async (text: string, values?: readonly unknown[]) => {
      seen.push(`${name}: ${text} ${JSON.stringify(values)}`);
      return { rows: [{ from: name }] };
    },
  });
  return { seen, runners: { PRIMARY: runner("PRIMARY"), DATA: runner("DATA") } };
}

describe("the routing of schemas to databases (H6-H8)", () => {
  it("sends config and customer to PRIMARY, workspace and reference to DATA", async () => {
    const { seen, runners } = recording();
    const router = new Router(runners);
    for (const schema of SCHEMAS) await router.query(schema, `SELECT FROM ${schema}.t`, [1]);
    expect(seen).toEqual([
      "PRIMARY: SELECT FROM config.t [1]",
      "PRIMARY: SELECT FROM customer.t [1]",
      "DATA: SELECT FROM workspace.t [1]",
      "DATA: SELECT FROM reference.t [1]",
    ]);
  });

  it("refuses a schema that the product does not have, whatever its name", async () => {
    const { seen, runners } = recording();
    const names = fc.string().filter((name) => !SCHEMAS.some((schema) => schema === name));
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        await expect(new Router(runners).query(name, "SELECT 1")).rejects.toThrow(/no schema/);
      }),
    );
    expect(() => databaseOf("constructor")).toThrow(/no schema/);
    expect(seen).toEqual([]);
  });

  it("logs the text of queries when asked, and never their values", async () => {
    const { runners } = recording();
    const lines: string[] = [];
    await new Router(runners, (line) => lines.push(line)).query("config", "SELECT $1", ["secret"]);
    await new Router(runners).query("config", "SELECT 2");
    expect(lines).toEqual(["PRIMARY SELECT $1"]);
  });
});

describe("the settings of the routing (H4-H5)", () => {
  it("are read in both modes", () => {
    expect(readRouting(SPLIT)).toEqual({
      split: true,
      urls: { PRIMARY, DATA },
      logQueries: false,
    });
    expect(readRouting(SINGLE).split).toBe(false);
    expect(readRouting({ ...SPLIT, LOG_DB_QUERIES: "true" }).logQueries).toBe(true);
  });

  it.each([
    ["the same database in split mode", { ...SPLIT, DATA_DATABASE_URL: PRIMARY }, /same database/],
    [
      "the same database with another client's parameters, port and case (T13)",
      {
        ...SPLIT,
        PRIMARY_DATABASE_URL: "postgresql://a:x@DB.example.com./one?pgbouncer=true",
        DATA_DATABASE_URL: "postgresql://b:y@db.example.com:5432/one",
      },
      /same database/,
    ],
    [
      "two databases in single mode",
      { ...SINGLE, DATA_DATABASE_URL: DATA },
      /SPLIT_DB_MODE is false/,
    ],
    ["a missing URL", { ...SPLIT, DATA_DATABASE_URL: undefined }, /DATA_DATABASE_URL is not set/],
    ["no URL at all", { ...SPLIT, DATA_DATABASE_URL: "nonsense" }, /DATA_DATABASE_URL is no URL/],
    ["a missing mode", { ...SPLIT, SPLIT_DB_MODE: undefined }, /SPLIT_DB_MODE is not set/],
    ["a mode that is none", { ...SPLIT, SPLIT_DB_MODE: "yes" }, /"yes", which is neither/],
  ])("refuse %s, without showing a password (T27)", (_what, variables, message) => {
    expect(() => readRouting(variables)).toThrow(message);
    expect(() => readRouting(variables)).not.toThrow(/secret|nonsense/);
  });

  it("take another database on the same server for two databases", () => {
    const other = PRIMARY.replace("handled_primary", "handled_data");
    expect(readRouting({ ...SPLIT, DATA_DATABASE_URL: other }).split).toBe(true);
  });
});
