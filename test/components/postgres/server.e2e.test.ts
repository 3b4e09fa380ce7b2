import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PostgresState } from "../../../components/postgres/postgres.ts";
import type { StackOutputs } from "../../../components/system-outputs.ts";
import {
  administratorUrl,
  psql,
  type Variables,
  variable,
  variablesOf,
} from "../../support/data-clients.ts";
import { openTestEstate, type TestEstate } from "../../support/estate.ts";
import { runClient } from "../../support/programs.ts";

/* The servers of one environment of the real program, as the component promises them. */

const STACK = "staging";

let estate: TestEstate;
let variables: Variables;
let outputs: StackOutputs;

beforeAll(async () => {
  estate = openTestEstate(undefined, ["agentverse", "instainstru", "handled"]);
  const up = await estate.bulkhead("up", STACK, "--yes");
  expect(up, up.output).toMatchObject({ exitCode: 0 });
  variables = await variablesOf(estate, STACK);
  outputs = await estate.outputs(STACK);
}, 600_000);
afterAll(() => estate.close());

function stateOf(system: string, server: string): PostgresState {
  const state = outputs.systems[system]?.postgres[server];
  if (state === undefined) throw new Error(`${system} has no ${server}.`);
  return state;
}

describe.each([
  { system: "agentverse", server: "main", name: "DATABASE_URL" },
  { system: "instainstru", server: "main", name: "STG_DATABASE_URL" },
  { system: "handled", server: "primary", name: "PRIMARY_DIRECT_URL" },
  // Its certificate has its name and not its address.
  { system: "handled", server: "data", name: "DATA_DATABASE_URL", host: "handled-data-staging" },
])("$server of $system", ({ system, server, name, host }) => {
  it("is verified in full by psql with the authority of the output, and not with another's", async () => {
    const { caCertificate } = stateOf(system, server);
    const file = join(estate.stateDir, `${system}-${server}.pem`);
    writeFileSync(file, caCertificate);
    const url = new URL(variable(variables, system, name));
    const connect = (sslrootcert: string, at = host ?? url.hostname) =>
      runClient("psql", ["-X", "-At", "-c", "SELECT current_user"], {
        PGHOST: at,
        PGHOSTADDR: url.hostname,
        PGPORT: url.port,
        PGUSER: url.username,
        PGPASSWORD: decodeURIComponent(url.password),
        PGDATABASE: url.pathname.slice(1),
        PGSSLMODE: "verify-full",
        PGSSLROOTCERT: sslrootcert,
        PGCONNECT_TIMEOUT: "10",
      });
    const login = await connect(file);
    expect(login, login.stderr).toMatchObject({ exitCode: 0, stdout: url.username });
    const other = server === "data" ? stateOf("agentverse", "main") : stateOf("handled", "data");
    const otherFile = join(estate.stateDir, "other.pem");
    writeFileSync(otherFile, other.caCertificate);
    expect((await connect(otherFile)).stderr).toContain("certificate verify failed");
    expect((await connect(file, "another.example.com")).stderr).toMatch(/does not match host name/);
  });
});

describe("handled's primary", () => {
  const administrator = () =>
    administratorUrl(estate, STACK, "handled-primary-staging", "handled_primary");
  const changesOf = async (...args: string[]): Promise<Record<string, number>> => {
    const { stdout, output, exitCode } = await estate.bulkhead(...args, "--json");
    expect(exitCode, output).toBe(0);
    return JSON.parse(stdout).changes;
  };

  it("limits the connections of a user that the vendor has made", async () => {
    const limit = "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'handled_user'";
    expect(await psql(await administrator(), limit)).toMatchObject({ stdout: "15" });
  });

  it("shows by refresh a right that everybody was given, and `up` takes it away", async () => {
    const rights =
      "SELECT count(*) FROM pg_database, aclexplode(datacl) WHERE datname = current_database() AND grantee = 0";
    expect(Object.keys(await changesOf("refresh", STACK, "--yes"))).toEqual(["same"]);
    await psql(await administrator(), "GRANT CONNECT ON DATABASE handled_primary TO PUBLIC");
    expect(await psql(await administrator(), rights)).toMatchObject({ stdout: "1" });
    expect(await changesOf("refresh", STACK, "--yes")).toMatchObject({ update: 1 });
    expect(await changesOf("up", STACK, "--yes")).toMatchObject({ update: 1 });
    expect(await psql(await administrator(), rights)).toMatchObject({ stdout: "0" });
    expect(Object.keys(await changesOf("refresh", STACK, "--yes"))).toEqual(["same"]);
    expect(Object.keys(await changesOf("up", STACK, "--yes"))).toEqual(["same"]);
  });
});
